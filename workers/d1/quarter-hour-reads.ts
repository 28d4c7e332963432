import { QUARTER_HOUR_MS, type QuarterHour } from "../../src/windows/quarter-hour.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { type VenueWeights, WEIGHED_OVER_MS, venueWeights } from "../../src/windows/venue-weights.ts";
import { rowsOf } from "./rows-of.ts";
import { historyFrom } from "../../src/windows/kept.ts";

interface TotalsRow {
  readonly symbol: string;
  readonly day: number;
  readonly long_usd: string;
  readonly short_usd: string;
}

interface VenueRow {
  readonly exchange: ExchangeName;
  readonly day: number;
  readonly usd: string;
}

/** A venue's USD by quarter-hour of a day; null where it is not computed. */
export interface VenueDay {
  readonly exchange: ExchangeName;
  readonly day: number;
  readonly usd: readonly (number | null)[];
}

interface UptimeRow {
  readonly day: number;
  readonly heard: string;
}

/** The statement that reads the USD that the weights of venues follow at `time`; pass its rows to `weightsOf`. */
export function venueHistory(db: D1Database, time: number): D1PreparedStatement {
  const from = floorTo(time - WEIGHED_OVER_MS, DAY_MS) - DAY_MS;
  return db.prepare("SELECT exchange, day, usd FROM quarter_venues WHERE day >= ?1 ORDER BY day").bind(from);
}

/** The weights of these venues at the end of the last computed quarter-hour. */
export function weightsOf(publishing: readonly ExchangeName[], venues: D1Result | undefined, uptime: D1Result | undefined): VenueWeights {
  const days = rowsOf<UptimeRow>(uptime);
  const last = days.at(-1);
  const end = last === undefined ? 0 : last.day + numbers(last.heard).length * QUARTER_HOUR_MS;
  return weighVenues(publishing, venueDays(venues), end);
}

export function venueDays(result: D1Result | undefined): readonly VenueDay[] {
  return rowsOf<VenueRow>(result).map((row) => ({ ...row, usd: JSON.parse(row.usd) as VenueDay["usd"] }));
}

/** The weights by the quarter-hours that end by `end`; before the first one there is no history. */
export function weighVenues(publishing: readonly ExchangeName[], days: readonly VenueDay[], end: number): VenueWeights {
  const usd = new Map<ExchangeName, number>();
  const counts = new Map<ExchangeName, number>();
  for (const { exchange, day, usd: quarterHours } of days) {
    let [sum, count] = [usd.get(exchange) ?? 0, counts.get(exchange) ?? 0];
    for (const [index, value] of quarterHours.entries()) {
      const start = day + index * QUARTER_HOUR_MS;
      if (value === null || start < end - WEIGHED_OVER_MS || start >= end) continue;
      sum += value;
      count += 1;
    }
    if (count === 0) continue;
    usd.set(exchange, sum);
    counts.set(exchange, count);
  }
  return venueWeights(publishing, usd, Math.max(0, ...counts.values()));
}

/** The statements that read the quarter-hours for ranking windows that end by `time` and are up to `longestMs` long. */
export function quarterHourHistory(
  db: D1Database,
  symbols: readonly string[],
  longestMs: number,
  time: number,
): readonly [totals: D1PreparedStatement, uptime: D1PreparedStatement, venues: D1PreparedStatement] {
  const from = historyFrom(longestMs, time);
  return [
    db
      .prepare(
        "SELECT symbol, day, long_usd, short_usd FROM quarter_totals WHERE symbol IN (SELECT value FROM json_each(?1)) AND day >= ?2",
      )
      .bind(JSON.stringify(symbols), from),
    db.prepare("SELECT day, heard FROM quarter_heard WHERE day >= ?1 ORDER BY day").bind(from),
    venueHistory(db, time),
  ];
}

/**
 * The quarter-hours of one symbol in order, up to the last computed one. Its history begins with its first liquidation:
 * before that it may not have been collected.
 */
export function quarterHoursOf(symbol: string, totals: D1Result | undefined, uptime: D1Result | undefined): readonly QuarterHour[] {
  const rows = rowsOf<TotalsRow>(totals);
  const own = new Map(rows.filter((row) => row.symbol === symbol).map((row) => [row.day, row]));
  const days = rowsOf<UptimeRow>(uptime);
  const quarterHours = days.flatMap((day) => {
    const row = own.get(day.day);
    const long = numbers(row?.long_usd);
    const short = numbers(row?.short_usd);
    return numbers(day.heard).map((share, index) => ({
      start: day.day + index * QUARTER_HOUR_MS,
      long: long[index] ?? 0,
      short: short[index] ?? 0,
      uptime: share,
    }));
  });
  const first = quarterHours.findIndex((quarterHour) => quarterHour.long > 0 || quarterHour.short > 0);
  return first === -1 ? [] : quarterHours.slice(first);
}

function numbers(json: string | undefined): readonly number[] {
  return json === undefined ? [] : (JSON.parse(json) as readonly number[]);
}
