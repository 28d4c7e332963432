import { seededDraws } from "./draws.ts";
import type { EventGrid, EventStream } from "./event-grid.ts";
import { keepOf } from "./expectation-maximization.ts";

/** Memories that are tried, s. The nulls are searched in the same way. */
export const TESTED_MEMORIES_S = [1, 4, 15] as const;
/**
 * Bins of a stretch of 2.5 minutes, within which times are shifted. Rates that two streams share and that drift more slowly are in
 * the nulls too; shifting within a quarter-hour would read a drift over an hour as excitement, where streams are busy.
 */
const STRETCH_BINS = 300;

export interface ShiftTest {
  /** The share of the nulls, counting the observation as one, whose statistic is at least the observed one. */
  readonly p: number;
  /** The memory of the observed statistic, s. */
  readonly memoryS: number;
}

/**
 * Tests whether a source excites a target beyond what the target's model without that source expects, against nulls in which
 * each stretch of the source is shifted around itself by a random time. That keeps the source's rate in every stretch, and all its
 * own clustering but at one seam.
 *
 * The statistic is the score of the source's branching ratio at 0: the slope of the log-likelihood there. Refitting the model
 * without the source would give the same model for each null, because the source is not in it; so nothing is refitted, and the
 * p-value is exact wherever shifting the source changes nothing (permutation tests: Lehmann & Romano 2005, Testing Statistical
 * Hypotheses, 15.2). Each memory's score is divided by its deviation over the nulls, and the largest counts. The kernel
 * goes around the stretch too, so that all shifts are alike.
 *
 * @param shares 1 / expected events of each bin of the target with events, in the model without the source
 * @param delay bins between an event and the first one it may excite
 */
export function shiftTest(
  source: EventStream,
  target: EventStream,
  {
    grid,
    shares,
    delay,
    nulls,
    seed,
  }: {
    readonly grid: EventGrid;
    readonly shares: Float64Array;
    readonly delay: number;
    readonly nulls: number;
    readonly seed: string;
  },
): ShiftTest {
  const { pieceBins, covered } = grid;
  const keeps = TESTED_MEMORIES_S.map(keepOf);
  // The first of each is observed.
  const scores = keeps.map(() => new Float64Array(nulls + 1));
  const shifts = new Int32Array(nulls + 1);
  const draw = seededDraws(seed);
  const table = new Float64Array(STRETCH_BINS);
  const places = { source: 0, target: 0 };
  const stretches = pieceBins / STRETCH_BINS;
  for (let stretch = 0; stretch < covered.length * stretches; stretch += 1) {
    const lags = crossLags(source, target, shares, stretch, places);
    if (lags === null) continue;
    for (let index = 1; index <= nulls; index += 1) shifts[index] = draw() % STRETCH_BINS;
    for (const [memory, keep] of keeps.entries()) {
      fillScores(table, lags, keep, delay);
      const sums = scores[memory];
      if (sums === undefined) continue;
      for (let index = 0; index <= nulls; index += 1) sums[index] = (sums[index] ?? 0) + (table[shifts[index] ?? 0] ?? 0);
    }
  }
  return largest(scores);
}

/**
 * By lag in bins, around the stretch: the sum of the target's shares so many bins after an event. Null where nothing meets.
 *
 * @param places the first events of both streams that may be in the stretch; moved to its end
 */
function crossLags(
  source: EventStream,
  target: EventStream,
  shares: Float64Array,
  stretch: number,
  places: { source: number; target: number },
): Float64Array | null {
  const { source: from, target: first } = places;
  const [to, last] = [placeOf(source.bins, from, stretch + 1), placeOf(target.bins, first, stretch + 1)];
  [places.source, places.target] = [to, last];
  if (from === to || first === last) return null;
  const lags = new Float64Array(STRETCH_BINS);
  for (let index = from; index < to; index += 1) {
    const [bin, count] = [source.bins[index] ?? 0, source.counts[index] ?? 0];
    for (let other = first; other < last; other += 1) {
      const lag = (target.bins[other] ?? 0) - bin;
      const place = lag < 0 ? lag + STRETCH_BINS : lag;
      lags[place] = (lags[place] ?? 0) + count * (target.counts[other] ?? 0) * (shares[other] ?? 0);
    }
  }
  return lags;
}

/** The index of the first bin of a stretch, from this index on. */
function placeOf(bins: Int32Array, from: number, stretch: number): number {
  let place = from;
  while (place < bins.length && (bins[place] ?? 0) < stretch * STRETCH_BINS) place += 1;
  return place;
}

/** Fills in the score for each shift: the kernel over all lags from `delay` on, around the block. */
function fillScores(table: Float64Array, lags: Float64Array, keep: number, delay: number): void {
  const length = lags.length;
  let level = 0;
  // The first time around finds the level that the second begins with.
  for (let step = 2 * length - 1; step >= 0; step -= 1) {
    const shift = step >= length ? step - length : step;
    const lag = shift + delay;
    level = keep * level + (1 - keep) * (lags[lag >= length ? lag - length : lag] ?? 0);
    table[shift] = level;
  }
}

function largest(scores: readonly Float64Array[]): ShiftTest {
  const standard = scores.map(standardized);
  const [count] = [standard[0]?.length ?? 0];
  let [beaten, memory, observed] = [0, 0, -Infinity];
  for (const [index, one] of standard.entries()) {
    if ((one[0] ?? 0) > observed) [observed, memory] = [one[0] ?? 0, index];
  }
  for (let index = 0; index < count; index += 1) {
    if (standard.some((one) => (one[index] ?? 0) >= observed)) beaten += 1;
  }
  return { p: count === 0 ? 1 : beaten / count, memoryS: TESTED_MEMORIES_S[memory] ?? 1 };
}

/** In deviations from the mean of all; zeros where all are the same. */
function standardized(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length);
  return values.map((one) => (deviation > 1e-12 * Math.abs(mean) ? (one - mean) / deviation : 0));
}
