import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { GENESIS } from "../../../src/signals/hash-chain.ts";
import { checkLedger } from "../../../src/signals/ledger.ts";
import type { SignalInput } from "../../../src/signals/signal-input.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { readDeadLetters } from "../../../workers/d1/dead-letters.ts";
import { appendSignal } from "../../../workers/signals/append-signal.ts";
import { apiClient } from "../api/api-client.ts";
import { MINUTE, count, ledger, modelReply, onlyRecord, stage, store, storeMarks, storeSpike } from "./signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";
import { COMPLETE, plantEstimates, planted } from "../planted-estimates.ts";
import { until } from "../until.ts";
import { openInbox } from "../webhooks/webhook-inbox.ts";
import type { Env } from "../../../workers/env.ts";
import { readRuleState } from "../../../workers/signals/rule-state-rows.ts";

afterEach(emptyStorage);

const BUY = { p_up: 0.71, p_down: 0.1, reason: "Longs are flushed.", invalidation: "A new low." };
const SELL = { ...BUY, p_up: 0.1, p_down: 0.71 };
const input = async () => (await onlyRecord()).statistics as SignalInput;

/** An inbox that is subscribed to these events. */
async function subscribed(events: readonly string[] = ["signal.issued"]) {
  const admin = apiClient(MINUTE, { ADMIN_TOKEN: "s3cret-s3cret-s3cret-s3cret-s3cret" });
  const inbox = await openInbox();
  const body = JSON.stringify({ url: inbox.url, events });
  const made = await admin("/v1/webhooks", {
    method: "POST",
    headers: { Authorization: "Bearer s3cret-s3cret-s3cret-s3cret-s3cret" },
    body,
  });
  expect(made.status).toBe(201);
  return inbox;
}

describe("a spike", () => {
  test("is decided by the model and recorded with all it was decided on", async () => {
    await storeSpike();
    await storeMarks(
      -70,
      Array.from({ length: 69 }, (_, index) => 80_000 - index + 80 * (index % 2)),
    );
    const { run, asked } = await stage([modelReply(BUY)]);
    expect(await run()).toMatchObject({ minutes: 1, spikes: 1, decided: 1 });
    const record = await onlyRecord();
    expect(record).toMatchObject({
      ...BUY,
      action: "BUY",
      confidence: 71,
      record_version: 2,
      samples_asked: 1,
      samples_used: 1,
      p_up_deviation: null,
      rule_version: "rules-v1",
      rule_confidence: 0,
      rule_reason: "Long liquidations dominate, but are neither exhausted nor accelerating.",
      sequence: 1,
      signal_id: "BTC-15m-20261122T1405Z",
      created_time: MINUTE + 800,
      minute: MINUTE,
      symbol: "BTC",
      window: "15m",
      calibrated_probability: null,
      paper: true,
      reason_code: null,
      long_change_pct: 200,
      short_change_pct: null,
      analyst: "deepseek",
      model: "deepseek-flash",
      prompt_version: "v6",
      rule_action: "NOTHING",
    });
    expect(record.statistics).toMatchObject({
      trigger: { sides: ["long", "total"], severity_usd: 300_000 },
      market: { mark_price: 79_932, mark_time: MINUTE - 2 * MINUTE_MS },
      coverage: { bybit: "all_reported", kucoin: "none" },
    });
    expect((await input()).flow).toHaveLength(15);
    expect((await input()).flow.at(-4)).toMatchObject({ long_usd: 200_000, short_usd: 0 });
    const [request] = await asked();
    expect(JSON.parse(request?.body ?? "")).toMatchObject({ thinking: { type: "disabled" }, response_format: { type: "json_object" } });
    expect(await count("spikes", "closed_time IS NULL")).toBe(0);
  });

  test("is decided by the rule model without a key", async () => {
    await storeSpike();
    const { run, asked } = await stage(null);
    await run();
    const record = await onlyRecord();
    expect(record).toMatchObject({ analyst: "rules", reason_code: "no_key", model: "rules-v1", prompt_version: null });
    expect(record.action).toBe(record.rule_action);
    expect(await asked()).toHaveLength(0);
  });

  test("reaches a webhook once, however often the minute is run", async () => {
    await storeSpike();
    const inbox = await subscribed();
    const { run } = await stage([modelReply(BUY)]);
    await run();
    await until("the webhook came", async () => (await inbox.received()).length > 0);
    await run();
    await run(MINUTE + MINUTE_MS);
    const received = await inbox.received();
    expect(received).toHaveLength(1);
    const { type, data } = JSON.parse(received[0]?.body ?? "");
    expect(type).toBe("signal.issued");
    expect(data).toMatchObject({ ...BUY, action: "BUY", signal_id: "BTC-15m-20261122T1405Z", hash: (await onlyRecord()).hash });
  });

  test("is not one while the market is quiet, and the rule says by which numbers", async () => {
    await store([
      [20, 300_000],
      [5, 310_000],
    ]);
    const log = vi.spyOn(console, "log");
    const { run } = await stage([modelReply(BUY)]);
    expect(await run()).toMatchObject({ minutes: 1, spikes: 0, decided: 0 });
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line))).filter((line) => line.event === "spike_rule");
    expect(lines).toMatchObject([
      {
        symbol: "BTC",
        minute: MINUTE,
        outcome: "quiet",
        numbers: { long: { usd: 310_000, percentile: null, by: [] } },
        previous_uptime_share: 1,
      },
      { symbol: "ETH", minute: MINUTE, outcome: "quiet", numbers: { total: { usd: 0 } } },
    ]);
    expect(lines[0].numbers.long.change_pct).toBeCloseTo(3.333, 3);
    log.mockRestore();
  });

  test("is measured over the window that is configured, beside the standard ones", async () => {
    await store([
      [1.2, 50_000],
      [0, 200_000],
    ]);
    const { run } = await stage([modelReply(BUY)], { LIQUIDATION_COMPARISON_WINDOW: "1", LIQUIDATION_SPIKE_PERCENTILE: "0" });
    await run();
    expect(await onlyRecord()).toMatchObject({ signal_id: "BTC-1m-20261122T1405Z", window: "1m", long_change_pct: 300 });
    expect((await input()).windows.map(({ window }) => window)).toEqual(["15m", "1h", "4h", "24h", "1m"]);
  });
});

describe("the numbers of a decision", () => {
  test("are exactly those of /v1/stats in the same minute, for every window", async () => {
    const venues: readonly ExchangeName[] = ["binance", "bybit", "okx"];
    const rows = Array.from({ length: 2_900 }, (_, n): readonly [number, number, Partial<Liquidation>] => [
      n * 1.003,
      1_000.1 + n / 3,
      { exchange: venues[n % 3] ?? "okx", position_side: n % 2 === 0 ? "long" : "short", symbol: n % 5 === 0 ? "ETH" : "BTC" },
    ]);
    await store(rows);
    await storeSpike();
    await hourTotals(env.DB, MINUTE - 2 * HOUR_MS);
    await (await stage(null)).run();
    const [record] = (await ledger()).toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
    if (record?.symbol !== "BTC") throw new Error("no signal of BTC");
    const { windows, exchanges } = record.statistics as SignalInput;
    const get = apiClient(MINUTE + 20_000);
    expect(windows.map(({ window }) => window)).toEqual(["1h", "4h", "24h", "15m"]);
    for (const { window, ...seen } of windows) {
      // A model's estimate is no number that a decision is made on.
      const {
        symbol,
        as_of_time,
        exchanges: venuesShown,
        estimate: _estimate,
        ...shown
      } = (await get(`/v1/stats?symbol=BTC&window=${window}`)).body.data;
      expect(shown).toEqual({ window, ...seen });
      expect([symbol, as_of_time]).toEqual(["BTC", MINUTE]);
      if (window === "15m") expect(venuesShown).toEqual(exchanges);
    }
  });

  test("hold the estimates of its settled minutes for windows from an hour on, which the prompt shows", async () => {
    await storeSpike();
    const from = floorTo(MINUTE, HOUR_MS) - 4 * HOUR_MS;
    const settled = MINUTE - 5 * MINUTE_MS;
    await plantEstimates(from, (settled - from) / MINUTE_MS, new Map([["BTC", [planted(), COMPLETE]]]));
    const { run, asked } = await stage([modelReply(BUY)], { LIQUIDATION_EXCHANGES: "binance,bybit" });
    await run();
    const { estimates } = await input();
    expect(estimates.map(({ window }) => window)).toEqual(["1h", "4h", "24h"]);
    const [hour, , day] = estimates;
    // 55 settled minutes of 1,000 USD reported on each venue, of which one hides half as much.
    expect(hour).toMatchObject({
      start_time: MINUTE - HOUR_MS,
      end_time: settled,
      long: { reported_usd: 110_000, estimated_usd: 137_500, low_usd: 121_000, high_usd: 165_000, status: "experimental" },
      short: { reported_usd: 0, estimated_usd: 0, status: "validated" },
    });
    expect(day?.long).toMatchObject({ estimated_usd: null, status: "withheld", reason: expect.stringContaining("never estimated") });
    const [request] = await asked();
    const { estimated } = JSON.parse(JSON.parse(request?.body ?? "").messages[1].content);
    expect(estimated["1h"]).toEqual([5, ["experimental", 0.11, 0.138, 0.121, 0.165], ["validated", 0, 0, 0, 0]]);
    expect(estimated["24h"]).toBe("absent");
  });

  test("are read without a scan of days of minutes, and the run says of how many rows", async () => {
    const minutes = JSON.stringify(Array.from({ length: 8 * 1_440 }, (_, index) => index));
    const start = floorTo(MINUTE, HOUR_MS) - 8 * DAY_MS;
    await env.DB.prepare(
      `INSERT INTO minute_totals (minute, symbol, exchange, position_side, events, events_without_usd, events_without_notional_mark, usd)
       SELECT ?1 + minutes.value * ${MINUTE_MS}, symbols.value, 'okx', sides.value, 1, 0, 0, 100
       FROM json_each(?2) AS minutes, json_each('["BTC","ETH"]') AS symbols, json_each('["long","short"]') AS sides`,
    )
      .bind(start, minutes)
      .run();
    await env.DB.prepare(`INSERT INTO dirty_hours SELECT DISTINCT minute - minute % ${HOUR_MS} FROM minute_totals`).run();
    while ((await hourTotals(env.DB, MINUTE)).more);
    const { rows_read } = await (await stage(null)).run();
    expect(rows_read).toBeGreaterThan(100);
    // 46,080 minutes are in the table; the edges of eight windows are some seven hours of them.
    expect(rows_read).toBeLessThan(6_000);
  });
});

describe("a run", () => {
  test("that is repeated changes nothing and asks the model nothing", async () => {
    await storeSpike();
    const { run, asked } = await stage([modelReply(BUY), modelReply(SELL)]);
    await run();
    const before = await ledger();
    // Late events would make a repeated minute a spike of ETH as well.
    await storeSpike({ symbol: "ETH" });
    expect(await run()).toMatchObject({ minutes: 0, spikes: 0, decided: 0 });
    expect(await ledger()).toEqual(before);
    expect(await asked()).toHaveLength(1);
    expect(await count("signal_grades")).toBe(5);
  });

  test("that comes twice at once decides once", async () => {
    await storeSpike();
    const { run, asked } = await stage([modelReply(BUY), modelReply(BUY), modelReply(BUY)]);
    const runs = await Promise.all([run(), run(), run()]);
    expect(runs.reduce((sum, { decided }) => sum + decided, 0)).toBe(1);
    await onlyRecord();
    expect(await asked()).toHaveLength(1);
  });

  test("that is still waiting for the model is not taken over by the next minute's", async () => {
    await storeSpike();
    const { run, asked, release } = await stage([{ status: 200, hold: true }, modelReply(BUY)]);
    const first = run();
    await until("the model was asked", async () => (await asked()).length === 1);
    expect(await run(MINUTE + MINUTE_MS)).toMatchObject({ minutes: 1, decided: 0 });
    await release();
    expect(await first).toMatchObject({ decided: 1 });
    expect(await asked()).toHaveLength(1);
    expect((await onlyRecord()).reason_code).toBe("parse_error");
  });

  test("that ended while it waited leaves NOTHING behind, and the model is not asked again", async () => {
    await storeSpike();
    const { run, asked } = await stage([modelReply(BUY)]);
    // The state such a run leaves: the spike is queued and taken, without a result.
    await run();
    await env.DB.batch([
      env.DB.prepare("UPDATE spikes SET closed_time = NULL, statistics = (SELECT statistics FROM signals)"),
      env.DB.prepare("DELETE FROM signals"),
    ]);
    expect(await run(MINUTE + 2 * MINUTE_MS)).toMatchObject({ decided: 0 });
    expect(await run(MINUTE + 3 * MINUTE_MS)).toMatchObject({ decided: 1 });
    expect(await onlyRecord()).toMatchObject({ action: "NOTHING", confidence: 0, reason_code: "interrupted", minute: MINUTE });
    expect(await asked()).toHaveLength(1);
  });

  test("that comes hours late records the spike and issues nothing", async () => {
    await storeSpike();
    const inbox = await subscribed();
    const { run, asked } = await stage([modelReply(BUY)]);
    // What a run leaves that died between queueing and deciding.
    await run();
    await until("the webhook came", async () => (await inbox.received()).length === 1);
    await env.DB.batch([
      env.DB.prepare("UPDATE spikes SET closed_time = NULL, taken_time = NULL, statistics = (SELECT statistics FROM signals)"),
      env.DB.prepare("DELETE FROM signals"),
      env.DB.prepare("DELETE FROM signal_grades"),
      env.DB.prepare("UPDATE spikes SET signal_id = 'BTC-15m-late'"),
    ]);
    expect(await run(MINUTE + 5 * HOUR_MS)).toMatchObject({ decided: 1 });
    expect(await onlyRecord()).toMatchObject({ action: "NOTHING", confidence: 0, reason_code: "late", minute: MINUTE });
    expect(await count("spikes", "closed_time IS NULL")).toBe(0);
    expect(await asked()).toHaveLength(1);
    expect(await inbox.received()).toHaveLength(1);
  });

  test("that finds a spike it cannot read gives it up and decides those behind it", async () => {
    await storeSpike();
    const { run } = await stage(null);
    await env.DB.prepare(
      `INSERT INTO spikes (signal_id, minute, symbol, "window", severity_usd, statistics) VALUES ('odd', 1, 'BTC', '15m', 1, '{')`,
    ).run();
    expect(await run()).toMatchObject({ decided: 1 });
    expect(await count("spikes", "closed_time IS NULL")).toBe(0);
    expect(await readDeadLetters(env.DB)).toMatchObject([{ queue: "spikes", records: 1, newest_record: "odd" }]);
  });

  test("that cannot publish a decision while it is news gives it up", async () => {
    await storeSpike();
    const { run } = await stage(null);
    await run();
    const { signal_id } = await onlyRecord();
    // What a run leaves whose event no queue took.
    await env.DB.prepare("UPDATE spikes SET closed_time = NULL, statistics = (SELECT statistics FROM signals)").run();
    await run(MINUTE + 5 * MINUTE_MS);
    expect(await count("spikes", "closed_time IS NULL")).toBe(0);
    expect(await readDeadLetters(env.DB)).toMatchObject([
      { queue: "signal_events", records: 1, newest_record: `signal.issued:${signal_id}` },
    ]);
  });

  test("that makes up for old minutes records one late spike, and a spike that is news is issued all the same", async () => {
    const { run } = await stage(null, { LIQUIDATION_COMPARISON_WINDOW: "1", LIQUIDATION_SPIKE_PERCENTILE: "0" });
    await run(MINUTE - 12 * MINUTE_MS);
    await store([
      [8.1, 50_000],
      [7, 400_000],
      [1.1, 50_000],
      [0, 500_000],
    ]);
    await run();
    expect((await ledger()).map(({ minute, reason_code }) => [minute, reason_code])).toEqual([
      [MINUTE - 7 * MINUTE_MS, "late"],
      [MINUTE, "no_key"],
    ]);
  });

  test("makes up for the minutes missed before it, as they were", async () => {
    const { run } = await stage(null, { LIQUIDATION_COMPARISON_WINDOW: "1", LIQUIDATION_SPIKE_PERCENTILE: "0" });
    await run(MINUTE - 5 * MINUTE_MS);
    // A spike of one minute, two minutes before the run that comes.
    await store([
      [3.1, 50_000],
      [2, 400_000],
      [0, 10_000],
    ]);
    expect(await run()).toMatchObject({ minutes: 5, spikes: 1 });
    expect(await onlyRecord()).toMatchObject({ minute: MINUTE - 2 * MINUTE_MS, created_time: MINUTE + 800, long_change_pct: 700 });
  });

  test("makes up for at most 15 minutes", async () => {
    const { run } = await stage(null);
    await run(MINUTE - 60 * MINUTE_MS);
    expect(await run()).toMatchObject({ minutes: 16 });
  });
});

/** Rises did not count until the next run, whose minute changes that. */
async function suspended() {
  await storeSpike();
  const inbox = await subscribed(["signals.resumed"]);
  const { run } = await stage(null);
  expect(await run()).toMatchObject({ rule: "active" });
  await env.DB.prepare("UPDATE spike_rule_state SET state = 'suspended'").run();
  return { inbox, run };
}

describe("a change of the spike rule that cannot be published", () => {
  const stuck = {
    ...env.WEBHOOK_OUTBOX,
    getByName: () => ({ enqueue: () => Promise.reject(new Error("no storage left")) }),
  } as unknown as Env["WEBHOOK_OUTBOX"];
  const NEXT = MINUTE + MINUTE_MS;

  test("is given up with its reason", async () => {
    const { run } = await suspended();
    await run(NEXT, 800, { WEBHOOK_OUTBOX: stuck });
    expect(await readDeadLetters(env.DB)).toMatchObject([
      {
        queue: "signal_events",
        newest_record: expect.stringMatching(/^signals\.resumed:/),
        newest_reason: expect.stringMatching("no storage left"),
      },
    ]);
    expect(await readRuleState(env.DB)).toMatchObject({ state: "active", since: NEXT });
  });

  test("is published by a later run where it could not be noted as a dead letter either", async () => {
    const { inbox, run } = await suspended();
    const DB = {
      batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
      prepare(sql: string) {
        if (sql.includes("INSERT INTO dead_letters")) throw new Error("D1 is down");
        return env.DB.prepare(sql);
      },
    } as unknown as D1Database;
    await expect(run(NEXT, 800, { WEBHOOK_OUTBOX: stuck, DB })).rejects.toThrow("D1 is down");
    expect(await readRuleState(env.DB)).toMatchObject({ state: "suspended" });
    await storeSpike({ symbol: "ETH" });
    expect(await run(NEXT + MINUTE_MS)).toMatchObject({ rule: "active" });
    await until("it is received", async () => (await inbox.received()).length === 1);
  });
});

describe("after a spike", () => {
  test("the symbol is left alone for the cool-down, others are not", async () => {
    const { run } = await stage(null);
    await storeSpike();
    await run();
    await storeSpike({ symbol: "ETH" });
    await run(MINUTE + MINUTE_MS);
    await run(MINUTE + 2 * MINUTE_MS);
    expect((await ledger()).map(({ symbol }) => symbol)).toEqual(["BTC", "ETH"]);
  });

  test("one twice as severe is decided again", async () => {
    const { run } = await stage(null);
    await storeSpike();
    await run();
    await store([[-1, 400_000]]);
    await run(MINUTE + 2 * MINUTE_MS);
    // Run late, and found in the minute in which it was one.
    expect((await ledger()).map(({ minute }) => minute)).toEqual([MINUTE, MINUTE + MINUTE_MS]);
  });
});

describe("a model that fails gives NOTHING", () => {
  const cases = [
    ["prose", [modelReply("You should BUY.")], "parse_error"],
    ["a probability of 150", [modelReply({ ...BUY, p_up: 150 })], "schema_error"],
    ["a certainty", [modelReply({ ...BUY, p_up: 1, p_down: 0 })], "certain"],
    ["an error to the end", [{ status: 500 }, { status: 500 }, { status: 500 }], "http_500"],
    ["a refusal to the end", [{ status: 429 }, { status: 429 }, { status: 429 }], "http_429"],
  ] as const;

  test.each(cases)("%s", async (_name, replies, code) => {
    await storeSpike();
    const { run, asked } = await stage(replies);
    await run();
    expect(await onlyRecord()).toMatchObject({ action: "NOTHING", confidence: 0, reason_code: code, calibrated_probability: null });
    expect(await asked()).toHaveLength(replies.length);
  });

  test("and an answer after a 429 counts", async () => {
    await storeSpike();
    const { run } = await stage([{ status: 429, headers: { "Retry-After": "2" } }, modelReply(BUY)]);
    await run();
    expect((await onlyRecord()).action).toBe("BUY");
  });
});

const reply = (p_up: number, p_down: number, reason: string) => modelReply({ p_up, p_down, reason });

describe("several samples", () => {
  const THREE = { LIQUIDATION_AI_SAMPLES: "3" };

  test("are asked for at once, averaged, and recorded with their spread", async () => {
    await storeSpike();
    const { run, asked } = await stage([reply(0.8, 0.1, "far"), reply(0.6, 0.2, "middle"), reply(0.4, 0.3, "other")], THREE);
    await run();
    expect(await asked()).toHaveLength(3);
    expect(await onlyRecord()).toMatchObject({
      action: "BUY",
      confidence: 60,
      p_up: 0.6,
      p_down: 0.2,
      p_up_deviation: 0.2,
      p_down_deviation: 0.1,
      samples_asked: 3,
      samples_used: 3,
      reason: "middle",
    });
  });

  test("of which some fail are counted, and the others decide", async () => {
    await storeSpike();
    const { run } = await stage([modelReply("prose"), reply(0.7, 0.1, "good"), reply(0.7, 0.1, "good")], THREE);
    await run();
    expect(await onlyRecord()).toMatchObject({ action: "BUY", p_up: 0.7, samples_asked: 3, samples_used: 2, reason_code: null });
  });

  test("that all fail are a failure", async () => {
    await storeSpike();
    const { run } = await stage([modelReply("prose"), modelReply("prose"), modelReply("prose")], THREE);
    await run();
    expect(await onlyRecord()).toMatchObject({
      action: "NOTHING",
      reason_code: "parse_error",
      p_up: null,
      samples_asked: 3,
      samples_used: 0,
    });
  });

  test("beyond the day's tokens are not asked for", async () => {
    await storeSpike();
    // Enough for one request that is not answered yet, not for two.
    const { run, asked } = await stage([reply(0.7, 0.1, "good")], { ...THREE, LIQUIDATION_AI_DAILY_TOKENS: "3000" });
    await run();
    expect(await asked()).toHaveLength(1);
    expect(await onlyRecord()).toMatchObject({ action: "BUY", samples_asked: 3, samples_used: 1 });
  });
});

/** A flush that is exhausted, which the rule model trades against. */
async function exhausted() {
  const sizes = [20, 15, 12, 10, 9, 8, 7, 6].map((before) => [before, 60_000, { volatility_5m: 0.003 }] as const);
  await store(sizes);
  const quiet = Array.from({ length: 55 }, (_, index) => 80_000 + 8 * (index % 2));
  const flush = [79_900, 79_700, 79_500, 79_300, 79_100, 78_900, 78_800, 78_900, 79_000, 79_100, 79_200, 79_200, 79_200, 79_200];
  await storeMarks(-69, [...quiet, ...flush]);
}

describe("a model that fails", () => {
  test("is replaced by the rule model where that is configured, under its own name and with the reason", async () => {
    await exhausted();
    const { run } = await stage([modelReply("prose")], { LIQUIDATION_AI_FALLBACK: "rules" });
    await run();
    const record = await onlyRecord();
    expect(record).toMatchObject({
      action: "BUY",
      analyst: "rules",
      model: "rules-v1",
      prompt_version: null,
      reason_code: "parse_error",
      rule_action: "BUY",
      samples_asked: 1,
      samples_used: 0,
    });
    expect(record).toMatchObject({ confidence: record.rule_confidence, reason: record.rule_reason });
  });

  test("leaves NOTHING otherwise, with the rule model's whole verdict beside it", async () => {
    await exhausted();
    const { run } = await stage([modelReply("prose")]);
    await run();
    expect(await onlyRecord()).toMatchObject({
      action: "NOTHING",
      confidence: 0,
      analyst: "deepseek",
      prompt_version: "v6",
      reason_code: "parse_error",
      rule_action: "BUY",
      rule_confidence: 65,
      rule_reason: expect.stringContaining("Long flush is exhausted"),
    });
  });

  test("to answer in time for a spike that is old news is not replaced: nothing is issued", async () => {
    await exhausted();
    const { run } = await stage([modelReply("prose")], { LIQUIDATION_AI_FALLBACK: "rules" });
    await run(MINUTE, 3 * MINUTE_MS);
    expect(await onlyRecord()).toMatchObject({ action: "NOTHING", analyst: "deepseek", reason_code: "late", samples_asked: 0 });
  });
});

describe("the token budget", () => {
  test("that is used up keeps the model from being asked", async () => {
    await storeSpike();
    const { run, asked } = await stage([modelReply(BUY)], { LIQUIDATION_AI_DAILY_TOKENS: "0" });
    await run();
    expect(await onlyRecord()).toMatchObject({ action: "NOTHING", reason_code: "budget", analyst: "deepseek" });
    expect(await asked()).toHaveLength(0);
  });

  test("is charged what the answer says, and starts again with the day", async () => {
    await storeSpike();
    const { run } = await stage([modelReply(BUY), modelReply(BUY), modelReply(BUY)], { LIQUIDATION_AI_DAILY_TOKENS: "5000" });
    await run();
    expect(await env.DB.prepare("SELECT day, tokens FROM model_tokens").all()).toMatchObject({
      results: [{ day: floorTo(MINUTE, DAY_MS), tokens: 1_500 }],
    });
    // Another 1,500 and what has to be reserved for a third are more than 5,000.
    await env.DB.prepare("UPDATE model_tokens SET tokens = 4000").run();
    await storeSpike({ symbol: "ETH" });
    await run(MINUTE + MINUTE_MS);
    expect((await ledger()).map(({ reason_code }) => reason_code)).toEqual([null, "budget"]);
    expect(await count("model_tokens", "tokens = 4000")).toBe(1);
  });
});

describe("the ledger", () => {
  test("does not fork where runs add to it at once", async () => {
    await storeSpike();
    await (await stage(null)).run();
    const { sequence: _sequence, input_hash: _input, previous_hash: _previous, hash: _hash, ...decision } = await onlyRecord();
    const ids = Array.from({ length: 8 }, (_, index) => `more-${index}`);
    await Promise.all([...ids, ...ids].map((signal_id) => appendSignal(env.DB, { ...decision, signal_id })));
    const records = await ledger();
    expect(records).toHaveLength(9);
    expect(await checkLedger(records, GENESIS)).toMatchObject({ head: { sequence: 9 }, mismatch: null });
  });

  test("keeps the record of a decision that is given to it again", async () => {
    await storeSpike();
    await (await stage(null)).run();
    const record = await onlyRecord();
    expect(await appendSignal(env.DB, { ...record, action: "SELL", reason: "another" })).toEqual(record);
    expect(await onlyRecord()).toEqual(record);
  });
});
