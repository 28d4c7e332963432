import { BLOCK_BINS, type EventGrid, eventStream } from "../../src/contagion/event-grid.ts";
import { type FittedEntry, type FittedStreams, LEVEL, fitStreams } from "../../src/contagion/fit-streams.ts";
import { type ContagiousOptions, type Trigger, contagiousStreams, throttled } from "../market-simulation/contagious-streams.ts";
import { createRandom } from "../simulator/random.ts";
import type { Figure } from "./figure.ts";

const DAYS = 14;
const STREAMS = 3;
const MARKETS_PER_SEED = 5;
/** Both feeds tell half a second apart. */
const RESOLUTION_MS = 500;
const SELVES: readonly Trigger[] = Array.from({ length: STREAMS }, (_, own) => ({ from: own, to: own, ratio: 0.3, delayS: 0, memoryS: 8 }));
const PLANTED: Trigger = { from: 0, to: 1, ratio: 0.2, delayS: 1.5, memoryS: 6 };
const QUIET: ContagiousOptions = {
  streams: STREAMS,
  days: DAYS,
  ownPerDay: 150,
  triggers: SELVES,
  drift: { deviation: 0, timeS: 3_600 },
  shocks: { perDay: 0, withinS: 0 },
};
const DRIFT = { deviation: 0.8, timeS: 3_600 };

/** What the fit of contagion finds where something was planted, and where nothing was. */
export function contagion(seeds: readonly number[]): Promise<readonly Figure[]> {
  const markets = seeds.flatMap((seed) => Array.from({ length: MARKETS_PER_SEED }, (_, index) => seed * 1_000 + index));
  const target = `at most ${100 * LEVEL} %`;
  const nothing = (what: string, changes: Partial<ContagiousOptions>): Figure => {
    const found = markets.filter((seed) => arrowsOf(fit(changes, seed)).length > 0).length;
    return { what: `matrices with an arrow, ${what}`, measured: `${found} of ${markets.length}`, target };
  };
  return Promise.resolve([
    nothing("independent streams", {}),
    nothing("rates that drift together", { drift: DRIFT }),
    nothing("shocks to all within the floor", { shocks: { perDay: 50, withinS: 0.9 } }),
    ...planted(markets),
    ...chains(markets),
    slowShocks(markets),
  ]);
}

function planted(markets: readonly number[]): readonly Figure[] {
  const plan = { triggers: [...SELVES, PLANTED], drift: DRIFT };
  const fits = markets.map((seed) => fit(plan, seed));
  const hidden = markets.map((seed) => fit(plan, seed, [1]));
  const hiding = markets.map((seed) => fit(plan, seed, [0]));
  const found = fits.flatMap((one) => entryOf(one, PLANTED)?.found ?? []);
  const of = `of ${markets.length}`;
  const radius = fits.filter(({ spectralRadius: interval }) => interval !== null && interval.low <= 0.3 && interval.high >= 0.3).length;
  return [
    { what: "planted arrow found", measured: `${found.length} ${of}`, target: "at least 95 %" },
    {
      what: "with another arrow beside it",
      measured: `${fits.filter((one) => arrowsOf(one).length > 1).length} ${of}`,
      target: "at most 5 %",
    },
    {
      what: "said to outweigh its reverse",
      measured: `${found.filter((one) => one.outweighsReverse).length} ${of}`,
      target: "at least 95 %",
    },
    {
      what: `its ratio, true ${PLANTED.ratio}`,
      measured: mean(found.map((one) => one.ratio.estimate)).toFixed(3),
      target: String(PLANTED.ratio),
    },
    {
      what: "95 % interval that contains it",
      measured: `${found.filter(({ ratio: { low, high } }) => low <= PLANTED.ratio && high >= PLANTED.ratio).length} of ${found.length}`,
      target: "95 %",
    },
    {
      what: `its mean delay, s, true ${PLANTED.delayS + PLANTED.memoryS}`,
      measured: mean(found.map((one) => one.delayS)).toFixed(1),
      target: String(PLANTED.delayS + PLANTED.memoryS),
    },
    { what: "spectral radius, true 0.3, in its interval", measured: `${radius} ${of}`, target: "95 %" },
    { what: "its ratio where the target is throttled", measured: meanRatio(hidden), target: "" },
    { what: "its ratio where the source is throttled", measured: meanRatio(hiding), target: "" },
  ];
}

/** From the first to the third only by way of the second. */
function chains(markets: readonly number[]): readonly Figure[] {
  const chain = [
    { ...PLANTED, ratio: 0.4 },
    { ...PLANTED, ratio: 0.4, from: 1, to: 2 },
  ];
  const fits = markets.map((seed) => fit({ triggers: [...SELVES, ...chain] }, seed));
  const both = fits.filter((one) => chain.every((trigger) => entryOf(one, trigger)?.found != null)).length;
  const jumps = fits.filter((one) => entryOf(one, { from: 0, to: 2 })?.found != null).length;
  return [
    { what: "both arrows of a chain found", measured: `${both} of ${fits.length}`, target: "at least 95 %" },
    { what: "an arrow from its first to its third", measured: `${jumps} of ${fits.length}`, target: "at most 5 %" },
  ];
}

/** What the method cannot tell from contagion. */
function slowShocks(markets: readonly number[]): Figure {
  const found = markets.filter((seed) => arrowsOf(fit({ shocks: { perDay: 50, withinS: 20 } }, seed)).length > 0).length;
  return {
    what: "matrices with an arrow, shocks to all within 20 s",
    measured: `${found} of ${markets.length}`,
    target: "(a known limit)",
  };
}

function fit(changes: Partial<ContagiousOptions>, seed: number, thinned: readonly number[] = []): FittedStreams {
  const grid: EventGrid = { pieceBins: BLOCK_BINS, covered: new Uint8Array(DAYS * 96).fill(1) };
  const times = contagiousStreams({ ...QUIET, ...changes }, createRandom(seed, "measure contagion"));
  const streams = times.map((own, index) => ({
    stream: eventStream(thinned.includes(index) ? throttled(own) : own, grid),
    resolutionMs: RESOLUTION_MS,
  }));
  return fitStreams(streams, grid, `measure ${seed}`);
}

function arrowsOf({ entries }: FittedStreams): readonly FittedEntry[] {
  return entries.filter(({ from, to, found }) => from !== to && found !== null);
}

function entryOf({ entries }: FittedStreams, { from, to }: Pick<Trigger, "from" | "to">): FittedEntry | undefined {
  return entries.find((entry) => entry.from === from && entry.to === to);
}

function meanRatio(fits: readonly FittedStreams[]): string {
  return mean(fits.flatMap((one) => entryOf(one, PLANTED)?.found?.ratio.estimate ?? [])).toFixed(3);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
