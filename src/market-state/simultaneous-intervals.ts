import { seededRandom } from "../seeded-random.ts";
import type { BlockSums } from "./block-sums.ts";

/** Draws of blocks: the 95th percentile of as many is known to about one percentile. */
const DRAWS = 1_000;
const LEVEL = 0.95;

/** A correlation over blocks, with an interval that holds for all correlations of its family at once. */
export interface CorrelationInterval {
  readonly correlation: number;
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
  /** Number of independent pairs with the same standard error; at most `pairs`. */
  readonly effective_pairs: number;
  /** Number of blocks with a value. */
  readonly blocks: number;
}

/**
 * Correlations and their 95 % intervals by a studentised block bootstrap (Künsch 1989, Annals of Statistics 17(3)): whole blocks
 * are drawn, the same for every correlation, and the half width is the standard error times the 95th percentile of the largest
 * |t| of a draw. So in 95 of 100 families all intervals hold at once, whatever the dependence between the correlations (Romano &
 * Wolf 2005, Econometrica 73(4)): that is the correction for asking many questions.
 * @param family of each correlation its blocks, by their number in the period; null where a block says nothing
 */
export function simultaneousIntervals(family: readonly (readonly (BlockSums | null)[])[], seed: number): readonly CorrelationInterval[] {
  const blocks = Math.max(0, ...family.map((own) => own.length));
  const entries = family.map((own) => new PooledCorrelation(own, blocks));
  const factor = largestT(entries, blocks, seed);
  return entries.map((entry) => entry.interval(factor));
}

/** The 95th percentile of the largest |t| of the correlations over draws of blocks. */
function largestT(entries: readonly PooledCorrelation[], blocks: number, seed: number): number {
  const random = seededRandom(seed);
  const largest: number[] = [];
  const times = new Float64Array(blocks);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    times.fill(0);
    for (let block = 0; block < blocks; block += 1) {
      const drawn = Math.floor(random() * blocks);
      times[drawn] = (times[drawn] ?? 0) + 1;
    }
    largest.push(entries.reduce((most, entry) => Math.max(most, Math.abs(entry.tOfDraw(times))), 0));
  }
  return largest.toSorted((a, b) => a - b)[Math.ceil(LEVEL * DRAWS) - 1] ?? Number.POSITIVE_INFINITY;
}

/** One correlation, pooled over blocks: Σxy ÷ √(Σxx · Σyy). */
class PooledCorrelation {
  readonly #xy: Float64Array;
  readonly #xx: Float64Array;
  readonly #yy: Float64Array;
  readonly #pairs: number;
  readonly #known: number;
  readonly #whole: { readonly rho: number; readonly error: number };

  constructor(sums: readonly (BlockSums | null)[], blocks: number) {
    const column = (of: (one: BlockSums) => number) =>
      Float64Array.from({ length: blocks }, (_, index) => {
        const one = sums[index] ?? null;
        return one === null ? 0 : of(one);
      });
    this.#xy = column(({ xy }) => xy);
    this.#xx = column(({ xx }) => xx);
    this.#yy = column(({ yy }) => yy);
    const known = sums.filter((one) => one !== null);
    this.#pairs = known.reduce((sum, { pairs }) => sum + pairs, 0);
    this.#known = known.length;
    this.#whole = this.#estimate(new Float64Array(blocks).fill(1));
  }

  /** How far the correlation of a draw is from the whole, in its own standard errors. */
  tOfDraw(times: Float64Array): number {
    const { rho, error } = this.#estimate(times);
    return error > 0 ? (rho - this.#whole.rho) / error : 0;
  }

  interval(factor: number): CorrelationInterval {
    const { rho, error } = this.#whole;
    const variance = (1 - rho * rho) ** 2;
    return {
      correlation: rho,
      low: Math.max(-1, rho - factor * error),
      high: Math.min(1, rho + factor * error),
      pairs: this.#pairs,
      effective_pairs: error > 0 ? Math.min(this.#pairs, Math.round(variance / error ** 2)) : this.#known,
      blocks: this.#known,
    };
  }

  /** @param times how often each block counts */
  #estimate(times: Float64Array): { readonly rho: number; readonly error: number } {
    let [xy, xx, yy] = [0, 0, 0];
    for (let block = 0; block < times.length; block += 1) {
      const weight = times[block] ?? 0;
      if (weight === 0) continue;
      xy += weight * (this.#xy[block] ?? 0);
      xx += weight * (this.#xx[block] ?? 0);
      yy += weight * (this.#yy[block] ?? 0);
    }
    if (xx === 0 || yy === 0) return { rho: 0, error: 0 };
    const root = Math.sqrt(xx * yy);
    const rho = xy / root;
    // The influence of each block on the pooled correlation (the delta method).
    let squares = 0;
    for (let block = 0; block < times.length; block += 1) {
      const weight = times[block] ?? 0;
      if (weight === 0) continue;
      const share = (this.#xy[block] ?? 0) / root - (rho / 2) * ((this.#xx[block] ?? 0) / xx + (this.#yy[block] ?? 0) / yy);
      squares += weight * share * share;
    }
    return { rho, error: Math.sqrt((squares * this.#known) / Math.max(1, this.#known - 1)) };
  }
}
