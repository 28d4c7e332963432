import type { ExchangeName } from "../liquidation.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { type TakerFees, dearestFee, pricedMarks } from "./taker-fees.ts";
import { venueMark } from "./venue-mark.ts";

/** Volatility and volume are those of this long before the entry. */
const MARKET_BEFORE_MS = HOUR_MS;
/** A spread this old is not the current one. */
const SPREAD_AGE_MS = 5 * MINUTE_MS;
/** Fewer returns than this are no volatility. */
export const MIN_RETURNS = 30;
/** The coefficient of the square-root law, of order one on every market it was measured on. */
const IMPACT_COEFFICIENT = 1;
/** The sizes of an order, USD; the first is the one that returns are net of. */
const SIZES_USD = { impact_10k_bps: 10_000, impact_100k_bps: 100_000, impact_1m_bps: 1_000_000 } as const;

/** A rate that was last known longer before its settlement is unknown. */
const FUNDING_AGE_MS = 10 * MINUTE_MS;

/** The cost of entry and exit together, bps, whatever the direction. A part that is unknown is null. */
export interface TradingCost {
  /** Two taker fees; null where the venue's fee is unknown. */
  readonly fee_bps: number | null;
  /** Half the spread at the entry and half of it at the exit; where one end's is unknown, that of the other stands for both. */
  readonly spread_bps: number | null;
  /** Market impact of an order of 10,000, 100,000 and 1,000,000 USD. */
  readonly impact_10k_bps: number | null;
  readonly impact_100k_bps: number | null;
  readonly impact_1m_bps: number | null;
  /** Fee, spread and impact at 10,000 USD; null where one of them is. */
  readonly cost_bps: number | null;
}

/** The part of a trade's cost that is unknown, so that its net return is. */
export const COST_PROBLEMS = ["unknown_fee", "unknown_spread", "unknown_impact", "unknown_funding"] as const;
export type CostProblem = (typeof COST_PROBLEMS)[number];

/** The cost of a path, and its funding, bps. */
interface PricedPath {
  readonly cost: TradingCost;
  readonly fundingBps: number | null;
}

/** Why the net return of a trade is unknown, by the first part of its cost that is; null where all are known. */
export function costProblem({ cost, fundingBps: funding }: PricedPath): CostProblem | null {
  if (cost.fee_bps === null) return "unknown_fee";
  if (cost.spread_bps === null) return "unknown_spread";
  if (cost.impact_10k_bps === null) return "unknown_impact";
  return funding === null ? "unknown_funding" : null;
}

/** What cost depends on, of a venue's minute. */
export type CostMinute = Pick<MinuteMark, "minute" | "close" | "spread_bps" | "volume_usd">;

/** The minutes before an entry that its cost is computed from. */
export function minutesBefore(entryTime: number): TimeRange {
  return { start: entryTime - MARKET_BEFORE_MS, end: entryTime };
}

/**
 * The cost of a trade.
 * @param before the minutes of `minutesBefore`, oldest first
 * @param spreads the relative spread at entry and exit, bps
 */
export function tradingCost(
  takerFeeBps: number | null,
  before: readonly CostMinute[],
  spreads: readonly [entry: number | null, exit: number | null],
): TradingCost {
  const known = spreads.filter((spread) => spread !== null);
  const fee_bps = takerFeeBps === null ? null : 2 * takerFeeBps;
  const spread_bps = known.length === 0 ? null : known.reduce((sum, spread) => sum + spread, 0) / known.length;
  const impacts = marketImpacts(before);
  const { impact_10k_bps: impact } = impacts;
  const isKnown = fee_bps !== null && spread_bps !== null && impact !== null;
  return { fee_bps, spread_bps, ...impacts, cost_bps: isKnown ? fee_bps + spread_bps + impact : null };
}

type Impacts = Pick<TradingCost, keyof typeof SIZES_USD>;

/**
 * Market impact by the square-root law, Y σ √(size / volume) with Y = 1, σ and volume those of a minute: Tóth et al. 2011,
 * Anomalous price impact and the critical nature of liquidity in financial markets, Physical Review X 1, 021006. Null
 * without volatility or volume.
 */
function marketImpacts(before: readonly CostMinute[]): Impacts {
  const sigma = minuteVolatility(before);
  const volumes = before.map(({ volume_usd }) => volume_usd).filter((volume) => volume !== null);
  const volume = volumes.reduce((sum, one) => sum + one, 0) / volumes.length;
  if (sigma === null || !(volume > 0)) return { impact_10k_bps: null, impact_100k_bps: null, impact_1m_bps: null };
  const impact = (size: number) => 1e4 * IMPACT_COEFFICIENT * sigma * Math.sqrt(size / volume);
  return {
    impact_10k_bps: impact(SIZES_USD.impact_10k_bps),
    impact_100k_bps: impact(SIZES_USD.impact_100k_bps),
    impact_1m_bps: impact(SIZES_USD.impact_1m_bps),
  };
}

/**
 * Standard deviation of the returns from one minute's close to the next, with a mean of zero; null under 30 returns. A
 * minute that is missing gives no return.
 * @param minutes oldest first
 */
export function minuteVolatility(minutes: readonly Pick<MinuteMark, "minute" | "close">[]): number | null {
  const squares = minutes.flatMap(({ minute, close }, index) => {
    const before = minutes[index - 1];
    return before?.minute === minute - MINUTE_MS ? [(close / before.close - 1) ** 2] : [];
  });
  if (squares.length < MIN_RETURNS) return null;
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** A minute in which a position is entered, with the hours from one settlement of funding to the next, as known then. */
export type FundingEntry = Pick<MinuteMark, "minute" | "funding_interval_hours">;

/**
 * The minutes in which the rates that a path pays were last known: before each settlement after the entry and up to the
 * exit. Settlements are at the multiples of their interval in UTC. Empty where the interval is unknown.
 */
export function fundingMinutes({ minute, funding_interval_hours: hours }: FundingEntry, exitTime: number): readonly TimeRange[] {
  if (hours === null || !(hours >= 1)) return [];
  const interval = hours * HOUR_MS;
  const first = ceilTo(minute + 1, interval);
  const count = Math.max(0, Math.floor((exitTime - first) / interval) + 1);
  return Array.from({ length: count }, (_, index) => first + index * interval).map((time) => ({ start: time - FUNDING_AGE_MS, end: time }));
}

/**
 * What a bought position pays from entry to exit, bps; negative where it receives. Null where the rate of a settlement or
 * the interval is unknown; without a whole hour on the path there is no settlement in any case.
 * @param minutes those of `fundingMinutes`, oldest first
 */
export function fundingBps(
  entry: FundingEntry,
  exitTime: number,
  minutes: readonly Pick<MinuteMark, "minute" | "funding_rate">[],
): number | null {
  if (floorTo(exitTime, HOUR_MS) <= entry.minute) return 0;
  if (entry.funding_interval_hours === null) return null;
  let paid = 0;
  for (const { start, end } of fundingMinutes(entry, exitTime)) {
    const last = minutes.findLast(({ minute, funding_rate: rate }) => minute >= start && minute < end && rate !== null);
    if (last === undefined || last.funding_rate === null) return null;
    paid += 1e4 * last.funding_rate;
  }
  return paid;
}

/** The cost that a trade is expected to have now, on the venue that it would be graded on. */
export interface ExpectedCost extends TradingCost {
  readonly exchange: ExchangeName;
}

/**
 * The expected cost of a trade in a symbol at a minute, with the spread at the exit as now; null where no venue has enough
 * mark prices in any of the last five minutes.
 * @param marks the minutes of all venues in `minutesBefore`, oldest first
 */
export function expectedCost(marks: readonly MinuteMark[], minute: number, fees: TakerFees, minSamples?: number): ExpectedCost | null {
  for (let last = minute - MINUTE_MS; last >= minute - SPREAD_AGE_MS; last -= MINUTE_MS) {
    const now = venueMark(
      pricedMarks(
        marks.filter((mark) => mark.minute === last),
        fees,
      ),
      minSamples,
    );
    if (now === null) continue;
    const { exchange, spread_bps: spread } = now;
    const before = marks.filter((mark) => mark.exchange === exchange && mark.minute < minute);
    return { exchange, ...tradingCost(fees[exchange], before, [spread, spread]) };
  }
  return null;
}

/**
 * The cost of a trade that the input of a decision states, bps: its known parts, and without mark prices or a known fee the
 * fees of the dearest venue. Any other part that is unknown makes the question easier, never a return
 * better.
 */
export function statedCostBps(expected: ExpectedCost | null, fees: TakerFees): number {
  if (expected === null) return 2 * dearestFee(fees);
  return (expected.fee_bps ?? 2 * dearestFee(fees)) + (expected.spread_bps ?? 0) + (expected.impact_10k_bps ?? 0);
}
