import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SignalRecord } from "../../../src/signals/ledger.ts";
import { givenGrade } from "../../../src/grades/grade.ts";
import { checkGrades } from "../../../src/grades/grade-ledger.ts";
import { GENESIS } from "../../../src/signals/hash-chain.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { dueGrades, giveGrade } from "../../../workers/signals/grade-rows.ts";
import { PROMPT_VERSION } from "../../../src/signals/prompt.ts";
import { appendSignal } from "../../../workers/signals/append-signal.ts";
import { apiClient } from "../api/api-client.ts";
import { MINUTE, count, modelReply, onlyRecord, stage, storeSpike } from "./signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";

afterEach(emptyStorage);

const get = apiClient(MINUTE + 30_000);
const FIRST = "BTC-15m-20261122T1405Z";

/** The ledger of one real decision and six that differ in their id and a little else. */
beforeEach(async () => {
  await storeSpike();
  await (await stage(null)).run();
  const { sequence: _sequence, input_hash: _input, previous_hash: _previous, hash: _hash, ...decision } = await onlyRecord();
  for (let n = 2; n <= 7; n += 1) {
    await appendSignal(env.DB, {
      ...decision,
      signal_id: `more-${n}`,
      symbol: n % 2 === 0 ? "ETH" : "BTC",
      action: n > 5 ? "SELL" : "NOTHING",
    });
  }
});

const ids = (body: { readonly data: readonly SignalRecord[] }) => body.data.map(({ signal_id }) => signal_id);

describe("the list of signals", () => {
  test("is newest first and complete over its pages while records come", async () => {
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; page < 10; page += 1) {
      const { status, body } = await get(`/v1/signals?limit=3${cursor}`);
      expect(status).toBe(200);
      seen.push(...ids(body));
      if (page === 0) {
        const { sequence: _s, input_hash: _i, previous_hash: _p, hash: _h, ...decision } = (await get(`/v1/signals/${FIRST}`)).body.data;
        await appendSignal(env.DB, { ...decision, signal_id: "late" });
      }
      if (body.meta.next_cursor === null) break;
      cursor = `&cursor=${body.meta.next_cursor}`;
    }
    expect(seen).toEqual(["more-7", "more-6", "more-5", "more-4", "more-3", "more-2", FIRST]);
  });

  test("is filtered by symbol, action and analyst", async () => {
    expect(ids((await get("/v1/signals?symbol=eth&order=asc")).body)).toEqual(["more-2", "more-4", "more-6"]);
    expect(ids((await get("/v1/signals?action=SELL")).body)).toEqual(["more-7", "more-6"]);
    expect(ids((await get("/v1/signals?analyst=deepseek")).body)).toEqual([]);
  });

  test("leaves the inputs out unless they are asked for, few at a time", async () => {
    expect((await get("/v1/signals?limit=1")).body.data[0]).not.toHaveProperty("statistics");
    expect((await get("/v1/signals?limit=1&include=statistics")).body.data[0].statistics).toMatchObject({ symbol: "BTC" });
    const tooMany = await get("/v1/signals?limit=101&include=statistics");
    expect(tooMany.status).toBe(400);
    expect(tooMany.body.errors).toMatchObject([{ parameter: "limit" }]);
  });

  test.each(["action=HOLD", "analyst=me", "include=all", "cursor=x", "limit=0", "order=up", "sort=x"])("refuses %s", async (query) => {
    expect(await get(`/v1/signals?${query}`)).toMatchObject({ status: 400, body: { code: "bad_parameters" } });
  });
});

describe("one signal", () => {
  test("comes with its input and its grades, those to come included", async () => {
    const { body } = await get(`/v1/signals/${FIRST}`);
    expect(body.data).toMatchObject({ signal_id: FIRST, paper: true, statistics: { symbol: "BTC", window: "15m" } });
    expect(body.data.grades).toHaveLength(5);
    expect(body.data.grades[0]).toMatchObject({ horizon: "5m", graded_time: null, net_return_bps: null });
  });

  test("that is not there is a 404", async () => {
    expect(await get("/v1/signals/nobody")).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});

describe("the check of the ledger", () => {
  test("finds that all fits", async () => {
    const { data } = (await get("/v1/signals/verify")).body;
    const newest = (await get("/v1/signals?limit=1")).body.data[0];
    const grades = { valid: true, checked: 0, head: GENESIS, first_mismatch: null };
    expect(data).toEqual({ valid: true, checked: 7, head: { sequence: 7, hash: newest.hash }, first_mismatch: null, grades, next: null });
  });

  test.each([
    ["confidence", "UPDATE signals SET confidence = 99 WHERE sequence = 4", "hash"],
    ["action", "UPDATE signals SET action = 'BUY' WHERE sequence = 4", "hash"],
    ["created_time", "UPDATE signals SET created_time = created_time - 1 WHERE sequence = 4", "hash"],
    ["paper", "UPDATE signals SET paper = 0 WHERE sequence = 4", "hash"],
    ["statistics", "UPDATE signals SET statistics = replace(statistics, '300000', '300001') WHERE sequence = 4", "input_hash"],
    ["statistics that are not JSON any more", "UPDATE signals SET statistics = '{' WHERE sequence = 4", "input_hash"],
    ["hash", "UPDATE signals SET hash = upper(hash) WHERE sequence = 4", "hash"],
  ])("names the record after an edit of %s", async (_name, edit, field) => {
    await env.DB.prepare(edit).run();
    const { data } = (await get("/v1/signals/verify")).body;
    expect(data).toMatchObject({ valid: false, checked: 3, first_mismatch: { sequence: 4, signal_id: "more-4", field }, next: null });
  });

  test("names the record after one that was deleted", async () => {
    await env.DB.prepare("DELETE FROM signals WHERE sequence = 4").run();
    expect((await get("/v1/signals/verify")).body.data.first_mismatch).toMatchObject({ sequence: 5, field: "sequence" });
  });

  test("goes on from a record whose hash is given", async () => {
    const { hash } = (await get("/v1/signals/more-5")).body.data;
    expect((await get(`/v1/signals/verify?after=5&hash=${hash}`)).body.data).toMatchObject({ valid: true, checked: 2 });
    const wrong = "0".repeat(64);
    expect((await get(`/v1/signals/verify?after=0&hash=${wrong}`)).body.data).toMatchObject({ valid: true, checked: 7 });
    expect((await get("/v1/signals/verify?after=5")).status).toBe(400);
  });

  test.each([
    ["of another record", 6],
    ["after the end of the ledger", 8],
    ["before the first record, but not its zeros", 0],
  ])("refuses to start from a hash %s", async (_name, after) => {
    const { hash } = (await get("/v1/signals/more-5")).body.data;
    const refused = await get(`/v1/signals/verify?after=${after}&hash=${hash}`);
    expect(refused).toMatchObject({ status: 400, body: { code: "bad_parameters", errors: [{ parameter: "after" }] } });
  });
});

describe("the chain of grades", () => {
  /** Of the first real decision and those beside it, one horizon each. */
  beforeEach(async () => {
    for (const [index, row] of (await dueGrades(env.DB, MINUTE + DAY_MS, 7)).entries()) {
      await giveGrade(env.DB, row, givenGrade("no_entry_mark", null, MINUTE + index));
    }
  });

  test("is listed in its order, complete over its pages, and each grade is that of its signal", async () => {
    const first = await get("/v1/signals/grades?order=asc&limit=4");
    const rest = await get(`/v1/signals/grades?order=asc&limit=4&cursor=${first.body.meta.next_cursor}`);
    const listed = [...first.body.data, ...rest.body.data];
    expect(listed.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(rest.body.meta.next_cursor).toBeNull();
    expect((await checkGrades(listed, GENESIS)).mismatch).toBeNull();
    const newest = (await get("/v1/signals/grades?limit=1")).body.data[0];
    expect(newest).toEqual(listed[6]);
    const { grades, hash } = (await get(`/v1/signals/${newest.signal_id}`)).body.data;
    const { signal_id: _id, ...grade } = newest;
    expect(grades).toContainEqual(grade);
    expect(newest.signal_hash).toBe(hash);
  });

  test("is checked beside the decisions, and an edit is named", async () => {
    const { data } = (await get("/v1/signals/verify")).body;
    expect(data).toMatchObject({ valid: true, checked: 7, grades: { valid: true, checked: 7, first_mismatch: null }, next: null });
    await env.DB.prepare("UPDATE signal_grades SET problem = NULL WHERE sequence = 3").run();
    const { grades } = (await get("/v1/signals/verify")).body.data;
    expect(grades).toMatchObject({ valid: false, checked: 2, first_mismatch: { sequence: 3, field: "hash", horizon: "5m" } });
  });

  test("is checked from a grade that it holds, and from no other", async () => {
    const [, second, third] = (await get("/v1/signals/grades?order=asc&limit=3")).body.data;
    const { data } = (await get(`/v1/signals/verify?grades_after=2&grades_hash=${second.hash}`)).body;
    expect(data).toMatchObject({ checked: 7, grades: { valid: true, checked: 5, head: { sequence: 7 } } });
    const refused = await get(`/v1/signals/verify?grades_after=2&grades_hash=${third.hash}`);
    expect(refused).toMatchObject({ status: 400, body: { code: "bad_parameters", errors: [{ parameter: "grades_after" }] } });
    expect((await get("/v1/signals/verify?grades_after=2")).body.errors).toMatchObject([{ parameter: "grades_hash" }]);
  });
});

const DAY_OF_GRADES = Date.parse("2026-08-01");

/** Decisions of these sequences, one every 8 hours, graded after an hour with this net return, bps. */
function graded(from: number, to: number, net: number, analyst = "rules", model: string | null = null): readonly D1PreparedStatement[] {
  const numbers = JSON.stringify(Array.from({ length: to - from + 1 }, (_, index) => from + index));
  return [
    env.DB.prepare(
      `INSERT INTO signals (sequence, signal_id, created_time, minute, symbol, "window", action, confidence, paper, reason, statistics,
         analyst, model, rule_action, input_hash, previous_hash, hash)
       SELECT value, 'g' || value, ?3 + 28800000 * value, ?3 + 28800000 * value, 'BTC', '15m', 'BUY', 60, 1, 'r', '{}', ?2, ?4, 'BUY',
         'i', 'p' || value, 'h' || value FROM json_each(?1)`,
    ).bind(numbers, analyst, DAY_OF_GRADES, model),
    env.DB.prepare(
      `INSERT INTO signal_grades (signal_id, horizon, due_time, graded_time, net_return_bps, forward_return_bps, random_net_return_bps,
         fade_net_return_bps, follow_net_return_bps)
       SELECT 'g' || value, '1h', 0, 1, ?2, ?2 + 10, -10, 3, -23 FROM json_each(?1)`,
    ).bind(numbers, net),
  ];
}

describe("the scoreboard", () => {
  test("says that there is not enough, under 20 graded", async () => {
    await env.DB.batch([...graded(101, 119, 50)]);
    const { data } = (await get("/v1/signals/scoreboard")).body;
    expect(data).toMatchObject({ registered_horizon: "1h", decisions: 26, max_decisions: 2_000 });
    expect(data.serving).toMatchObject({ analyst: "rules", paper: true, unmuted_at: 20, muted_under: 2 });
    expect(data.horizons["1h"]).toMatchObject({ verdict: "insufficient", graded: 19, hit_rate: null });
    expect(Object.keys(data.horizons)).toEqual(["5m", "15m", "1h", "4h", "24h"]);
  });

  test("shows the outcomes of decisions next to the baselines, those of former grades too", async () => {
    await env.DB.batch([...graded(101, 115, 40), ...graded(116, 120, -60)]);
    const { data } = (await get("/v1/signals/scoreboard?symbol=BTC&analyst=rules")).body;
    expect(data.horizons["1h"]).toMatchObject({
      verdict: "sufficient",
      role: "registered",
      graded: 20,
      n_episodes: 20,
      hit_rate: 0.75,
      mean_net_return_bps: 15,
      median_net_return_bps: 40,
      reliability: [{ from: 60, to: 70, graded: 20, hit_rate: 0.75 }],
      baselines: {
        nothing: { mean_net_return_bps: 0, difference: { mean_bps: 15 } },
        coin: { mean_net_return_bps: -10, difference: { mean_bps: 25 } },
        random: { mean_net_return_bps: -10 },
        fade: { mean_net_return_bps: 3, difference: { mean_bps: 12 } },
        follow: { mean_net_return_bps: -23 },
        rule: { verdict: "insufficient", graded: 0 },
      },
    });
    expect(data.horizons["4h"]).toMatchObject({ role: "exploratory", brier_score: null });
    expect((await get("/v1/signals/scoreboard?symbol=ETH")).body.data.horizons["1h"].graded).toBe(0);
  });

  test("shows the records of both analysts side by side, and of each model, with what is missing to un-mute them", async () => {
    await env.DB.batch([
      ...graded(101, 140, -30, "rules", "rules-v0"),
      ...graded(141, 260, 50, "deepseek", "one"),
      ...graded(261, 290, 50, "deepseek", "two"),
    ]);
    const { data } = (await get("/v1/signals/scoreboard")).body;
    // Of those of one analyst, the figures by horizon are of the model that decided last.
    const ofModels = (await get("/v1/signals/scoreboard?analyst=deepseek")).body.data;
    expect(ofModels.horizons_of).toEqual({ analyst: "deepseek", model: "two", prompt_version: null, decisions: 30 });
    expect(ofModels.horizons["1h"]).toMatchObject({ graded: 30, mean_net_return_bps: 50 });
    const byModel = Object.fromEntries(data.records.map((record: { model: string }) => [record.model, record]));
    expect(data.records.map((record: { model: string }) => record.model)).toEqual(["two", "one", "rules-v0", "rules-v1"]);
    expect(byModel["one"]).toMatchObject({
      analyst: "deepseek",
      prompt_version: null,
      decisions: 120,
      trades: 120,
      muting: { paper: false, episodes: 120, missing_factor: null, missing_episodes: null },
      score: { role: "registered", graded: 120, mean_net_return_bps: 50 },
    });
    expect(byModel["one"].muting.wealth).toBeGreaterThan(20);
    // Another model begins again, though it earned as much.
    expect(byModel["two"].muting).toMatchObject({ paper: true, episodes: 30 });
    expect(byModel["two"].muting.missing_factor).toBeCloseTo(20 / byModel["two"].muting.wealth, 9);
    expect(byModel["two"].muting.missing_episodes).toBeGreaterThan(0);
    expect(byModel["rules-v0"].muting).toMatchObject({ paper: true, wealth: 1, episodes: 40, missing_factor: 20, missing_episodes: null });
    const one = (await get("/v1/signals/scoreboard?analyst=rules")).body.data.records;
    expect(one.map((record: { model: string }) => record.model)).toEqual(["rules-v0", "rules-v1"]);
  });

  test("has a record of the rule model beside a language model, of what it decided on the same spikes", async () => {
    await env.DB.batch([
      ...graded(101, 200, -20, "deepseek", "one"),
      env.DB.prepare("UPDATE signals SET rule_version = 'rules-v9', rule_action = 'SELL', rule_confidence = 55 WHERE model = 'one'"),
      env.DB.prepare("UPDATE signal_grades SET rule_net_return_bps = 45 WHERE signal_id LIKE 'g%'"),
    ]);
    const { records, horizons, horizons_of: of } = (await get("/v1/signals/scoreboard")).body.data;
    // The rule model decides now: the figures by horizon are its own, without the language model's.
    expect(of).toEqual({ analyst: "rules", model: "rules-v9", prompt_version: null, decisions: 100 });
    expect(horizons["1h"]).toMatchObject({ graded: 100, mean_net_return_bps: 45 });
    expect(records).toMatchObject([
      { analyst: "deepseek", model: "one", muting: { paper: true, episodes: 100 }, score: { mean_net_return_bps: -20 } },
      {
        analyst: "rules",
        model: "rules-v9",
        prompt_version: null,
        decisions: 100,
        trades: 100,
        muting: { paper: false, episodes: 100 },
        score: { graded: 100, mean_net_return_bps: 45 },
      },
      { analyst: "rules", model: "rules-v1" },
    ]);
    // Those of one analyst alone are its own decisions.
    const own = (await get("/v1/signals/scoreboard?analyst=deepseek")).body.data.records;
    expect(own.map((record: { model: string }) => record.model)).toEqual(["one"]);
  });
});

/** Gives the decisions of a model the version of the prompt that is asked now. */
const asNow = (model: string) =>
  env.DB.prepare("UPDATE signals SET prompt_version = ?1 WHERE model = ?2").bind(PROMPT_VERSION, model).run();

describe("the next decision", () => {
  const BUY = modelReply({ p_up: 0.6, p_down: 0.1, reason: "r" });

  /** The decision of a model on a spike in ETH. */
  async function decideNext(model: string) {
    await storeSpike({ symbol: "ETH" });
    const { run } = await stage([BUY], { LIQUIDATION_AI_MODEL: model });
    await run(MINUTE + MINUTE_MS);
    const [newest] = (await get("/v1/signals?limit=1&symbol=ETH")).body.data;
    return newest;
  }

  test("is no longer on paper after a record that earned, and calibrated by its hit rate", async () => {
    await env.DB.batch([...graded(101, 220, 60, "deepseek", "one"), ...graded(221, 250, -20, "deepseek", "one")]);
    await asNow("one");
    const newest = await decideNext("one");
    expect(newest).toMatchObject({ analyst: "deepseek", model: "one", confidence: 60, paper: false });
    // All were given 60, and 120 of 150 came true.
    expect(newest.calibrated_probability).toBeCloseTo(0.8, 2);
    expect(newest.calibrated_probability).toBeLessThan(0.8);
    expect(await count("track_records")).toBe(1);
  });

  test("is on paper and not calibrated with another model", async () => {
    await env.DB.batch([...graded(101, 220, 60, "deepseek", "one")]);
    await asNow("one");
    expect(await decideNext("two")).toMatchObject({ model: "two", paper: true, calibrated_probability: null });
  });

  test("counts what was settled before and what was graded since, once", async () => {
    await env.DB.batch([...graded(101, 120, 60, "deepseek", "one")]);
    await asNow("one");
    expect(await decideNext("one")).toMatchObject({ paper: true });
    const [before] = (await get("/v1/signals/scoreboard")).body.data.records;
    expect(before).toMatchObject({ model: "one", muting: { episodes: 20 } });
    await env.DB.batch([...graded(1_001, 1_070, 60, "deepseek", "one")]);
    await asNow("one");
    const [after] = (await get("/v1/signals/scoreboard")).body.data.records;
    // The pending decision of the test stands before them: nothing after it counts until it is graded.
    expect(after).toMatchObject({ model: "one", muting: { episodes: 20 } });
    await env.DB.prepare("UPDATE signal_grades SET graded_time = 1, problem = 'no_exit_mark' WHERE graded_time IS NULL").run();
    const [settled] = (await get("/v1/signals/scoreboard")).body.data.records;
    expect(settled).toMatchObject({ model: "one", muting: { episodes: 90, paper: false } });
  });
});
