import type { Config } from "../../src/config.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { uptimeShare } from "../../src/windows/uptime-share.ts";
import { QUARTER_HOURS_PER_DAY, QUARTER_HOUR_MS } from "../../src/windows/quarter-hour.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import { venueDays, venueHistory, weighVenues } from "../d1/quarter-hour-reads.ts";
import { rowsOf } from "../d1/rows-of.ts";
import { rowsBySymbol, summedSymbols } from "../d1/summed-symbols.ts";
import { VenueQuarterHours } from "./venue-quarter-hours.ts";
import { QUARTER_HOURS_CORRECTED_MS, QUARTER_HOURS_FROM_MINUTES_MS, QUARTER_HOURS_KEPT_MS } from "../../src/windows/kept.ts";

/** Maximum backlog per run: one day. */
const MAX_RUN_MS = DAY_MS;

const SUMS = `
  SELECT symbol, minute - minute % ${QUARTER_HOUR_MS} AS quarter_hour, position_side, exchange, sum(usd) AS usd
  FROM ${rowsBySymbol("minute_totals")} WHERE minute >= ?1 AND minute < ?2 AND usd IS NOT NULL GROUP BY 1, 2, 3, 4`;
/** Of each base asset the first, by its key. */
const FIRST_MINUTE = `
  SELECT min((SELECT minute FROM minute_totals WHERE symbol = summed_symbol ORDER BY minute LIMIT 1)) AS minute
  FROM ${summedSymbols("minute_totals")}`;
const DAYS = "SELECT symbol, day, long_usd, short_usd FROM quarter_totals WHERE day >= ?1 AND day < ?2";
const UPTIME = "SELECT day, heard FROM quarter_heard WHERE day >= ?1 AND day < ?2";
const STORE_TOTALS = `
  INSERT INTO quarter_totals (symbol, day, long_usd, short_usd)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true
  ON CONFLICT (symbol, day) DO UPDATE SET long_usd = excluded.long_usd, short_usd = excluded.short_usd`;
const STORE_VENUES = `
  INSERT INTO quarter_venues (exchange, day, usd) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) WHERE true
  ON CONFLICT (exchange, day) DO UPDATE SET usd = excluded.usd`;
const STORE_UPTIME = `
  INSERT INTO quarter_heard (day, heard) SELECT value ->> 0, value ->> 1 FROM json_each(?1) WHERE true
  ON CONFLICT (day) DO UPDATE SET heard = excluded.heard`;

interface SumRow {
  readonly symbol: string;
  readonly quarter_hour: number;
  readonly position_side: PositionSide;
  readonly exchange: ExchangeName;
  readonly usd: number;
}

interface DayRow {
  readonly symbol: string;
  readonly day: number;
  readonly long_usd: string;
  readonly short_usd: string;
}

export interface QuarterHourTotalsRecord {
  /** Number of new quarter-hours. */
  readonly quarter_hours: number;
  readonly rows_read: number;
}

/**
 * Adds the quarter-hours that ended at least a minute ago to the history that windows are ranked against. The stored
 * values are absolute, so that a repeated run changes nothing.
 */
export async function quarterHourTotals(db: D1Database, config: Config, scheduledTime: number): Promise<QuarterHourTotalsRecord> {
  const due = await dueRange(db, scheduledTime);
  if (due.start >= due.end) return { quarter_hours: 0, rows_read: 1 };
  const range = {
    start: Math.max(due.start - QUARTER_HOURS_CORRECTED_MS, floorTo(scheduledTime - QUARTER_HOURS_FROM_MINUTES_MS, HOUR_MS)),
    end: due.end,
  };
  const days = { start: floorTo(range.start, DAY_MS), end: due.end };
  const publishing = publishingVenues(config);
  const [sums, stored, storedUptime, gapRows, storedVenues] = await db.batch([
    db.prepare(SUMS).bind(range.start, range.end),
    db.prepare(DAYS).bind(days.start, days.end),
    db.prepare(UPTIME).bind(days.start, days.end),
    gapsInRange(db, publishing, range),
    venueHistory(db, due.end),
  ]);
  const totals = new DayArrays(rowsOf<DayRow>(stored));
  totals.clear(range);
  const venues = new VenueQuarterHours(venueDays(storedVenues));
  venues.clear(range, publishing);
  for (const row of rowsOf<SumRow>(sums)) {
    totals.add(row);
    venues.add(row.exchange, row.quarter_hour, row.usd);
  }
  const weights = weighVenues(publishing, venues.days(), range.end);
  const uptime = new Map(rowsOf<{ day: number; heard: string }>(storedUptime).map(readUptime));
  const { gaps } = gapsOf(gapRows);
  for (let start = range.start; start < range.end; start += QUARTER_HOUR_MS) {
    const day = floorTo(start, DAY_MS);
    const shares = uptime.get(day) ?? [];
    const index = (start - day) / QUARTER_HOUR_MS;
    // Before the first quarter-hour ever computed nothing was connected.
    while (shares.length < index) shares.push(0);
    shares[index] = uptimeShare(gaps, weights, { start, end: start + QUARTER_HOUR_MS });
    uptime.set(day, shares);
  }
  await db.batch([
    db.prepare(STORE_TOTALS).bind(JSON.stringify(totals.rows())),
    db.prepare(STORE_UPTIME).bind(JSON.stringify([...uptime].map(([day, shares]) => [day, JSON.stringify(shares)]))),
    db.prepare(STORE_VENUES).bind(JSON.stringify(venues.days().map(({ exchange, day, usd }) => [exchange, day, JSON.stringify(usd)]))),
    db.prepare("DELETE FROM quarter_venues WHERE day < ?1").bind(scheduledTime - QUARTER_HOURS_KEPT_MS),
    db.prepare("DELETE FROM quarter_totals WHERE day < ?1").bind(scheduledTime - QUARTER_HOURS_KEPT_MS),
    db.prepare("DELETE FROM quarter_heard WHERE day < ?1").bind(scheduledTime - QUARTER_HOURS_KEPT_MS),
  ]);
  const read = [sums, stored, storedUptime, gapRows, storedVenues].reduce((rows, result) => rows + (result?.meta.rows_read ?? 0), 1);
  return { quarter_hours: (due.end - due.start) / QUARTER_HOUR_MS, rows_read: read };
}

/**
 * From the first quarter-hour that is not computed, or that of the first stored minute, to the last one that ended at
 * least a minute ago.
 */
async function dueRange(db: D1Database, scheduledTime: number): Promise<TimeRange> {
  const latest = await db.prepare("SELECT day, heard FROM quarter_heard ORDER BY day DESC LIMIT 1").first<{ day: number; heard: string }>();
  const end = floorTo(scheduledTime - MINUTE_MS, QUARTER_HOUR_MS);
  let start: number;
  if (latest === null) {
    const first = await db.prepare(FIRST_MINUTE).first<number>("minute");
    start = floorTo(first ?? end, QUARTER_HOUR_MS);
  } else {
    start = latest.day + readUptime(latest)[1].length * QUARTER_HOUR_MS;
  }
  start = Math.max(start, floorTo(scheduledTime - QUARTER_HOURS_FROM_MINUTES_MS, HOUR_MS));
  return { start, end: Math.min(end, start + MAX_RUN_MS) };
}

function readUptime({ day, heard }: { readonly day: number; readonly heard: string }): [number, number[]] {
  return [day, JSON.parse(heard) as number[]];
}

const emptyDay = (): number[] => Array.from({ length: QUARTER_HOURS_PER_DAY }, () => 0);

/** Days of quarter-hours per symbol and side. */
class DayArrays {
  readonly #days = new Map<string, { readonly symbol: string; readonly day: number; readonly long: number[]; readonly short: number[] }>();

  constructor(rows: readonly DayRow[]) {
    for (const { symbol, day, long_usd, short_usd } of rows) {
      this.#days.set(`${day} ${symbol}`, { symbol, day, long: JSON.parse(long_usd) as number[], short: JSON.parse(short_usd) as number[] });
    }
  }

  clear({ start, end }: TimeRange): void {
    for (const { day, long, short } of this.#days.values()) {
      const from = Math.max(0, (start - day) / QUARTER_HOUR_MS);
      const to = Math.min(QUARTER_HOURS_PER_DAY, (end - day) / QUARTER_HOUR_MS);
      if (from < to) {
        long.fill(0, from, to);
        short.fill(0, from, to);
      }
    }
  }

  add({ symbol, quarter_hour, position_side, usd }: SumRow): void {
    const day = floorTo(quarter_hour, DAY_MS);
    const key = `${day} ${symbol}`;
    const entry = this.#days.get(key) ?? { symbol, day, long: emptyDay(), short: emptyDay() };
    const index = (quarter_hour - day) / QUARTER_HOUR_MS;
    entry[position_side][index] = (entry[position_side][index] ?? 0) + usd;
    this.#days.set(key, entry);
  }

  rows(): readonly (readonly [string, number, string, string])[] {
    return [...this.#days.values()].map(({ symbol, day, long, short }) => [symbol, day, JSON.stringify(long), JSON.stringify(short)]);
  }
}
