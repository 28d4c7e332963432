import { holmAdjusted } from "../scoreboard/holm.ts";
import { studentTail } from "../scoreboard/student-t.ts";
import { seededDraws } from "./draws.ts";
import { BIN_MS, type EventGrid, type EventStream } from "./event-grid.ts";
import { type Kernel, excitementOf } from "./excitement.ts";
import { type Edge, fitEdges, keepOf, memoryOf } from "./expectation-maximization.ts";
import { type Estimated, estimated } from "./interval.ts";
import { profileAt } from "./profile.ts";
import { type ShiftTest, TESTED_MEMORIES_S, shiftTest } from "./shift-test.ts";
import { spectralRadius } from "./spectral-radius.ts";
import { type TargetEstimates, targetEstimates } from "./target-estimates.ts";

/** The chance that a matrix of streams that do not excite each other has one or more arrows. */
export const LEVEL = 0.05;
const MIN_NULLS = 1_000;
/** Nulls for each pair: without as many, Holm's correction could let no pair pass. */
const NULLS_PER_PAIR = 40;
const DRAWS = 1_000;
/** Four hours, as for episodes elsewhere. */
const BLOCKS_PER_GROUP = 16;
const STARTING_RATIO = 0.1;

export interface FittedStream {
  readonly stream: EventStream;
  /** Resolution of its times, ms. */
  readonly resolutionMs: number;
}

/** What one stream triggers in another one, or in itself. Indexes are those of the streams. */
export interface FittedEntry {
  readonly from: number;
  readonly to: number;
  /** Chance of such a score without excitement, raised for the number of pairs tested. */
  readonly p: number;
  /** Lags under it are not counted, ms; null from a stream to itself. */
  readonly floorMs: number | null;
  /** Null where it does not beat its null. */
  readonly found: {
    /** Mean number of events that one event of the source triggers directly, beyond the floor. */
    readonly ratio: Estimated;
    /** Share of the target's events that the source triggered directly. */
    readonly share: Estimated;
    /** Mean time from an event to one it triggers, s, with the floor. */
    readonly delayS: number;
    /** Whether it triggers more events than the target triggers in the source, by the 95 % interval of the difference. */
    readonly outweighsReverse: boolean;
  } | null;
}

export interface FittedStreams {
  readonly entries: readonly FittedEntry[];
  /** Of the matrix of the entries that were found; null where none was. */
  readonly spectralRadius: Estimated | null;
  /** Nulls of each pair. */
  readonly nulls: number;
}

/** The lags that are not claimed between two streams, ms. */
export function floorOf(a: FittedStream, b: FittedStream): number {
  return a.resolutionMs + b.resolutionMs;
}

/** Bins of the grid that make sure that two events are further apart than the floor. */
export function delayOf(floorMs: number): number {
  return Math.ceil(floorMs / BIN_MS) + 1;
}

/**
 * Fits a multivariate Hawkes process with a base rate that is free in each block of each stream. A stream enters the model of
 * another one only where its score beats the nulls, alone and beside the others that do; see `shiftTest`. @param seed of nulls
 * and bootstrap
 */
export function fitStreams(streams: readonly FittedStream[], grid: EventGrid, seed: string): FittedStreams {
  const pairs = streams.flatMap((_, to) => streams.flatMap((__, from) => (from === to ? [] : [{ from, to }])));
  const nulls = Math.max(MIN_NULLS, NULLS_PER_PAIR * pairs.length);
  const tested = streams.map(({ stream }) => selfTest(stream, grid));
  const raised = holmAdjusted(tested.map(({ p }) => p));
  const selves = tested.map((self, index) => ({ ...self, p: raised[index] ?? 1 }));
  const model = new PairTests(streams, grid, selves, nulls, seed);
  const alone = pairs.map((pair) => model.test(pair, []));
  const passing = holmAdjusted(alone.map(({ p }) => p));
  const candidates = pairs.flatMap((pair, index) =>
    (passing[index] ?? 1) <= LEVEL ? [{ ...pair, memoryS: alone[index]?.memoryS ?? 1 }] : [],
  );
  const beside = pairs.map((pair, index): number => {
    const own = alone[index]?.p ?? 1;
    const others = candidates.filter(({ from, to }) => to === pair.to && from !== pair.from);
    const isCandidate = candidates.some(({ from, to }) => from === pair.from && to === pair.to);
    return isCandidate && others.length > 0 ? Math.max(own, model.test(pair, others).p) : own;
  });
  const adjusted = holmAdjusted(beside);
  const kept = pairs.map((pair, index) => ({ ...pair, p: adjusted[index] ?? 1, memoryS: alone[index]?.memoryS ?? 1 }));
  const groups = drawnGroups(Math.ceil(grid.covered.length / BLOCKS_PER_GROUP), `${seed} groups`);
  const targets = streams.map(({ stream }, to): FittedTarget => {
    const sources = [
      ...selves.flatMap(({ p }, from) => (from === to && p <= LEVEL ? [from] : [])),
      ...kept.flatMap((pair) => (pair.to === to && pair.p <= LEVEL ? [pair.from] : [])),
    ];
    const memories = new Map([
      ...kept.filter((pair) => pair.to === to).map(({ from, memoryS }) => [from, memoryS] as const),
      [to, selves[to]?.memoryS ?? 1],
    ]);
    const edges = fitEdges(
      stream,
      grid,
      sources.map((from) => model.edge(from, to, memories.get(from) ?? 1)),
    );
    return { sources, edges, estimates: targetEstimates(stream, grid, edges, { groups, blocksPerGroup: BLOCKS_PER_GROUP }) };
  });
  /** The target of the way back, with that edge also where it did not pass: not beyond chance is not the same as nothing. */
  const reverseOf = (from: number, to: number): FittedTarget | undefined => {
    const [target, stream] = [targets[from], streams[from]?.stream];
    if (target === undefined || stream === undefined || from === to || target.sources.includes(to)) return target;
    const memoryS = kept.find((pair) => pair.from === to && pair.to === from)?.memoryS ?? 1;
    const edges = [...target.edges, model.edge(to, from, memoryS)];
    const estimates = targetEstimates(stream, grid, edges, { groups, blocksPerGroup: BLOCKS_PER_GROUP });
    return { sources: [...target.sources, to], edges, estimates };
  };
  const entries = streams.flatMap((_, from) =>
    streams.map((__, to): FittedEntry => {
      const p = from === to ? (selves[to]?.p ?? 1) : (kept.find((pair) => pair.from === from && pair.to === to)?.p ?? 1);
      const [source, target] = [streams[from], streams[to]];
      const floorMs = from === to || source === undefined || target === undefined ? null : floorOf(source, target);
      return {
        from,
        to,
        p,
        floorMs,
        found: targets[to]?.sources.includes(from) === true ? foundOf(streams, targets, from, to, reverseOf(from, to)) : null,
      };
    }),
  );
  return { entries, spectralRadius: targets.every(({ sources }) => sources.length === 0) ? null : radiusOf(targets), nulls };
}

interface FittedTarget {
  readonly sources: readonly number[];
  readonly edges: readonly Edge[];
  readonly estimates: TargetEstimates;
}

/** Tests of pairs in models of their targets that hold the target itself and some other sources. */
class PairTests {
  readonly #streams: readonly FittedStream[];
  readonly #grid: EventGrid;
  readonly #selves: readonly ShiftTest[];
  readonly #nulls: number;
  readonly #seed: string;
  readonly #shares = new Map<string, Float64Array>();

  constructor(streams: readonly FittedStream[], grid: EventGrid, selves: readonly ShiftTest[], nulls: number, seed: string) {
    this.#streams = streams;
    this.#grid = grid;
    this.#selves = selves;
    this.#nulls = nulls;
    this.#seed = seed;
  }

  edge(from: number, to: number, memoryS: number): Edge {
    const [source, target] = [this.#stream(from), this.#stream(to)];
    const kernel: Kernel = { keep: keepOf(memoryS), delay: from === to ? 1 : delayOf(floorOf(source, target)) };
    return { source: source.stream, kernel, ratio: STARTING_RATIO };
  }

  test(
    { from, to }: { readonly from: number; readonly to: number },
    others: readonly { readonly from: number; readonly memoryS: number }[],
  ): ShiftTest {
    const [source, target] = [this.#stream(from), this.#stream(to)];
    return shiftTest(source.stream, target.stream, {
      grid: this.#grid,
      shares: this.#sharesOf(to, others),
      delay: delayOf(floorOf(source, target)),
      nulls: this.#nulls,
      seed: `${this.#seed} ${from} ${to} ${others.length}`,
    });
  }

  #sharesOf(to: number, others: readonly { readonly from: number; readonly memoryS: number }[]): Float64Array {
    const key = `${to} ${others.map(({ from }) => from).join(" ")}`;
    const known = this.#shares.get(key);
    if (known !== undefined) return known;
    const { stream } = this.#stream(to);
    const self = this.#selves[to];
    const own = self !== undefined && self.p <= LEVEL ? [this.edge(to, to, self.memoryS)] : [];
    const edges = fitEdges(stream, this.#grid, [...own, ...others.map(({ from, memoryS }) => this.edge(from, to, memoryS))]);
    const sources = edges.map(({ source, kernel }) => excitementOf(source, stream, this.#grid, kernel));
    const { shares } = profileAt(
      stream,
      this.#grid,
      sources,
      edges.map(({ ratio }) => ratio),
    );
    this.#shares.set(key, shares);
    return shares;
  }

  #stream(index: number): FittedStream {
    const stream = this.#streams[index];
    if (stream === undefined) throw new RangeError(`no stream ${index} of ${this.#streams.length}`);
    return stream;
  }
}

/**
 * Tests whether a stream excites itself: the score of its branching ratio at 0, divided by its deviation over the blocks, which
 * is right even where venues publish several events at once. The largest over the memories counts, raised for their number
 * (Bonferroni).
 */
function selfTest(stream: EventStream, grid: EventGrid): ShiftTest {
  let best: ShiftTest = { p: 1, memoryS: TESTED_MEMORIES_S[0] };
  for (const memoryS of TESTED_MEMORIES_S) {
    const excitement = excitementOf(stream, stream, grid, { keep: keepOf(memoryS), delay: 1 });
    const { slopes } = profileAt(stream, grid, [excitement], [0]);
    const sum = slopes.reduce((total, slope) => total + slope, 0);
    const deviation = Math.sqrt(slopes.reduce((total, slope) => total + slope ** 2, 0));
    const blocks = slopes.filter((slope) => slope !== 0).length;
    const z = deviation > 0 ? sum / deviation : 0;
    const p = z > 0 && blocks > 1 ? Math.min(1, TESTED_MEMORIES_S.length * studentTail(z, blocks - 1)) : 1;
    if (p < best.p) best = { p, memoryS };
  }
  return best;
}

function drawnGroups(count: number, seed: string): readonly Uint16Array[] {
  const draw = seededDraws(seed);
  return Array.from({ length: DRAWS }, () => {
    const times = new Uint16Array(count);
    for (let drawn = 0; drawn < count; drawn += 1) {
      const group = draw() % count;
      times[group] = (times[group] ?? 0) + 1;
    }
    return times;
  });
}

/** Which ratios of a fit: the estimates, those before their correction, or those of a draw of the bootstrap. */
type Version = "estimate" | "uncorrected" | number;

/** The ratio of an entry in a version; 0 where it is not in the model. */
function ratioIn(target: FittedTarget | undefined, from: number, version: Version): number {
  const place = target?.sources.indexOf(from) ?? -1;
  if (target === undefined || place < 0) return 0;
  const { ratios, uncorrected, draws } = target.estimates;
  return (version === "estimate" ? ratios : version === "uncorrected" ? uncorrected : draws[version])?.[place] ?? 0;
}

function foundOf(
  streams: readonly FittedStream[],
  targets: readonly FittedTarget[],
  from: number,
  to: number,
  reverse: FittedTarget | undefined,
): FittedEntry["found"] {
  const target = targets[to];
  const place = target?.sources.indexOf(from) ?? -1;
  const edge = target?.edges[place];
  if (target === undefined || edge === undefined) return null;
  const massOf = (of: FittedTarget | undefined, by: number): number => of?.estimates.masses[of.sources.indexOf(by)] ?? 0;
  const draws = Array.from({ length: DRAWS }, (_, draw) => ratioIn(target, from, draw));
  const estimate = ratioIn(target, from, "estimate");
  const ratio = estimated(estimate, draws, estimate - ratioIn(target, from, "uncorrected"));
  const events = streams[to]?.stream.events ?? 0;
  const scale = events === 0 ? 0 : massOf(target, from) / events;
  const more = draws.map((one, draw) => one * massOf(target, from) - ratioIn(reverse, to, draw) * massOf(reverse, to));
  return {
    ratio,
    share: { estimate: Math.min(1, ratio.estimate * scale), low: Math.min(1, ratio.low * scale), high: Math.min(1, ratio.high * scale) },
    delayS: ((edge.kernel.delay - 1) * BIN_MS) / 1000 + memoryOf(edge.kernel.keep),
    outweighsReverse: from !== to && more.filter((one) => one <= 0).length < 0.025 * DRAWS,
  };
}

function radiusOf(targets: readonly FittedTarget[]): Estimated {
  const radius = (version: Version) => spectralRadius(targets.map((target) => targets.map((_, from) => ratioIn(target, from, version))));
  const estimate = radius("estimate");
  const draws = Array.from({ length: DRAWS }, (_, draw) => radius(draw));
  return estimated(estimate, draws, estimate - radius("uncorrected"));
}
