import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutIntoPieces, type PiecewiseEvents } from "../../../src/hawkes/base-pieces.ts";
import { ProfileLikelihood } from "../../../src/hawkes/profile-likelihood.ts";

const END_S = 100;
const PIECE_S = 25;
/** Some of them together. */
const someTimes = fc
  .array(fc.integer({ min: 1, max: 9_999 }), { minLength: 2, maxLength: 60 })
  .map((drawn) => drawn.map((hundredths) => hundredths * 10).toSorted((a, b) => a - b));
const someGaps = fc.array(
  fc.tuple(fc.nat(90_000), fc.integer({ min: 1, max: 20_000 })).map(([start, length]) => ({ start, end: start + length })),
  { maxLength: 3 },
);
const decays = fc.double({ min: 0.01, max: 20, noNaN: true });
const ratios = fc.double({ min: 0, max: 1.5, noNaN: true });

function pieces(times: readonly number[], gaps: readonly { start: number; end: number }[] = [], length = PIECE_S): PiecewiseEvents {
  return cutIntoPieces(times, { start: 0, end: END_S * 1000 }, gaps, length);
}

/** The likelihood by its definition: every pair of events, and the integral over the covered time in small steps. */
function naiveLikelihood({ times, uncovered }: PiecewiseEvents, bases: readonly number[], ratio: number, decay: number): number {
  const own = [...times];
  const isCovered = (t: number) => !uncovered.some(({ from, to }) => t > from && t <= to);
  const excitement = (t: number) =>
    own.filter((other) => other < t).reduce((sum, other) => sum + decay * Math.exp(-decay * (t - other)), 0);
  const baseAt = (t: number) => bases[Math.min(bases.length - 1, Math.floor(t / PIECE_S))] ?? 0;
  let integral = 0;
  const cuts = [
    ...new Set([0, END_S, ...own, ...uncovered.flatMap(({ from, to }) => [from, to]), ...bases.map((_, index) => index * PIECE_S)]),
  ].toSorted((a, b) => a - b);
  for (const [index, start] of cuts.entries()) {
    const end = cuts[index + 1];
    if (end === undefined || !isCovered((start + end) / 2)) continue;
    const lasting = own
      .filter((other) => other <= start)
      .reduce((sum, other) => sum + Math.exp(-decay * (start - other)) - Math.exp(-decay * (end - other)), 0);
    integral += baseAt((start + end) / 2) * (end - start) + ratio * lasting;
  }
  return own.reduce((sum, time) => sum + Math.log(baseAt(time) + ratio * excitement(time)), 0) - integral;
}

describe("the profile likelihood", () => {
  test("of two events a second apart, worked by hand", () => {
    // The base alone: two events in 100 s.
    expect(new ProfileLikelihood(pieces([1_000, 2_000], [], END_S)).at(2, 0).value).toBeCloseTo(2 * Math.log(0.02) - 2, 9);
    // Excitation alone is as good as none before the first event, so the base is small but not 0.
    const { value } = new ProfileLikelihood(pieces([1_000, 2_000], [], END_S)).at(2, 0.5);
    const likelihood = (base: number) => Math.log(base) + Math.log(base + Math.exp(-2)) - base * END_S - 0.5 * 2;
    expect(value).toBeCloseTo(Math.max(...Array.from({ length: 40_000 }, (_, step) => likelihood(step / 1e6))), 6);
  });

  test("is the largest that any base rates of the pieces have at this ratio, in the covered time", () => {
    fc.assert(
      fc.property(
        someTimes,
        someGaps,
        decays,
        ratios,
        fc.array(ratios, { minLength: 4, maxLength: 4 }),
        (times, gaps, decay, ratio, shares) => {
          const events = pieces(times, gaps);
          const bases = shares.map((share, piece) => 1e-6 + (share * times.length) / END_S + piece * 1e-4);
          const { value } = new ProfileLikelihood(events).at(decay, ratio);
          expect(naiveLikelihood(events, bases, ratio, decay)).toBeLessThanOrEqual(value + 1e-6);
        },
      ),
    );
  });

  test("no other ratio is likelier than the best", () => {
    fc.assert(
      fc.property(someTimes, someGaps, decays, ratios, (times, gaps, decay, ratio) => {
        const likelihood = new ProfileLikelihood(pieces(times, gaps));
        const { value } = likelihood.best(decay);
        expect(likelihood.at(decay, ratio).value).toBeLessThanOrEqual(value + 1e-6);
      }),
    );
  });

  test("has the slope and curvature in the ratio that differences of it have", () => {
    const times = [3, 4, 4.2, 9, 30, 31, 33, 60, 61, 61.1, 61.5, 80].map((time) => time * 1000);
    const likelihood = new ProfileLikelihood(pieces(times, [{ start: 40_000, end: 50_000 }]));
    for (const ratio of [0.1, 0.4, 0.9]) {
      const [below, here, above] = [ratio - 1e-4, ratio, ratio + 1e-4].map((one) => likelihood.at(0.5, one));
      expect(here?.slope).toBeCloseTo(((above?.value ?? 0) - (below?.value ?? 0)) / 2e-4, 4);
      expect(here?.curvature).toBeCloseTo(-((above?.slope ?? 0) - (below?.slope ?? 0)) / 2e-4, 3);
    }
  });

  test("events at even steps have no branching ratio: their likelihood is that of a Poisson process", () => {
    const times = Array.from({ length: 99 }, (_, index) => (index + 1) * 1000);
    const { branchingRatio, value } = new ProfileLikelihood(pieces(times, [], END_S)).best(5);
    expect(branchingRatio).toBe(0);
    expect(value).toBeCloseTo(99 * Math.log(0.99) - 99, 9);
  });
});

describe("pieces", () => {
  test("count the covered time, and leave out events that are dated into a gap", () => {
    const { times, firsts, seconds, uncovered } = pieces(
      [10_000, 26_000, 40_000, 80_000],
      [
        { start: -5_000, end: 5_000 },
        { start: 30_000, end: 45_000 },
        { start: 35_000, end: 60_000 },
        { start: 95_000, end: 200_000 },
      ],
    );
    expect([...times]).toEqual([10, 26, 80]);
    expect([...firsts]).toEqual([0, 1, 2, 2, 3]);
    expect([...seconds]).toEqual([20, 5, 15, 20]);
    expect(uncovered).toEqual([
      { from: 0, to: 5 },
      { from: 30, to: 60 },
      { from: 95, to: 100 },
    ]);
  });
});
