import type { EventGrid, EventStream } from "./event-grid.ts";

/** How a stream excites another one: an exponential kernel on the grid, whose weights sum to 1. */
export interface Kernel {
  /** The share of the excitement that is left after a bin, over 0 and under 1. */
  readonly keep: number;
  /** Bins between an event and the first bin that it may excite, at least 1. */
  readonly delay: number;
}

/** What a source adds to a target for a branching ratio of 1. */
export interface Excitement {
  /** Expected events in each bin of the target with events. */
  readonly gains: Float64Array;
  /** The same, weighted by the bins since `delay`: for the mean of the delays. */
  readonly waits: Float64Array;
  /** Expected events in each covered piece. */
  readonly masses: Float64Array;
}

/**
 * Sums the kernel over all events of the source before each bin of the target, by the recursion of Ozaki 1979 (Ann. Inst.
 * Statist. Math. 31), in steps of whole bins: its powers come from a table. Nothing is known before a covered piece that
 * follows one that is not, so excitement begins at 0 there.
 */
export function excitementOf(
  source: EventStream,
  target: EventStream,
  { pieceBins, covered }: EventGrid,
  { keep, delay }: Kernel,
): Excitement {
  const powers = powersOf(keep, pieceBins);
  const [gains, waits] = [new Float64Array(target.bins.length), new Float64Array(target.bins.length)];
  const masses = new Float64Array(covered.length);
  const full = powers[pieceBins] ?? 0;
  let [level, waited, arriving] = [0, 0, 0];
  for (let piece = 0; piece < covered.length; piece += 1) {
    if (covered[piece] !== 1) continue;
    if (covered[piece - 1] !== 1) [level, waited] = [0, 0];
    const [start, end] = [piece * pieceBins, (piece + 1) * pieceBins];
    while (arriving < source.bins.length && (source.bins[arriving] ?? 0) + delay < start) arriving += 1;
    // `level` is that of the bin before `at`.
    let at = start;
    let mass = (level * keep * (1 - full)) / (1 - keep);
    const moveTo = (bin: number): void => {
      const power = powers[bin - at + 1] ?? 0;
      waited = power * (waited + (bin - at + 1) * level);
      level *= power;
      at = bin + 1;
    };
    let index = target.firsts[piece] ?? 0;
    const last = target.firsts[piece + 1] ?? 0;
    for (;;) {
      const arrival = arriving < source.bins.length ? (source.bins[arriving] ?? 0) + delay : Infinity;
      const wanted = index < last ? (target.bins[index] ?? 0) : Infinity;
      if (arrival <= wanted && arrival < end) {
        if (arrival >= at) moveTo(arrival);
        const count = source.counts[arriving] ?? 0;
        level += (1 - keep) * count;
        mass += count * (1 - (powers[end - arrival] ?? 0));
        arriving += 1;
      } else if (index < last) {
        if (wanted >= at) moveTo(wanted);
        gains[index] = level;
        waits[index] = waited;
        index += 1;
      } else break;
    }
    if (at < end) moveTo(end - 1);
    masses[piece] = mass;
  }
  return { gains, waits, masses };
}

function powersOf(keep: number, most: number): Float64Array {
  const powers = new Float64Array(most + 2);
  let power = 1;
  for (let exponent = 0; exponent < powers.length; exponent += 1, power *= keep) powers[exponent] = power;
  return powers;
}
