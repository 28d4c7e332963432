import { type EventGrid, type EventStream, halved } from "./event-grid.ts";
import { type Excitement, type Kernel, excitementOf } from "./excitement.ts";
import { type Edge, fitRatios, keepOf, memoryOf } from "./expectation-maximization.ts";
import { newtonStep, profileAt, summed } from "./profile.ts";

/** The ratios of a target's edges, and what they would be over redrawn hours. */
export interface TargetEstimates {
  readonly ratios: readonly number[];
  /** The same before the correction for free base rates. */
  readonly uncorrected: readonly number[];
  /** By draw and then by edge. */
  readonly draws: readonly (readonly number[])[];
  /** Number of the target's events that one branching ratio of 1 would stand for, by edge. */
  readonly masses: readonly number[];
}

/**
 * Free base rates take a part of the excitement for their own, the more the shorter their pieces: what a ratio loses from blocks
 * to their halves it lost before too, and is added again (the jackknife of Dhaene & Jochmans 2015, Rev. Econ. Stud. 82).
 *
 * Each draw of the bootstrap takes groups of blocks and makes one Newton step from the estimate, in ratios and
 * memories together: it equals a refit to first order (Davidson & MacKinnon 1999, J. Econometrics 91), because base rates belong to a block each and
 * the likelihood is a sum over blocks.
 *
 * @param groups by draw: how often each group of blocks was drawn
 * @param blocksPerGroup consecutive blocks of a group
 */
export function targetEstimates(
  target: EventStream,
  grid: EventGrid,
  edges: readonly Edge[],
  { groups, blocksPerGroup }: { readonly groups: readonly Uint16Array[]; readonly blocksPerGroup: number },
): TargetEstimates {
  const half = halved(grid, [target, ...edges.map(({ source }) => source)]);
  const [halfTarget = target, ...halfSources] = half.streams;
  const halfEdges = edges.map((edge, index) => ({ ...edge, source: halfSources[index] ?? edge.source }));
  const whole = stepsOf(target, grid, edges, groups, blocksPerGroup);
  const inHalves = stepsOf(halfTarget, half.grid, halfEdges, groups, 2 * blocksPerGroup);
  return {
    ratios: corrected(whole.ratios, inHalves.ratios),
    uncorrected: whole.ratios,
    draws: whole.draws.map((draw, index) => corrected(draw, inHalves.draws[index] ?? draw)),
    masses: whole.masses,
  };
}

function corrected(ratios: readonly number[], halves: readonly number[]): readonly number[] {
  return ratios.map((ratio, p) => Math.max(0, 2 * ratio - (halves[p] ?? 0)));
}

function stepsOf(
  target: EventStream,
  grid: EventGrid,
  edges: readonly Edge[],
  groups: readonly Uint16Array[],
  piecesPerGroup: number,
): Omit<TargetEstimates, "uncorrected"> {
  const k = edges.length;
  const ratios = fitRatios(target, grid, edges);
  const sources = edges.map(({ source, kernel }) => excitementOf(source, target, grid, kernel));
  const memories = edges.map(({ source, kernel }, p) => memoryStep(source, target, grid, kernel, ratios[p] ?? 0));
  const all = 2 * k;
  const start = Array.from({ length: all }, (_, p) => ratios[p] ?? 0);
  const profile = profileAt(target, grid, [...sources, ...memories], start);
  const count = Math.ceil(grid.covered.length / piecesPerGroup);
  const byGroup = {
    slopes: Float64Array.from({ length: count * all }, (_, place) => sumOver(profile.slopes, all, place, piecesPerGroup)),
    curvatures: Float64Array.from({ length: count * all * all }, (_, place) =>
      sumOver(profile.curvatures, all * all, place, piecesPerGroup),
    ),
  };
  const stepTo = (times: Float64Array): readonly number[] => {
    const { slope, curvature } = summed(byGroup, all, times);
    return newtonStep(start, slope, curvature, k);
  };
  // The memories are not quite at their maximum, where expectation maximization stopped: draws are moved to lie around the estimate.
  const middle = stepTo(new Float64Array(count).fill(1));
  const draws = groups.map((times) => {
    const drawn = stepTo(Float64Array.from(times));
    return ratios.map((ratio, p) => Math.max(0, ratio + (drawn[p] ?? 0) - (middle[p] ?? 0)));
  });
  return { ratios, draws, masses: sources.map(({ masses }) => masses.reduce((sum, one) => sum + one, 0)) };
}

/** Step of differences in log memory. */
const MEMORY_STEP = 0.05;

/** What a source adds to a target more for a longer memory: the slope in its logarithm. */
function memoryStep(source: EventStream, target: EventStream, grid: EventGrid, kernel: Kernel, ratio: number): Excitement {
  const [shorter, longer] = [-MEMORY_STEP, MEMORY_STEP].map((step) =>
    excitementOf(source, target, grid, { ...kernel, keep: keepOf(memoryOf(kernel.keep) * Math.exp(step)) }),
  );
  const slope = (of: "gains" | "masses"): Float64Array =>
    Float64Array.from(longer?.[of] ?? [], (value, index) => (ratio * (value - (shorter?.[of][index] ?? 0))) / (2 * MEMORY_STEP));
  return { gains: slope("gains"), waits: new Float64Array(), masses: slope("masses") };
}

/** The sum of one value over the pieces of a group; `place` is group · width + value. */
function sumOver(values: Float64Array, width: number, place: number, pieces: number): number {
  const [group, value] = [Math.floor(place / width), place % width];
  let sum = 0;
  for (let piece = group * pieces; piece < (group + 1) * pieces; piece += 1) sum += values[piece * width + value] ?? 0;
  return sum;
}
