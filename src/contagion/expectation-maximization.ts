import { BIN_MS, type EventGrid, type EventStream } from "./event-grid.ts";
import { type Kernel, excitementOf } from "./excitement.ts";
import { newtonStep, profileAt, summed } from "./profile.ts";

/** A source of a target with its kernel and the mean number of the target's events that one of its events triggers directly. */
export interface Edge {
  readonly source: EventStream;
  readonly kernel: Kernel;
  readonly ratio: number;
}

/** Memories from a bin to a minute: a slower one is hard to distinguish from a base rate that drifts. */
const [SHORTEST_MEMORY_S, LONGEST_MEMORY_S] = [BIN_MS / 1000, 60];
const MAX_ROUNDS = 80;
const MAX_NEWTON_STEPS = 12;
const TOLERANCE = 1e-4;

/** The share of the excitement that is left after a bin. @param memoryS mean delay beyond the floor, s */
export function keepOf(memoryS: number): number {
  return Math.exp(-BIN_MS / 1000 / memoryS);
}

/** The mean delay beyond the floor, s. */
export function memoryOf(keep: number): number {
  return -BIN_MS / 1000 / Math.log(keep);
}

/**
 * Fits ratios and kernels by expectation maximization (Veen & Schoenberg 2008, J. Amer. Statist. Assoc. 103): each event of the
 * target belongs with some probability to the base rate of its piece or to a source; those shares give the next ratios and
 * mean delays. The last steps to the maximum, for these kernels, are Newton's: the likelihood is concave in the ratios.
 */
export function fitEdges(target: EventStream, grid: EventGrid, start: readonly Edge[]): readonly Edge[] {
  let edges = start;
  const bases = startingBases(target, grid, edges);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = nextEdges(target, grid, edges, bases);
    const moved = Math.max(0, ...next.map(({ ratio, kernel }, p) => movedBy(edges[p], ratio, kernel)));
    edges = next;
    if (moved < TOLERANCE) break;
  }
  const ratios = fitRatios(target, grid, edges);
  return edges.map((edge, p) => ({ ...edge, ratio: ratios[p] ?? 0 }));
}

/** The ratios of greatest likelihood for these kernels, from those of the edges. */
export function fitRatios(target: EventStream, grid: EventGrid, edges: readonly Edge[]): readonly number[] {
  const sources = edges.map(({ source, kernel }) => excitementOf(source, target, grid, kernel));
  let ratios = edges.map(({ ratio }) => ratio);
  for (let step = 0; step < MAX_NEWTON_STEPS; step += 1) {
    const { slope, curvature } = summed(profileAt(target, grid, sources, ratios), edges.length);
    const next = newtonStep(ratios, slope, curvature);
    const moved = Math.max(0, ...next.map((ratio, p) => Math.abs(ratio - (ratios[p] ?? 0))));
    ratios = [...next];
    if (moved < TOLERANCE / 10) break;
  }
  return ratios;
}

function movedBy(before: Edge | undefined, ratio: number, kernel: Kernel): number {
  if (before === undefined) return Infinity;
  return Math.max(Math.abs(ratio - before.ratio), 0.1 * Math.abs(Math.log(memoryOf(kernel.keep) / memoryOf(before.kernel.keep))));
}

/** Events a bin. */
function startingBases(target: EventStream, { pieceBins, covered }: EventGrid, edges: readonly Edge[]): Float64Array {
  const triggered = Math.min(
    0.8,
    edges.reduce((sum, { ratio }) => sum + ratio, 0),
  );
  return Float64Array.from(covered, (_, piece) => {
    let events = 0;
    for (let index = target.firsts[piece] ?? 0; index < (target.firsts[piece + 1] ?? 0); index += 1) events += target.counts[index] ?? 0;
    return (events * (1 - triggered)) / pieceBins;
  });
}

function nextEdges(target: EventStream, grid: EventGrid, edges: readonly Edge[], bases: Float64Array): readonly Edge[] {
  const sources = edges.map(({ source, kernel }) => excitementOf(source, target, grid, kernel));
  const [triggered, waited] = [new Float64Array(edges.length), new Float64Array(edges.length)];
  const ratios = Float64Array.from(edges, ({ ratio }) => ratio);
  for (let piece = 0; piece < grid.covered.length; piece += 1) {
    const base = bases[piece] ?? 0;
    let own = 0;
    for (let index = target.firsts[piece] ?? 0; index < (target.firsts[piece + 1] ?? 0); index += 1) {
      let expected = base;
      for (let p = 0; p < sources.length; p += 1) expected += (ratios[p] ?? 0) * (sources[p]?.gains[index] ?? 0);
      if (!(expected > 0)) continue;
      const share = (target.counts[index] ?? 0) / expected;
      own += base * share;
      for (let p = 0; p < sources.length; p += 1) {
        const part = (ratios[p] ?? 0) * share;
        triggered[p] = (triggered[p] ?? 0) + part * (sources[p]?.gains[index] ?? 0);
        waited[p] = (waited[p] ?? 0) + part * (sources[p]?.waits[index] ?? 0);
      }
    }
    bases[piece] = own / grid.pieceBins;
  }
  return edges.map((edge, p) => {
    const [count, wait] = [triggered[p] ?? 0, waited[p] ?? 0];
    const mass = sources[p]?.masses.reduce((sum, one) => sum + one, 0) ?? 0;
    if (!(mass > 0) || !(count > 0)) return { ...edge, ratio: 0 };
    const keep = Math.min(keepOf(LONGEST_MEMORY_S), Math.max(keepOf(SHORTEST_MEMORY_S), wait / (count + wait)));
    return { ...edge, ratio: count / mass, kernel: { ...edge.kernel, keep } };
  });
}
