import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SignalRecord } from "../../../src/signals/ledger.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { appendSignal } from "../../../workers/signals/append-signal.ts";
import { apiClient } from "../api/api-client.ts";
import { MINUTE, freshDatabase, modelReply, onlyRecord, stage, storeSpike } from "./signals-stage.ts";

afterEach(freshDatabase);

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
    expect(data).toEqual({ valid: true, checked: 7, head: { sequence: 7, hash: newest.hash }, first_mismatch: null, next: null });
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

/** Decisions of these sequences, graded after an hour with this net return, bps. */
function graded(from: number, to: number, net: number, analyst = "rules"): readonly D1PreparedStatement[] {
  const numbers = JSON.stringify(Array.from({ length: to - from + 1 }, (_, index) => from + index));
  return [
    env.DB.prepare(
      `INSERT INTO signals (sequence, signal_id, created_time, minute, symbol, "window", action, confidence, paper, reason, statistics,
         analyst, rule_action, input_hash, previous_hash, hash)
       SELECT value, 'g' || value, 0, 0, 'BTC', '15m', 'BUY', 60, 1, 'r', '{}', ?2, 'BUY', 'i', 'p' || value, 'h' || value FROM json_each(?1)`,
    ).bind(numbers, analyst),
    env.DB.prepare(
      `INSERT INTO signal_grades (signal_id, horizon, due_time, graded_time, net_return_bps, forward_return_bps, random_net_return_bps,
         fade_net_return_bps, follow_net_return_bps)
       SELECT 'g' || value, '1h', 0, 1, ?2, 0, -10, 3, -23 FROM json_each(?1)`,
    ).bind(numbers, net),
  ];
}

describe("the scoreboard", () => {
  test("says that there is not enough, under 20 graded", async () => {
    await env.DB.batch([...graded(101, 119, 50)]);
    const { data } = (await get("/v1/signals/scoreboard")).body;
    expect(data.headline_horizon).toBe("1h");
    expect(data.serving).toEqual({ analyst: "rules", paper: true, brier_skill_last_100: null });
    expect(data.horizons["1h"]).toMatchObject({ verdict: "insufficient", graded: 19, hit_rate: null });
    expect(Object.keys(data.horizons)).toEqual(["5m", "15m", "1h", "4h", "24h"]);
  });

  test("shows the outcomes of decisions next to the baselines", async () => {
    await env.DB.batch([...graded(101, 115, 40), ...graded(116, 120, -60)]);
    const { data } = (await get("/v1/signals/scoreboard?symbol=BTC&analyst=rules")).body;
    expect(data.horizons["1h"]).toMatchObject({
      verdict: "sufficient",
      graded: 20,
      hit_rate: 0.75,
      mean_net_return_bps: 15,
      median_net_return_bps: 40,
      reliability: [{ from: 60, to: 70, graded: 20, hit_rate: 0.75 }],
      baselines: {
        nothing: { mean_net_return_bps: 0 },
        random: { mean_net_return_bps: -10 },
        fade: { mean_net_return_bps: 3 },
        follow: { mean_net_return_bps: -23 },
      },
    });
    expect((await get("/v1/signals/scoreboard?symbol=ETH")).body.data.horizons["1h"].graded).toBe(0);
  });

  test("shows the skill of the analyst who serves, which a hundred graded calibrate", async () => {
    await env.DB.batch([
      ...graded(101, 170, 40),
      ...graded(171, 200, -60),
      ...graded(201, 270, 40, "deepseek"),
      ...graded(271, 300, -60, "deepseek"),
    ]);
    const { serving } = (await get("/v1/signals/scoreboard")).body.data;
    // All were given 60 and 70 of 100 came true: worse than having said 70.
    expect(serving.brier_skill_last_100).toBeCloseTo(1 - (0.7 * 0.16 + 0.3 * 0.36) / 0.21, 9);
    expect(serving).toMatchObject({ analyst: "rules", paper: true });

    await storeSpike({ symbol: "ETH" });
    const { run } = await stage([modelReply({ action: "BUY", confidence: 60, reason: "r" })]);
    await run(MINUTE + MINUTE_MS);
    const [newest] = (await get("/v1/signals?limit=1&symbol=ETH")).body.data;
    expect(newest).toMatchObject({ analyst: "deepseek", confidence: 60, paper: true });
    expect(newest.calibrated_probability).toBeCloseTo(0.7, 9);
  });
});
