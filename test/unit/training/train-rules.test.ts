import { describe, expect, test } from "vitest";
import type { Example } from "../../../src/training/example.ts";
import { trainRules } from "../../../src/training/train-rules.ts";
import { walkForward } from "../../../src/training/walk-forward.ts";
import { randomExamples } from "./random-examples.ts";

const COUNT = 400;

describe("training the rule model", () => {
  test("ships where a feature says what fading earns, and its trades earn in time that it was not trained on", () => {
    const { held_out, model, refusal } = trainRules(randomExamples(1, 2 * COUNT, 40));
    expect(refusal).toBeNull();
    expect(held_out.trades).toBeGreaterThan(10);
    expect(held_out.net_bps).toBeGreaterThan(10);
    const largest = model?.features.toSorted((a, b) => b.weight - a.weight)[0];
    expect(largest?.name).toBe("push_sigma");
  });

  test("does not ship where nothing says so, in at least 19 of 20 markets", () => {
    const shipped = Array.from({ length: 20 }, (_, index) => trainRules(randomExamples(100 + index, COUNT, 0))).filter(
      ({ refusal }) => refusal === null,
    );
    expect(shipped.length).toBeLessThanOrEqual(1);
  });

  test("says the same of the same examples, in any order", () => {
    const examples = randomExamples(2, COUNT, 20);
    expect(trainRules(examples.toReversed())).toEqual(trainRules(examples));
  });

  test("does not see the future: what comes after a fold changes nothing in it", () => {
    const examples = randomExamples(4, COUNT, 20);
    const known = trainRules(examples).folds;
    for (const [index, fold] of walkForward(examples).entries()) {
      const end = Math.max(...fold.test.map(({ minute }) => minute));
      const changed = shuffledAfter(examples, end);
      expect(trainRules(changed).folds.slice(0, index + 1)).toEqual(known.slice(0, index + 1));
    }
  });

  test("does not ship on fewer than 100 episodes, or where fading always earns, and says so", () => {
    expect(trainRules([]).refusal).toBe("there are 0 episodes of 4 hours with a graded spike; needed: 100");
    expect(trainRules(randomExamples(1, 60, 60)).refusal).toMatch(/^there are \d+ episodes/);
    const always = randomExamples(1, COUNT, 0).map((example) => ({ ...example, netBps: 5 }));
    expect(trainRules(always)).toMatchObject({ model: null, folds: [], refusal: expect.stringMatching(/^fading always earned/) });
  });
});

/** The examples with the features and outcomes of those after a time handed round among them. */
function shuffledAfter(examples: readonly Example[], time: number): readonly Example[] {
  const later = examples.filter(({ minute }) => minute > time);
  return [
    ...examples.filter(({ minute }) => minute <= time),
    ...later.map((example, index) => {
      const { features, grossBps, netBps } = later[(index * 7 + 3) % later.length] ?? { features: [], grossBps: 0, netBps: 0 };
      return { ...example, features: features.toReversed(), grossBps: -grossBps, netBps: -netBps };
    }),
  ];
}
