import type { EventGrid, EventStream } from "./event-grid.ts";
import type { Excitement } from "./excitement.ts";

/**
 * The Poisson log-likelihood of a target whose expected events in a bin are base(piece) + Σ ratio · gain, with the best base of
 * each piece: what it says of the ratios, piece by piece. `k` is the number of sources.
 */
export interface Profile {
  /** Slopes in the ratios, k for each piece. */
  readonly slopes: Float64Array;
  /** Negated second derivatives, k × k for each piece, with the bases following their best values. */
  readonly curvatures: Float64Array;
  /** 1 / expected events, in each bin of the target with events. */
  readonly shares: Float64Array;
}

const MAX_STEPS = 60;
const BASE_TOLERANCE = 1e-12;

export function profileAt(target: EventStream, grid: EventGrid, sources: readonly Excitement[], ratios: readonly number[]): Profile {
  const { pieceBins, covered } = grid;
  const k = sources.length;
  const slopes = new Float64Array(covered.length * k);
  const curvatures = new Float64Array(covered.length * k * k);
  const shares = new Float64Array(target.bins.length);
  const excited = excitedBy(target.bins.length, sources, ratios);
  const cross = new Float64Array(k);
  for (let piece = 0; piece < covered.length; piece += 1) {
    if (covered[piece] !== 1) continue;
    const [from, to] = [target.firsts[piece] ?? 0, target.firsts[piece + 1] ?? 0];
    for (let p = 0; p < k; p += 1) slopes[piece * k + p] = -(sources[p]?.masses[piece] ?? 0);
    if (from === to) continue;
    const base = bestBase(target.counts, excited, from, to, pieceBins);
    let own = 0;
    cross.fill(0);
    for (let index = from; index < to; index += 1) {
      const share = 1 / (base + (excited[index] ?? 0));
      shares[index] = share;
      const once = (target.counts[index] ?? 0) * share;
      const twice = once * share;
      own += twice;
      for (let p = 0; p < k; p += 1) {
        const gain = sources[p]?.gains[index] ?? 0;
        slopes[piece * k + p] = (slopes[piece * k + p] ?? 0) + gain * once;
        cross[p] = (cross[p] ?? 0) + gain * twice;
        for (let q = 0; q <= p; q += 1) {
          const place = (piece * k + p) * k + q;
          curvatures[place] = (curvatures[place] ?? 0) + gain * (sources[q]?.gains[index] ?? 0) * twice;
        }
      }
    }
    for (let p = 0; p < k; p += 1) {
      for (let q = 0; q <= p; q += 1) {
        const place = (piece * k + p) * k + q;
        if (base > 0) curvatures[place] = (curvatures[place] ?? 0) - ((cross[p] ?? 0) * (cross[q] ?? 0)) / own;
        curvatures[(piece * k + q) * k + p] = curvatures[place] ?? 0;
      }
    }
  }
  return { slopes, curvatures, shares };
}

function excitedBy(bins: number, sources: readonly Excitement[], ratios: readonly number[]): Float64Array {
  const excited = new Float64Array(bins);
  for (const [p, { gains }] of sources.entries()) {
    const ratio = ratios[p] ?? 0;
    for (let index = 0; index < bins; index += 1) excited[index] = (excited[index] ?? 0) + ratio * (gains[index] ?? 0);
  }
  return excited;
}

/** The root of Σ count / (base + excited) = bins, by Newton's method within bounds; 0 where excitement alone explains more. */
function bestBase(counts: Float64Array, excited: Float64Array, from: number, to: number, bins: number): number {
  let high = 0;
  let bound = Infinity;
  for (let index = from; index < to; index += 1) {
    high += counts[index] ?? 0;
    bound = Math.min(bound, excited[index] ?? 0);
  }
  high /= bins;
  let low = 0;
  let base = high;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    let [sum, squares] = [0, 0];
    for (let index = from; index < to; index += 1) {
      const share = 1 / (base + (excited[index] ?? 0));
      const once = (counts[index] ?? 0) * share;
      sum += once;
      squares += once * share;
    }
    if (sum > bins) low = base;
    else high = base;
    const next = base + (sum - bins) / squares;
    const before = base;
    base = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(base - before) < BASE_TOLERANCE + 1e-6 * before) break;
    if (high < BASE_TOLERANCE) return bound > 0 ? 0 : BASE_TOLERANCE;
  }
  return base;
}

/** The sums of slopes and curvatures over pieces, each taken so many times; once without weights. */
export function summed({ slopes, curvatures }: Pick<Profile, "slopes" | "curvatures">, k: number, weights?: Float64Array) {
  const slope = new Float64Array(k);
  const curvature = new Float64Array(k * k);
  for (let piece = 0; piece * k < slopes.length; piece += 1) {
    const weight = weights === undefined ? 1 : (weights[piece] ?? 0);
    if (weight === 0) continue;
    for (let p = 0; p < k; p += 1) slope[p] = (slope[p] ?? 0) + weight * (slopes[piece * k + p] ?? 0);
    for (let place = 0; place < k * k; place += 1) {
      curvature[place] = (curvature[place] ?? 0) + weight * (curvatures[piece * k * k + place] ?? 0);
    }
  }
  return { slope, curvature };
}

/**
 * One Newton step from these ratios, none of which goes under 0: a ratio that would is held at 0, and the others are solved
 * again.
 *
 * @param bounded only so many, the first ones, may not go under 0
 */
export function newtonStep(
  ratios: readonly number[],
  slope: Float64Array,
  curvature: Float64Array,
  bounded = ratios.length,
): readonly number[] {
  const k = ratios.length;
  // Nobody knows the memory of an edge whose ratio is 0.
  const isHeld = (ratio: number, p: number): boolean =>
    p < bounded ? ratio === 0 && (slope[p] ?? 0) <= 0 : !((curvature[p * k + p] ?? 0) > 0);
  const held = new Set(ratios.flatMap((ratio, p) => (isHeld(ratio, p) ? [p] : [])));
  for (;;) {
    const free = ratios.flatMap((_, p) => (held.has(p) ? [] : [p]));
    const step = solved(
      free.map((p) => free.map((q) => curvature[p * k + q] ?? 0)),
      free.map((p) => (slope[p] ?? 0) + [...held].reduce((sum, q) => sum + (curvature[p * k + q] ?? 0) * (ratios[q] ?? 0), 0)),
    );
    if (step === null) return ratios;
    const below = free.filter((p, index) => p < bounded && (ratios[p] ?? 0) + (step[index] ?? 0) < 0);
    if (below.length === 0) return ratios.map((ratio, p) => (held.has(p) ? 0 : ratio + (step[free.indexOf(p)] ?? 0)));
    for (const p of below) held.add(p);
  }
}

/** The solution of a symmetric system by Cholesky's decomposition; null where it is not positive definite. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] | null {
  const size = right.length;
  const lower = matrix.map(() => new Float64Array(size));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row]?.[column] ?? 0;
      for (let index = 0; index < column; index += 1) sum -= (lower[row]?.[index] ?? 0) * (lower[column]?.[index] ?? 0);
      if (row === column && !(sum > 1e-12 * (matrix[row]?.[row] ?? 0))) return null;
      const own = lower[row];
      if (own !== undefined) own[column] = row === column ? Math.sqrt(sum) : sum / (lower[column]?.[column] ?? 1);
    }
  }
  const half = new Float64Array(size);
  for (let row = 0; row < size; row += 1) {
    let sum = right[row] ?? 0;
    for (let index = 0; index < row; index += 1) sum -= (lower[row]?.[index] ?? 0) * (half[index] ?? 0);
    half[row] = sum / (lower[row]?.[row] ?? 1);
  }
  const solution = new Float64Array(size);
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = half[row] ?? 0;
    for (let index = row + 1; index < size; index += 1) sum -= (lower[index]?.[row] ?? 0) * (solution[index] ?? 0);
    solution[row] = sum / (lower[row]?.[row] ?? 1);
  }
  return [...solution];
}
