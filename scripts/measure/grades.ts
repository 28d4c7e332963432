import { MarkBook } from "../../src/backtest/mark-book.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../src/minute-mark.ts";
import { HORIZONS, type Grade, gradeOf, matchedTrade } from "../../src/grades/grade.ts";
import { hoursToDraw } from "../../src/grades/random-times.ts";
import { TAKER_FEES_BPS } from "../../src/grades/taker-fees.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { type Random, createRandom } from "../simulator/random.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
const WEEK_MS = 7 * DAY_MS;
/** Standard deviation of a minute's return, bps: some 60 % a year. */
const MINUTE_BPS = 8;

/** A random walk of the mark price: the open of each minute. */
function walk(random: Random, minutes: number): readonly number[] {
  const prices = [100];
  for (let index = 0; index < minutes; index += 1) prices.push((prices[index] ?? 0) * (1 + (MINUTE_BPS * random.normal()) / 1e4));
  return prices;
}

function mark(exchange: MinuteMark["exchange"], minute: number, open: number, close: number): MinuteMark {
  const extremes = { high: Math.max(open, close), low: Math.min(open, close) };
  const market = { ...UNKNOWN_MINUTE_MARKET, spread_bps: 0.2, volume_usd: 4e6, funding_rate: 1e-4, funding_interval_hours: 8 };
  return { minute, symbol: "BTC", exchange, samples: 60, open, close, ...extremes, ...market };
}

export interface BasisMeasure {
  readonly graded: number;
  /** Grades whose return is not that of the market by more than a tenth of a basis point. */
  readonly wrong: number;
  /** The same of returns from the mark of the most preferred venue in each minute, as grades were made before. */
  readonly wrongByPreference: number;
  /** Decisions whose venue had no mark at the exit. */
  readonly withoutExit: number;
}

/** Two venues 12 bps apart, the preferred of which is silent for whole stretches: the market's return is the same on both. */
export function measureBasis(seed: number): BasisMeasure {
  const days = 14;
  const random = createRandom(seed, "grades");
  const prices = walk(random, (days * DAY_MS) / MINUTE_MS);
  const price = (minute: number) => prices[(minute - START) / MINUTE_MS] ?? Number.NaN;
  const book = new MarkBook();
  let silentUntil = 0;
  for (let minute = START; minute < START + days * DAY_MS; minute += MINUTE_MS) {
    const [open, close] = [price(minute), price(minute + MINUTE_MS)];
    book.put(mark("okx", minute, open, close));
    if (random.chance(1 / 90)) silentUntil = minute + random.exponential(1 / 30) * MINUTE_MS;
    if (minute >= silentUntil) book.put(mark("binance", minute, open * 1.0012, close * 1.0012));
  }
  const counts = { graded: 0, wrong: 0, wrongByPreference: 0, withoutExit: 0 };
  for (let entry = START + HOUR_MS; entry < START + (days - 1) * DAY_MS; entry += 17 * MINUTE_MS) {
    const exit = entry + HORIZONS["1h"];
    const market = price(exit) / price(entry) - 1;
    const preferred = (minute: number) =>
      book.venueMarks("BTC", { start: minute, end: minute + MINUTE_MS }, Infinity)[0]?.open ?? Number.NaN;
    if (isOff(preferred(exit) / preferred(entry) - 1, market)) counts.wrongByPreference += 1;
    const path = book.path("BTC", entry, "1h", Infinity, TAKER_FEES_BPS);
    counts.graded += 1;
    if (typeof path === "string") counts.withoutExit += 1;
    else if (isOff(path.exit / path.entry - 1, price(path.exitTime) / price(path.entryTime) - 1)) counts.wrong += 1;
  }
  return counts;
}

function isOff(found: number, market: number): boolean {
  return !(Math.abs(found - market) < 1e-5);
}

export interface RandomMeasure {
  readonly grades: number;
  readonly draws: number;
  /** Mean return of the decisions, and mean of the random times beside them, bps before cost. */
  readonly meanBps: number;
  readonly randomBps: number;
  /** Standard error of their difference, bps. */
  readonly standardError: number;
}

/** Four hours of each Wednesday always rise. Only the hours around them are simulated: no other time is of the same hour. */
const RISING = { from: 13, to: 17 };
const SIMULATED = { from: 11, to: 18 };
const RISE_BPS = 30;
const WEEKS = 100;

/**
 * Decisions to buy at times of the week that always rise, every third week twice as volatile: they have no skill, and
 * matched random times say so.
 */
export function measureRandomTimes(seed: number): RandomMeasure {
  const random = createRandom(seed, "grades");
  const book = new MarkBook();
  const grades: Grade[] = [];
  for (let week = 0; week < WEEKS; week += 1) {
    const wednesday = START + week * WEEK_MS + 2 * DAY_MS;
    const bps = week % 3 === 0 ? MINUTE_BPS / 2 : MINUTE_BPS / 4;
    let price = 100;
    for (let minute = wednesday + SIMULATED.from * HOUR_MS; minute < wednesday + SIMULATED.to * HOUR_MS; minute += MINUTE_MS) {
      const hour = (minute - wednesday) / HOUR_MS;
      const rise = hour >= RISING.from && hour < RISING.to ? RISE_BPS / 60 : 0;
      const open = price;
      price *= 1 + (rise + bps * random.normal()) / 1e4;
      book.put(mark("okx", minute, open, price));
      book.forget(minute + MINUTE_MS);
    }
    if (week > 53) grades.push(...[13.5, 14.2, 15.1].flatMap((hour) => gradeBuy(book, wednesday + hour * HOUR_MS, seed)));
  }
  const forward = grades.map((grade) => grade.forward_return_bps);
  const matched = grades.map(
    (grade) => (grade.random_net_return_bps ?? Number.NaN) + (grade.cost_bps ?? Number.NaN) + (grade.funding_bps ?? Number.NaN),
  );
  const differences = forward.map((one, index) => one - (matched[index] ?? Number.NaN));
  const difference = mean(differences);
  const variance = differences.reduce((sum, one) => sum + (one - difference) ** 2, 0) / (grades.length - 1);
  return {
    grades: grades.length,
    draws: mean(grades.map((grade) => grade.random_draws ?? 0)),
    meanBps: mean(forward),
    randomBps: mean(matched),
    standardError: Math.sqrt(variance / grades.length),
  };
}

function gradeBuy(book: MarkBook, entry: number, seed: number): readonly Grade[] {
  const path = book.path("BTC", entry, "1h", Infinity, TAKER_FEES_BPS);
  if (typeof path === "string") return [];
  const hash = (seed * 7_919 + entry / MINUTE_MS).toString(16).padStart(8, "0").repeat(8).slice(0, 64);
  const decision = { action: "BUY", rule_action: "NOTHING", side: "long", hash } as const;
  const matched = matchedTrade(decision, "1h", path);
  const hours = matched === null ? [] : book.hours("BTC", path.exchange, hoursToDraw(matched));
  return [gradeOf(decision, "1h", path, hours)];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
