import { describe, expect, test } from "vitest";
import { BLOCK_BINS, type EventGrid, eventStream } from "../../../src/contagion/event-grid.ts";
import { type FittedEntry, fitStreams } from "../../../src/contagion/fit-streams.ts";
import { type ContagiousOptions, contagiousStreams } from "../../../scripts/market-simulation/contagious-streams.ts";
import { createRandom } from "../../../scripts/simulator/random.ts";

const DAYS = 2;
const SELVES = [0, 1, 2].map((own) => ({ from: own, to: own, ratio: 0.3, delayS: 0, memoryS: 8 }));
const QUIET: ContagiousOptions = {
  streams: 3,
  days: DAYS,
  ownPerDay: 800,
  triggers: SELVES,
  drift: { deviation: 0.5, timeS: 3_600 },
  shocks: { perDay: 0, withinS: 0 },
};

function fitOf(changes: Partial<ContagiousOptions>, seed: number) {
  const grid: EventGrid = { pieceBins: BLOCK_BINS, covered: new Uint8Array(DAYS * 96).fill(1) };
  const times = contagiousStreams({ ...QUIET, ...changes }, createRandom(seed, "contagion"));
  return fitStreams(
    times.map((own) => ({ stream: eventStream(own, grid), resolutionMs: 500 })),
    grid,
    `test ${seed}`,
  );
}

function arrows(entries: readonly FittedEntry[]): readonly string[] {
  return entries.flatMap(({ from, to, found }) => (found === null || from === to ? [] : [`${from} to ${to}`]));
}

describe("streams of which one triggers another", () => {
  const fit = fitOf({ triggers: [...SELVES, { from: 0, to: 1, ratio: 0.3, delayS: 1, memoryS: 6 }] }, 1);

  test("give that arrow, in its direction, and no other", () => {
    expect(arrows(fit.entries)).toEqual(["0 to 1"]);
    expect(fit.entries.find(({ from, to }) => from === 0 && to === 1)?.found?.outweighsReverse).toBe(true);
  });

  test("give what was planted, within its interval: the ratio, the delay and the spectral radius", () => {
    const found = fit.entries.find(({ from, to }) => from === 0 && to === 1)?.found;
    expect(found?.ratio.low).toBeLessThan(0.3);
    expect(found?.ratio.high).toBeGreaterThan(0.3);
    expect(found?.ratio.high).toBeLessThan(0.4);
    expect(found?.delayS).toBeGreaterThan(4);
    expect(found?.delayS).toBeLessThan(10);
    expect(fit.spectralRadius?.low).toBeLessThan(0.3);
    expect(fit.spectralRadius?.high).toBeGreaterThan(0.25);
  });

  test("give the same again", () => {
    expect(fitOf({ triggers: [...SELVES, { from: 0, to: 1, ratio: 0.3, delayS: 1, memoryS: 6 }] }, 1)).toEqual(fit);
  });
});

function marketsWithArrows(changes: Partial<ContagiousOptions>): number {
  return [11, 12, 13, 14].filter((seed) => arrows(fitOf(changes, seed).entries).length > 0).length;
}

describe("nothing is found, at most once in 4 markets,", () => {
  test("where rates drift together", () => {
    expect(marketsWithArrows({ drift: { deviation: 0.8, timeS: 3_600 } })).toBeLessThanOrEqual(1);
  });

  test("where shocks reach all streams within the floor, and each goes on by itself", () => {
    expect(marketsWithArrows({ shocks: { perDay: 100, withinS: 0.9 }, drift: { deviation: 0, timeS: 1 } })).toBeLessThanOrEqual(1);
  });
});

test("a stream that is triggered by way of another one gets no arrow of its own", () => {
  const chain = [
    { from: 0, to: 1, ratio: 0.5, delayS: 2, memoryS: 3 },
    { from: 1, to: 2, ratio: 0.5, delayS: 2, memoryS: 3 },
  ];
  expect(arrows(fitOf({ triggers: [...SELVES, ...chain] }, 3).entries)).toEqual(["0 to 1", "1 to 2"]);
});
