import type { D1Database } from "@cloudflare/workers-types";
import { type Config, parseConfig } from "../../src/config.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../src/minute-mark.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { QUARTER_HOURS_PER_DAY } from "../../src/windows/quarter-hour.ts";
import type { Totals } from "../../src/windows/totals.ts";
import { TOTAL_COLUMNS } from "../../workers/d1/total-columns.ts";
import { insertRows } from "../demo/history/insert-rows.ts";
import { poisson } from "../market-simulation/liquidation-sizes.ts";
import { createRandom, type Random } from "../simulator/random.ts";
import { loadWorkerModule } from "../worker-modules.ts";

export const BUSY_SYMBOLS: readonly string[] =
  "BTC ETH SOL XRP DOGE BNB ADA SUI LINK AVAX HYPE PEPE LTC TRX DOT UNI AAVE NEAR ENA WIF".split(" ");
export const EVENTS_PER_DAY = 200_000;

const SHARES: Readonly<Partial<Record<ExchangeName, number>>> = { bybit: 0.45, binance: 0.33, okx: 0.18, bitfinex: 0.04 };
const VENUES = ["bybit", "binance", "okx", "bitfinex"] as const;
/** What windows of 24 h and those before them are summed over: days of minutes, then days that only have quarter-hours. */
const MINUTE_DAYS = 2;
const QUARTER_DAYS = 9;
const MARKS_MS = 26 * HOUR_MS;
/** For the minutes that are run ahead of the clock. */
const AHEAD_MS = HOUR_MS / 2;
/** In those minutes these have so many times their usual flow, so that there are spikes to decide. */
const BURST = { symbols: ["ETH", "LINK", "WIF"], factor: 12 };

interface MinuteRow extends Totals {
  readonly minute: number;
  readonly symbol: string;
  readonly exchange: ExchangeName;
  readonly position_side: string;
}

/**
 * Fills empty stores with the totals of some days of 200,000 liquidations up to half an hour after a time, ms, and with the
 * marks of a day, as the Worker keeps them. The liquidations themselves are left out: a scheduled minute sums none of them.
 */
export async function storeBusyDays(db: D1Database, end: number): Promise<{ readonly minuteTotals: number; readonly minuteMarks: number }> {
  const random = createRandom(1, "busy days");
  const start = floorTo(end, DAY_MS) - MINUTE_DAYS * DAY_MS;
  const totals = minuteTotals(start, end, random);
  await insertRows(db, "minute_totals", ["minute", "symbol", "exchange", "position_side", ...TOTAL_COLUMNS], totals);
  const hours = Array.from({ length: Math.ceil((end + AHEAD_MS - start) / HOUR_MS) }, (_, index) => ({ hour: start + index * HOUR_MS }));
  await insertRows(db, "dirty_hours", ["hour"], hours);
  await storeQuarterHours(db, start, random);
  const gaps = VENUES.flatMap((exchange) => [
    { exchange, from_time: 0, to_time: start - QUARTER_DAYS * DAY_MS, reason: "not_started" },
    { exchange, from_time: end - MINUTE_MS, to_time: end + MINUTE_MS, reason: "restarted" },
  ]);
  await insertRows(db, "gaps", ["exchange", "from_time", "to_time", "reason"], gaps);
  const marks = minuteMarks(end, random);
  await insertRows(db, "minute_marks", Object.keys(marks[0] ?? {}) as (keyof MinuteMark)[], marks);
  await sumUp(db, end);
  return { minuteTotals: totals.length, minuteMarks: marks.length };
}

function minuteTotals(start: number, end: number, random: Random): readonly MinuteRow[] {
  const perMinute = (EVENTS_PER_DAY * MINUTE_MS) / DAY_MS / POSITION_SIDES.length;
  const weights = BUSY_SYMBOLS.map((_, index) => 1 / (index + 1));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const rows: MinuteRow[] = [];
  for (let minute = start; minute < end + AHEAD_MS; minute += MINUTE_MS) {
    for (const [index, symbol] of BUSY_SYMBOLS.entries()) {
      for (const exchange of VENUES) {
        const factor = minute >= end && BURST.symbols.includes(symbol) ? BURST.factor : 1;
        const mean = (factor * perMinute * (weights[index] ?? 0) * (SHARES[exchange] ?? 0)) / whole;
        for (const position_side of POSITION_SIDES) {
          const events = poisson(mean, random);
          if (events > 0) rows.push({ minute, symbol, exchange, position_side, ...totalsOf(events, random) });
        }
      }
    }
  }
  return rows;
}

function totalsOf(events: number, random: Random): Totals {
  const sizes = Array.from({ length: events }, () => 650 * Math.exp(2 * random.normal()));
  const usd = sizes.reduce((sum, size) => sum + size, 0);
  return {
    events,
    events_without_usd: 0,
    events_without_notional_mark: 0,
    usd,
    notional_mark_usd: usd,
    quantity: usd / 100,
    max_usd: Math.max(...sizes),
  };
}

/** The days before the minutes, of which the quarter-hours alone are kept. */
async function storeQuarterHours(db: D1Database, end: number, random: Random): Promise<void> {
  const days = Array.from({ length: QUARTER_DAYS }, (_, index) => end - (index + 1) * DAY_MS);
  const perQuarter = EVENTS_PER_DAY / QUARTER_HOURS_PER_DAY / BUSY_SYMBOLS.length / POSITION_SIDES.length;
  const day = (scale: number) =>
    JSON.stringify(Array.from({ length: QUARTER_HOURS_PER_DAY }, () => scale * perQuarter * 4_000 * Math.exp(random.normal())));
  const totals = days.flatMap((start) => BUSY_SYMBOLS.map((symbol) => ({ symbol, day: start, long_usd: day(1), short_usd: day(1) })));
  await insertRows(db, "quarter_totals", ["symbol", "day", "long_usd", "short_usd"], totals);
  const venues = days.flatMap((start) =>
    VENUES.map((exchange) => ({ exchange, day: start, usd: day(BUSY_SYMBOLS.length * POSITION_SIDES.length * (SHARES[exchange] ?? 0)) })),
  );
  await insertRows(db, "quarter_venues", ["exchange", "day", "usd"], venues);
  const heard = JSON.stringify(Array.from({ length: QUARTER_HOURS_PER_DAY }, () => 1));
  await insertRows(
    db,
    "quarter_heard",
    ["day", "heard"],
    days.map((start) => ({ day: start, heard })),
  );
}

function minuteMarks(end: number, random: Random): readonly MinuteMark[] {
  const start = floorTo(end, MINUTE_MS) - MARKS_MS;
  const marks: MinuteMark[] = [];
  for (const symbol of BUSY_SYMBOLS) {
    let price = 100;
    for (let minute = start; minute < end + AHEAD_MS; minute += MINUTE_MS) {
      const open = price;
      price *= Math.exp(0.000_5 * random.normal());
      const [high, low] = [Math.max(open, price) * 1.000_2, Math.min(open, price) * 0.999_8];
      for (const exchange of VENUES) {
        marks.push({ minute, symbol, exchange, open, high, low, close: price, samples: 60, ...UNKNOWN_MINUTE_MARKET });
      }
    }
  }
  return marks;
}

/** The Worker's own jobs, so that hours and quarter-hours are what it would have made of the minutes. */
async function sumUp(db: D1Database, end: number): Promise<void> {
  const config = parseConfig({ LIQUIDATION_SYMBOLS: BUSY_SYMBOLS.join(",") });
  const { hourTotals } = (await loadWorkerModule("workers/cron/hour-totals.ts")) as {
    readonly hourTotals: (...given: [D1Database, number]) => Promise<{ readonly more: boolean }>;
  };
  const { quarterHourTotals } = (await loadWorkerModule("workers/cron/quarter-hour-totals.ts")) as {
    readonly quarterHourTotals: (...given: [D1Database, Config, number]) => Promise<{ readonly quarter_hours: number }>;
  };
  while ((await hourTotals(db, end)).more);
  while ((await quarterHourTotals(db, config, end)).quarter_hours > 0);
}
