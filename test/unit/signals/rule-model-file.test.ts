import { describe, expect, test } from "vitest";
import { type ServedRules, readRuleModel } from "../../../src/signals/rule-model-file.ts";
import { ruleVerdict } from "../../../src/signals/rule-model.ts";
import { fadeEstimate } from "../../../src/signals/trained-rules.ts";
import { trainedModel } from "../training/trained-model.ts";
import { flowOf, sampleInput, statistics } from "./sample-input.ts";

async function served(): Promise<ServedRules> {
  const read = await readRuleModel(JSON.stringify(await trainedModel()));
  if (typeof read === "string") throw new Error(read);
  return read;
}

/** Longs that push the mark price down by so many bps, with σ√15 min of 20 bps. */
function flush(bps: number) {
  const input = sampleInput(
    { long: statistics({ usd: 900_000 }), short: statistics({ usd: 100_000 }) },
    { flow: flowOf(Array.from({ length: 15 }, (_, index) => [1_000, 0, index < 5 ? 100 : 100 * (1 - bps / 1e4)] as const)) },
  );
  return { ...input, market: { ...input.market, sigma_before_bps: 20 / Math.sqrt(15) } };
}

describe("a rule model's file", () => {
  test("is served under a version that names its hash", async () => {
    const { version, model } = await served();
    expect(version).toBe(`rules-v2:${model.hash.slice(0, 12)}`);
    expect(model).toEqual(await trainedModel());
  });

  test("must not decide where it was changed, fits other features, or failed its test, and says why", async () => {
    const model = await trainedModel();
    const read = (changes: object) => readRuleModel(JSON.stringify({ ...model, ...changes }));
    expect(await readRuleModel("{")).toMatch(/^it is not valid JSON/);
    expect(await readRuleModel("{}")).toMatch(/^features_version: /);
    expect(await read({ more: 1 })).toMatch(/[Uu]nrecognized key/);
    expect(await read({ intercept: 0 })).toBe("its hash does not match its fields: it was changed after it was trained");
    const other = await trainedModel({ features_version: 0 });
    expect(await readRuleModel(JSON.stringify(other))).toBe("it was trained on features of version 0; this version has 1");
    const narrow = await trainedModel({ covariance: model.covariance.slice(1) });
    expect(await readRuleModel(JSON.stringify(narrow))).toBe("covariance: not 17 × 17");
    const failed = await trainedModel({ refusal: "it beat the base rate in 2 of 5 folds; needed: 4" });
    expect(await readRuleModel(JSON.stringify(failed))).toBe("it failed its test: it beat the base rate in 2 of 5 folds; needed: 4");
  });
});

describe("a trained rule model", () => {
  test("fades where what it expects after cost is more than one standard error, and else does nothing", async () => {
    const trained = await served();
    const large = ruleVerdict(flush(80), trained);
    expect(large).toMatchObject({ version: trained.version, verdict: { action: "BUY", confidence: 88, reason_code: null } });
    expect(large.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    const small = ruleVerdict(flush(10), trained);
    expect(small).toMatchObject({ version: trained.version, verdict: { action: "NOTHING", confidence: 0 } });
    expect(small.probability).toBeLessThan(0.2);
  });

  test("needs more where it knows less", async () => {
    const features = pushed(2.3);
    const sure = fadeEstimate(await trainedModel(), features);
    const model = await trainedModel();
    const unsure = fadeEstimate({ ...model, covariance: model.covariance.map((row) => row.map((value) => 100 * value)) }, features);
    expect(unsure.expectedBps).toBe(sure.expectedBps);
    expect(unsure.errorBps).toBeGreaterThan(5 * sure.errorBps);
  });

  test("takes a null for the median of its training data, and what is absurd for four deviations", async () => {
    const model = await trainedModel();
    const probability = (push: number | null) => fadeEstimate(model, pushed(push)).probability;
    expect(probability(null)).toBe(probability(0));
    expect(probability(1e9)).toBe(probability(4));
  });

  test("does nothing where neither side dominates, and the rules decide where none is served", async () => {
    const even = sampleInput({ long: statistics({ usd: 100 }), short: statistics({ usd: 100 }) });
    expect(ruleVerdict(even, await served())).toMatchObject({ verdict: { action: "NOTHING" }, probability: null });
    expect(ruleVerdict(flush(80))).toMatchObject({ version: "rules-v1", probability: null });
  });
});

/** Features of which only the push is known. */
function pushed(push: number | null): readonly (number | null)[] {
  return Array.from({ length: 16 }, (_, index) => (index === 7 ? push : null));
}
