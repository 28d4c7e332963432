import { QUARTER_HOUR_MS, type QuarterHour } from "../../src/windows/percentile.ts";
import { rowsOf } from "./rows-of.ts";
import { historyFrom } from "../../src/windows/kept.ts";

interface TotalsRow {
  readonly symbol: string;
  readonly day: number;
  readonly long_usd: string;
  readonly short_usd: string;
}

interface UptimeRow {
  readonly day: number;
  readonly heard: string;
}

/** The statements that read the quarter-hours for ranking windows that end by `time` and are up to `longestMs` long. */
export function quarterHourHistory(
  db: D1Database,
  symbols: readonly string[],
  longestMs: number,
  time: number,
): readonly [totals: D1PreparedStatement, uptime: D1PreparedStatement] {
  const from = historyFrom(longestMs, time);
  return [
    db
      .prepare(
        "SELECT symbol, day, long_usd, short_usd FROM quarter_totals WHERE symbol IN (SELECT value FROM json_each(?1)) AND day >= ?2",
      )
      .bind(JSON.stringify(symbols), from),
    db.prepare("SELECT day, heard FROM quarter_heard WHERE day >= ?1 ORDER BY day").bind(from),
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
