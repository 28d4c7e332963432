import { describe, expect, test } from "vitest";
import { episodeOf } from "../../../src/scoreboard/episode.ts";
import { type Example, weighByEpisode } from "../../../src/training/example.ts";
import { EMBARGO_MS, FOLDS, walkForward } from "../../../src/training/walk-forward.ts";
import { createRandom } from "../../../scripts/simulator/random.ts";
import { randomExamples } from "./random-examples.ts";

const times = (examples: readonly Example[]) => examples.map(({ minute }) => minute);

describe("walk-forward folds", () => {
  test("never have the same episode on both sides, and train only on what was known a day before", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const folds = walkForward(randomExamples(seed, 400, 0));
      expect(folds.length).toBe(FOLDS);
      for (const { training, test: tested } of folds) {
        expect(tested.length).toBeGreaterThan(0);
        const episodes = new Set(training.map(({ minute }) => episodeOf(minute)));
        expect(tested.some(({ minute }) => episodes.has(episodeOf(minute)))).toBe(false);
        const lastKnown = Math.max(...training.map(({ knownTime }) => knownTime));
        expect(Math.min(...times(tested)) - lastKnown).toBeGreaterThanOrEqual(EMBARGO_MS);
      }
    }
  });

  test("test each later example once, in the order of time, whatever order they come in", () => {
    const examples = randomExamples(7, 400, 0);
    const random = createRandom(7, "order");
    const shuffled = examples
      .map((example) => ({ example, key: random.uniform() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ example }) => example);
    const tested = walkForward(shuffled).map(({ test: own }) => times(own).toSorted((a, b) => a - b));
    expect(tested).toEqual(walkForward(examples).map(({ test: own }) => times(own)));
    const all = tested.flat();
    expect(all).toEqual(all.toSorted((a, b) => a - b));
    expect(new Set(all).size).toBe(all.length);
    expect(all.at(-1)).toBe(examples.at(-1)?.minute);
  });

  test("are none with fewer than ten episodes", () => {
    expect(walkForward([])).toEqual([]);
    expect(walkForward(randomExamples(1, 9, 0))).toEqual([]);
  });
});

describe("weights", () => {
  test("count an episode once", () => {
    const examples = randomExamples(3, 200, 0);
    const weights = new Map<number, number>();
    for (const { minute, weight } of weighByEpisode(examples))
      weights.set(episodeOf(minute), (weights.get(episodeOf(minute)) ?? 0) + weight);
    expect(weights.size).toBeLessThan(examples.length);
    for (const weight of weights.values()) expect(weight).toBeCloseTo(1, 12);
  });
});
