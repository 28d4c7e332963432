import { type SizeDistribution, sizesBelow } from "./size-distribution.ts";
import type { ShownSeconds } from "./throttle.ts";

/** Mean lives of the memories with which the rate around a second is measured, seconds. */
const MEMORIES_S = [1, 3, 8, 25, 90] as const;
/** Over this life the memories are compared, seconds. */
const COMPARED_S = 6;
/** Seconds around a shown one whose rate is computed one by one; the empty ones beyond are added up in closed form. */
const PAD_S = 15;
/** The prior of a rate: as if A events had been seen at RATE_0 a second. */
const A = 0.3;
const RATE_0 = 0.02;
/** How often the weights of the negative binomial are computed from the rates. */
const ROUNDS = 2;

export interface HiddenModel {
  readonly sizes: SizeDistribution;
  /**
   * How clustered the number of liquidations of a second is at a given rate: the shape r of a negative binomial, of which 1e6 is
   * Poisson.
   */
  readonly shape: number;
}

/** What is expected to be hidden behind each shown second. */
export interface Hidden {
  readonly usd: Float64Array;
  readonly events: Float64Array;
  /** Where the model puts the shown size among what the largest could have been, 0 to 1: uniform where the model is true. */
  readonly rank: Float64Array;
  /** Liquidations a second, from the seconds around. */
  readonly rate: Float64Array;
  /** Log-likelihood of the seconds near shown ones: of two shapes the one with more fits better. */
  readonly logLikelihood: number;
}

/**
 * What a venue that shows the largest of each second hides. In a second with rate λ the number N is negative binomial with shape r,
 * sizes are of F. What is shown tells λ: the maximum of the likelihood is (n₁ + a) / (n₀ + Σ (1 − F(M)) + a / λ₀) over the seconds
 * around, weighted by memories from 1 to 90 s, without the second itself. It does not saturate where every second shows one, since
 * the sizes carry the rate. The memories are averaged by how well each of them predicts the seconds around.
 * Hidden events are then λF(1 + 1/r) / (1 + λ(1 − F)/r), each worth H₁(M)/F on average.
 */
export function hiddenBehind(shown: Pick<ShownSeconds, "seconds" | "usd">, model: HiddenModel, scale: number): Hidden {
  const { seconds } = shown;
  const all = emptyHidden(seconds.length);
  let logLikelihood = 0;
  for (let from = 0; from < seconds.length;) {
    const start = Math.floor((seconds[from] ?? 0) / CHUNK_S) * CHUNK_S;
    const to = indexOf(seconds, start + CHUNK_S);
    const [first, last] = [indexOf(seconds, start - CONTEXT_S), indexOf(seconds, start + CHUNK_S + CONTEXT_S)];
    const chunk = { seconds: seconds.slice(first, last), usd: shown.usd.slice(first, last) };
    const hidden = hiddenOfChunk(chunk, model, scale);
    for (const name of ["usd", "events", "rank", "rate"] as const) all[name].set(hidden[name].subarray(from - first, to - first), from);
    logLikelihood += hidden.logLikelihood;
    from = to;
  }
  return { ...all, logLikelihood };
}

/** Seconds that are computed at once: of weeks at once the rates alone would fill the memory of a Worker. */
const CHUNK_S = 6 * 3_600;
/** Seconds around a chunk that its rates still remember: seven lives of the longest memory. */
const CONTEXT_S = 630;

/** The index of the first second from a time on. */
function indexOf(seconds: readonly number[], time: number): number {
  let [low, high] = [0, seconds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seconds[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function emptyHidden(length: number): Omit<Hidden, "logLikelihood"> {
  return {
    usd: new Float64Array(length),
    events: new Float64Array(length),
    rank: new Float64Array(length),
    rate: new Float64Array(length),
  };
}

function hiddenOfChunk(shown: Pick<ShownSeconds, "seconds" | "usd">, { sizes, shape: r }: HiddenModel, scale: number): Hidden {
  const below = shown.usd.map((m) => sizesBelow(sizes, m, scale));
  const grid = gridOf(
    shown.seconds,
    Float64Array.from(below, ({ f }) => 1 - f),
  );
  const rates = MEMORIES_S.map((life) => localRates(grid, Math.exp(-1 / life), r));
  const likelihoods = rates.map((rate) => logLikelihoods(grid, rate, r));
  const weights = likelihoods.map((values) => around(grid, values, Math.exp(-1 / COMPARED_S)));
  const { usd, events, rank, rate: mean } = emptyHidden(shown.usd.length);
  let logLikelihood = 0;
  const size = grid.above.length;
  let index = 0;
  for (let at = 0; at < size; at += 1) {
    let best = Number.NEGATIVE_INFINITY;
    for (const weight of weights) best = Math.max(best, weight[at] ?? 0);
    let [sum, likely, expected, ranked, rated] = [0, 0, 0, 0, 0];
    const isShown = grid.isShown[at] === 1;
    const above = grid.above[at] ?? 1;
    for (const [memory, weight] of weights.entries()) {
      const share = Math.exp((weight[at] ?? 0) - best);
      sum += share;
      likely += share * Math.exp(likelihoods[memory]?.[at] ?? 0);
      if (!isShown) continue;
      const rate = rates[memory]?.[at] ?? 0;
      expected += (share * rate * (1 - above) * (1 + 1 / r)) / (1 + (rate * above) / r);
      ranked += share * rankOf(rate, above, r);
      rated += share * rate;
    }
    logLikelihood += Math.log(likely / sum);
    if (!isShown) continue;
    events[index] = expected / sum;
    usd[index] = ((expected / sum) * (below[index]?.h1 ?? 0)) / (below[index]?.f ?? 1);
    rank[index] = ranked / sum;
    mean[index] = rated / sum;
    index += 1;
  }
  return { usd, events, rank, rate: mean, logLikelihood };
}

/** P(largest ≤ m | there is one), with G(z) = (1 + λ(1 − z)/r)^−r. */
function rankOf(rate: number, above: number, r: number): number {
  const g = (share: number): number => Math.exp(-r * Math.log1p((rate * share) / r));
  const none = g(1);
  return (g(above) - none) / (1 - none);
}

/** The seconds near shown ones, in order; `skipped` empty ones lie before each. */
interface Grid {
  readonly isShown: Uint8Array;
  /** 1 − F(M) where a second shows M, 1 where it shows nothing: what it says about the rate. */
  readonly above: Float64Array;
  readonly skipped: Float64Array;
}

function gridOf(seconds: readonly number[], shownAbove: Float64Array): Grid {
  const places: number[] = [];
  let end = Number.NEGATIVE_INFINITY;
  let size = 0;
  for (const second of seconds) {
    const from = Math.max(end, second - PAD_S);
    size += second + PAD_S + 1 - from;
    places.push(size - PAD_S - 1);
    end = second + PAD_S + 1;
  }
  const isShown = new Uint8Array(size);
  const above = new Float64Array(size).fill(1);
  const skipped = new Float64Array(size);
  let before = Number.NEGATIVE_INFINITY;
  for (const [index, second] of seconds.entries()) {
    const place = places[index] ?? 0;
    isShown[place] = 1;
    above[place] = shownAbove[index] ?? 1;
    const gap = second - before - 2 * PAD_S - 1;
    if (gap > 0) skipped[place - PAD_S] = gap;
    before = second;
  }
  return { isShown, above, skipped };
}

/** Writes the sum of the values before each second, or after it, each weighted by its distance. */
function addDecayed(
  { skipped }: Grid,
  values: Float64Array,
  factor: number,
  ofEmpty: number,
  isBackward: boolean,
  sums: Float64Array,
): void {
  const size = values.length;
  const endless = (factor * ofEmpty) / (1 - factor);
  let state = endless;
  for (let step = 0; step < size; step += 1) {
    const at = isBackward ? size - 1 - step : step;
    const gap = isBackward ? (at + 1 < size ? (skipped[at + 1] ?? 0) : 0) : (skipped[at] ?? 0);
    if (gap > 0) {
      const left = factor ** gap;
      state = state * left + endless * (1 - left);
    }
    sums[at] = (sums[at] ?? 0) + state;
    state = (state + (values[at] ?? 0)) * factor;
  }
}

function around(grid: Grid, values: Float64Array, factor: number, ofEmpty = 0): Float64Array {
  const sums = new Float64Array(values.length);
  addDecayed(grid, values, factor, ofEmpty, false, sums);
  addDecayed(grid, values, factor, ofEmpty, true, sums);
  return sums;
}

function localRates(grid: Grid, factor: number, r: number): Float64Array {
  const { isShown, above } = grid;
  const shown = around(grid, Float64Array.from(isShown), factor);
  let exposure = around(grid, above, factor, 1);
  const rates = new Float64Array(above.length);
  const solve = (): void => {
    for (let at = 0; at < rates.length; at += 1) rates[at] = ((shown[at] ?? 0) + A) / ((exposure[at] ?? 0) + A / RATE_0);
  };
  solve();
  for (let round = 0; round < (r < 1e5 ? ROUNDS : 0); round += 1) {
    const weighted = above.map((share, at) => {
      const rate = rates[at] ?? 0;
      return isShown[at] === 1 ? (share * (r + 1)) / (r + rate * share) : r / (r + rate);
    });
    exposure = around(grid, weighted, factor, 1);
    solve();
  }
  return rates;
}

function logLikelihoods({ isShown, above }: Grid, rates: Float64Array, r: number): Float64Array {
  return rates.map((rate, at) => {
    const share = above[at] ?? 1;
    return isShown[at] === 1 ? Math.log(rate) - (r + 1) * Math.log1p((rate * share) / r) : -r * Math.log1p(rate / r);
  });
}
