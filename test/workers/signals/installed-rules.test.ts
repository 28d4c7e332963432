import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { RULE_MODEL_KEY } from "../../../src/signals/rule-model-file.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { installedRules } from "../../../workers/signals/installed-rules.ts";
import { trainedModel } from "../../unit/training/trained-model.ts";
import { apiClient } from "../api/api-client.ts";
import { MINUTE, onlyRecord, stage, storeSpike, workerEnv } from "./signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";

const { BUCKET } = workerEnv;
const install = (model: object | string) => env.BUCKET.put(RULE_MODEL_KEY, typeof model === "string" ? model : JSON.stringify(model));

/** What was read is kept for a minute, so each look is later by more than that. */
let clock = MINUTE + 1_000 * MINUTE_MS;
const look = () => installedRules(BUCKET, (clock += 2 * MINUTE_MS));

const seen = async (content: object | string) => {
  await install(content);
  return look();
};

beforeEach(emptyStorage);

describe("the installed rule model", () => {
  test("is none at first: the rules decide, and say why", async () => {
    expect(await look()).toEqual({ trained: null, version: "rules-v1", reason: `no model is installed under ${RULE_MODEL_KEY}` });
  });

  test("decides from its installation on, also while it stays the same, and until it is replaced or deleted", async () => {
    const model = await trainedModel();
    await install(model);
    const version = `rules-v2:${model.hash.slice(0, 12)}`;
    expect(await look()).toEqual({ trained: { version, model }, version, reason: null });
    expect(await look()).toEqual({ trained: { version, model }, version, reason: null });
    const other = await trainedModel({ intercept: -1 });
    await install(other);
    expect((await look()).version).toBe(`rules-v2:${other.hash.slice(0, 12)}`);
    await env.BUCKET.delete(RULE_MODEL_KEY);
    expect((await look()).version).toBe("rules-v1");
  });

  test("is read at most once a minute", async () => {
    await install(await trainedModel());
    const { version } = await look();
    await install(await trainedModel({ intercept: -1 }));
    expect((await installedRules(BUCKET, clock + MINUTE_MS - 1)).version).toBe(version);
    expect((await installedRules(BUCKET, clock + MINUTE_MS)).version).not.toBe(version);
    clock += MINUTE_MS;
  });

  test("must not decide where it is no rule model, was changed, or failed its test: the rules do, and say why", async () => {
    const model = await trainedModel();
    expect(await seen("no JSON")).toMatchObject({
      trained: null,
      version: "rules-v1",
      reason: expect.stringContaining("not valid JSON"),
    });
    expect(await seen({ ...model, intercept: 9 })).toMatchObject({
      trained: null,
      reason: expect.stringContaining("its hash does not match"),
    });
    const failed = await trainedModel({ refusal: "it beat the base rate in 1 of 5 folds; needed: 4" });
    expect(await seen(failed)).toMatchObject({ trained: null, reason: expect.stringContaining("it failed its test") });
    expect(await seen(" ".repeat(70_000))).toMatchObject({ trained: null, reason: expect.stringContaining("70000 bytes") });
  });

  test("stays as it was read where the bucket does not answer", async () => {
    await install(await trainedModel());
    const before = await look();
    expect(before.version).toMatch(/^rules-v2:/);
    const get = BUCKET.get;
    BUCKET.get = () => Promise.reject(new Error("internal error"));
    try {
      expect(await look()).toEqual(before);
    } finally {
      BUCKET.get = get;
    }
    await look();
  });

  test("is shown in the status", async () => {
    const model = await trainedModel();
    await install(model);
    const { body } = await apiClient((clock += 2 * MINUTE_MS), {}, () => Promise.resolve([]))("/v1/status");
    expect(body.data.rule_model).toEqual({
      version: `rules-v2:${model.hash.slice(0, 12)}`,
      reason: null,
      trained_from: model.trained_from,
      trained_to: model.trained_to,
      episodes: 200,
    });
  });

  test("names itself in every decision, of which it is the analyst without a key", async () => {
    const model = await trainedModel();
    await install(model);
    await storeSpike();
    const { run } = await stage(null);
    await run();
    const version = `rules-v2:${model.hash.slice(0, 12)}`;
    const record = await onlyRecord();
    expect(record).toMatchObject({ analyst: "rules", model: version, rule_version: version, reason_code: "no_key" });
    expect(record.rule_probability).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
    expect(record.rule_action).toBe(record.action);
  });
});
