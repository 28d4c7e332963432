import { describe, expect, test } from "vitest";
import {
  type Observation,
  blockLength,
  clusteredMean,
  meanInterval,
  rateInterval,
  zeroMeanPValue,
} from "../../../src/scoreboard/clustered-interval.ts";
import { createRandom } from "../../../scripts/simulator/random.ts";

const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
/** One observation an episode, far enough apart that none share a block. */
const apart = (values: readonly number[]): readonly Observation[] => values.map((value, index) => ({ episode: 1_000 * index, value }));

describe("the error of a mean over decisions that depend on each other", () => {
  test("is the textbook's where none share a block", () => {
    const found = clusteredMean(apart([1, 2, 3, 4, 5, 6]), 12);
    expect(found).toMatchObject({ mean: 3.5, decisions: 6, episodes: 6, blocks: 6 });
    // s / √n = √3.5 / √6
    expect(found?.standard_error).toBeCloseTo(Math.sqrt(3.5 / 6), 12);
  });

  test("counts decisions of one episode as one", () => {
    const once = clusteredMean(apart([1, 2, 3, 4, 5, 6]), 12);
    const thrice = clusteredMean(
      apart([1, 2, 3, 4, 5, 6]).flatMap((one) => [one, one, one]),
      12,
    );
    expect(thrice?.standard_error).toBeCloseTo(once?.standard_error ?? 0, 12);
    expect(thrice).toMatchObject({ decisions: 18, episodes: 6, blocks: 6 });
    // Never more than the blocks, here a sixth less because of the correction for few of them.
    expect(thrice?.effective_n).toBeCloseTo(5, 12);
  });

  test("is that of a moving block bootstrap after many draws", () => {
    const random = createRandom(1, "bootstrap");
    const length = 6;
    const episodes = 120;
    let level = 0;
    const values = times(episodes, () => (level = 0.8 * level + random.normal()));
    const found = clusteredMean(
      values.map((value, episode) => ({ episode, value })),
      length,
    );
    // Blocks of 6 consecutive errors, those beyond either end being zero as in the closed form.
    const mean = values.reduce((sum, value) => sum + value, 0) / episodes;
    const block = (start: number) => times(length, (step) => (values[start + step] ?? mean) - mean).reduce((sum, error) => sum + error, 0);
    const starts = episodes + length - 1;
    const draws = times(5_000, () => times(episodes / length, () => block(random.integer(starts) - length + 1)).reduce((a, b) => a + b, 0));
    const bootstrapped = Math.sqrt(draws.reduce((sum, draw) => sum + draw ** 2, 0) / draws.length) / episodes;
    const corrected = bootstrapped * Math.sqrt(starts / episodes) * Math.sqrt((found?.blocks ?? 0) / ((found?.blocks ?? 0) - 1));
    expect((found?.standard_error ?? 0) / corrected).toBeCloseTo(1, 1);
  });

  test("has no interval with fewer than 4 blocks", () => {
    const three = clusteredMean(apart([1, -1, 1]), 12);
    const four = clusteredMean(apart([1, -1, 1, -1]), 12);
    if (three === null || four === null) throw new Error("no mean");
    expect([meanInterval(three), rateInterval(three), zeroMeanPValue(three)]).toEqual([null, null, null]);
    expect(meanInterval(four)).not.toBeNull();
    expect(clusteredMean([], 12)).toBeNull();
  });

  test("an interval of a rate stays within 0 and 1, also where all hit", () => {
    const all = clusteredMean(apart(times(8, () => 1)), 12);
    if (all === null) throw new Error("no mean");
    const interval = rateInterval(all);
    expect(all.effective_n).toBe(8);
    expect(interval?.high).toBeCloseTo(1, 12);
    expect(interval?.high).toBeLessThanOrEqual(1);
    expect(interval?.low).toBeGreaterThan(0.4);
    expect(interval?.low).toBeLessThan(0.7);
    expect(zeroMeanPValue(all)).toBeNull();
  });

  test("a p-value is 0.05 where the interval ends at 0", () => {
    const found = clusteredMean(apart([3, 5, 1, 4, 2, 6, 3]), 12);
    if (found === null) throw new Error("no mean");
    const shifted = { ...found, mean: found.mean - (meanInterval(found)?.low ?? 0) };
    expect(zeroMeanPValue(shifted)).toBeCloseTo(0.05, 9);
  });

  test("blocks are two days, and three horizons where that is more", () => {
    expect([blockLength("5m"), blockLength("1h"), blockLength("24h")]).toEqual([12, 12, 18]);
  });
});
