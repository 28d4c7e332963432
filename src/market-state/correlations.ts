import { POSITION_SIDES } from "../liquidation-fields.ts";
import type { PositionSide } from "../liquidation.ts";
import { DAY_MS, MINUTE_MS } from "../windows/calendar.ts";
import { type BlockSums, blockSums } from "./block-sums.ts";
import { LAGS_MINUTES, type LagMinutes, MEASURES, type Measure, STEPS_PER_BLOCK, STEP_MS } from "./lags.ts";
import { type MarketDay, STEPS_PER_DAY } from "./market-day.ts";
import { simultaneousIntervals } from "./simultaneous-intervals.ts";

/** Days that correlations are computed over, as far as they are stored. */
export const CORRELATED_DAYS = 14;
/** A block counts where this share of its pairs is known. */
const MIN_KNOWN_SHARE = 0.8;
/** With fewer days, intervals hold less often than they say. */
export const MIN_DAYS = 7;
/** Of the 28 blocks of 7 days, as many must say something: calm ones and those with a gap may not. */
export const MIN_BLOCKS = 24;

/** The dependence of the flow of one side on one measure of the market at one lag. */
export interface LaggedCorrelation {
  readonly measure: Measure;
  readonly position_side: PositionSide;
  readonly lag_minutes: LagMinutes;
  /** Null where the interval includes 0. */
  readonly correlation: number | null;
  /** Of the simultaneous 95 % interval. */
  readonly low: number;
  readonly high: number;
  readonly distinguishable: boolean;
  readonly pairs: number;
  readonly effective_pairs: number;
  readonly blocks: number;
}

/** The correlations of a base asset, or why there are none. */
export type Correlations =
  | { readonly status: "published"; readonly reason: null; readonly entries: readonly LaggedCorrelation[] }
  | { readonly status: "withheld"; readonly reason: string; readonly entries: readonly [] };

/**
 * Spearman's correlations of funding, open interest and basis with the flow of each side, at each lag. Ranks, because a few
 * cascades hold most of the USD, and would decide any sum of products.
 * @param days consecutive days, oldest first; null where nothing is known of one
 */
export function correlationsOf(days: readonly (MarketDay | null)[], seed: number): Correlations {
  const questions = POSITION_SIDES.flatMap((position_side) =>
    MEASURES.flatMap((measure) => LAGS_MINUTES.map((lag_minutes) => ({ measure, position_side, lag_minutes }))),
  );
  const asked = questions.map((question) => ({ ...question, sums: sumsOf(days, question) }));
  const stored = days.filter((day) => day !== null).length;
  if (stored < MIN_DAYS) {
    return { status: "withheld", reason: `${stored} of the last ${days.length} days are stored; ${MIN_DAYS} are needed`, entries: [] };
  }
  const enough = asked.filter(({ sums }) => sums.filter((one) => one !== null).length >= MIN_BLOCKS);
  if (enough.length === 0) return { status: "withheld", reason: shortage(asked), entries: [] };
  const intervals = simultaneousIntervals(
    enough.map(({ sums }) => sums),
    seed,
  );
  const entries = enough.flatMap(({ sums: _sums, ...question }, index): readonly LaggedCorrelation[] => {
    const found = intervals[index];
    if (found === undefined) return [];
    const distinguishable = found.low > 0 || found.high < 0;
    return [{ ...question, ...found, correlation: distinguishable ? found.correlation : null, distinguishable }];
  });
  return { status: "published", reason: null, entries };
}

type Question = Pick<LaggedCorrelation, "measure" | "position_side" | "lag_minutes">;

function sumsOf(days: readonly (MarketDay | null)[], { measure, position_side: side, lag_minutes: lag }: Question) {
  const market = joined(days, (day) => day.market[measure]);
  const flow = joined(days, (day) => day.flow[side]);
  const steps = (lag * MINUTE_MS) / STEP_MS;
  return Array.from({ length: market.length / STEPS_PER_BLOCK }, (_, block): BlockSums | null =>
    blockSums(market, flow, block * STEPS_PER_BLOCK, STEPS_PER_BLOCK, steps, MIN_KNOWN_SHARE * STEPS_PER_BLOCK),
  );
}

const UNKNOWN_DAY: readonly null[] = Array.from({ length: STEPS_PER_DAY }, () => null);

function joined(days: readonly (MarketDay | null)[], of: (day: MarketDay) => readonly (number | null)[]): readonly (number | null)[] {
  return days.flatMap((day) => (day === null ? UNKNOWN_DAY : of(day)));
}

function shortage(asked: readonly { readonly sums: readonly (BlockSums | null)[] }[]): string {
  const most = Math.max(...asked.map(({ sums }) => sums.filter((one) => one !== null).length));
  return `${most} six-hour blocks have liquidations, a market that moves, and at least 80 % of their steps known; ${MIN_BLOCKS} are needed`;
}

/** Correlations whose days ended longer ago than this say nothing of now: a run was missed, or the base asset is quiet. */
export const CORRELATIONS_AGE_MS = 3 * DAY_MS;
/** Number of correlations that a decision is shown. */
export const SHOWN_CORRELATIONS = 3;

/** The strongest that are distinguishable from none, the strongest first; none where they are missing or too old. */
export function strongestKnown(
  stored: { readonly to_time: number; readonly correlations: Correlations } | null,
  time: number,
): readonly LaggedCorrelation[] {
  if (stored === null || time - stored.to_time > CORRELATIONS_AGE_MS) return [];
  const size = ({ correlation }: LaggedCorrelation) => Math.abs(correlation ?? 0);
  return stored.correlations.entries
    .filter(({ distinguishable }) => distinguishable)
    .toSorted((a, b) => size(b) - size(a))
    .slice(0, SHOWN_CORRELATIONS);
}
