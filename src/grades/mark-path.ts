import type { ExchangeName } from "../liquidation.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import {
  type FundingEntry,
  type TradingCost,
  fundingBps,
  fundingMinutes,
  minuteVolatility,
  minutesBefore,
  tradingCost,
} from "./trading-cost.ts";
import { type TakerFees, pricedMarks } from "./taker-fees.ts";
import { venueMark } from "./venue-mark.ts";

/** Maximum time without a mark at either end. */
const MARK_TOLERANCE_MS = 5 * MINUTE_MS;

/**
 * Why there is no path: no venue has a mark near the entry, or none enough mark prices, or the venue of the entry has no
 * mark near the exit, or a stored price is not above zero.
 */
export type PathProblem = "no_entry_mark" | "few_samples" | "no_exit_mark" | "bad_mark";

/** Mark prices of one venue over a horizon, and what it cost to trade them. */
export interface MarkPath {
  readonly exchange: ExchangeName;
  /** Number of mark prices in the minute of the entry. */
  readonly samples: number;
  readonly entryTime: number;
  readonly entry: number;
  readonly exitTime: number;
  readonly exit: number;
  readonly high: number;
  readonly low: number;
  readonly cost: TradingCost;
  /** What a bought position paid in funding, bps; null where unknown. */
  readonly fundingBps: number | null;
  /** Standard deviation of a minute's return over the hour before the entry; null where unknown. */
  readonly volatility: number | null;
}

/** The minutes near the end of a path that its first or last mark is taken from. */
export function endMinutes(minute: number): TimeRange {
  return { start: minute, end: minute + MARK_TOLERANCE_MS + 1 };
}

/**
 * The mark at which a decision enters: in the first minute in which a venue has enough mark prices.
 * @param all the minutes of all venues in `endMinutes`, oldest first
 */
export function entryMark<Mark extends Pick<MinuteMark, "minute" | "exchange" | "samples">>(
  all: readonly Mark[],
  fees: TakerFees,
  minSamples?: number,
): Mark | "no_entry_mark" | "few_samples" {
  const marks = pricedMarks(all, fees);
  for (const minute of new Set(marks.map((mark) => mark.minute))) {
    const found = venueMark(
      marks.filter((mark) => mark.minute === minute),
      minSamples,
    );
    if (found !== null) return found;
  }
  return marks.length === 0 ? "no_entry_mark" : "few_samples";
}

/** The minutes of the entry's venue that a path is computed from. */
export interface PathRanges {
  /** The whole path, for its highest and lowest price. */
  readonly path: TimeRange;
  readonly before: TimeRange;
  readonly exit: TimeRange;
  readonly funding: readonly TimeRange[];
}

/** @param lengthMs time from entry to exit */
export function pathRanges(entry: FundingEntry, lengthMs: number): PathRanges {
  const { minute } = entry;
  const end = minute + lengthMs;
  return {
    path: { start: minute, end },
    before: minutesBefore(minute),
    exit: endMinutes(end),
    funding: fundingMinutes(entry, end + MARK_TOLERANCE_MS),
  };
}

/** The minutes of `PathRanges`, oldest first. */
export interface PathRows {
  readonly entry: MinuteMark;
  readonly before: readonly MinuteMark[];
  /** Undefined where the venue has no mark near the exit. */
  readonly exit: MinuteMark | undefined;
  readonly high: number;
  readonly low: number;
  readonly funding: readonly MinuteMark[];
}

export function markPath({ entry, before, exit, high, low, funding }: PathRows, takerFeeBps: number | null): MarkPath | PathProblem {
  if (exit === undefined) return "no_exit_mark";
  if (![entry.open, exit.open, high, low].every((price) => price > 0 && Number.isFinite(price))) return "bad_mark";
  return {
    exchange: entry.exchange,
    samples: entry.samples,
    entryTime: entry.minute,
    entry: entry.open,
    exitTime: exit.minute,
    exit: exit.open,
    high: Math.max(high, exit.open),
    low: Math.min(low, exit.open),
    cost: tradingCost(takerFeeBps, before, [entry.spread_bps, exit.spread_bps]),
    fundingBps: fundingBps(entry, exit.minute, funding),
    volatility: minuteVolatility(before),
  };
}
