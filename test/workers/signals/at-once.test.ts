import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { SignalInput } from "../../../src/signals/signal-input.ts";
import { UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import { nextMinute } from "../../../src/signals/spike-watch.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { SIGNAL_DEPENDENCIES, signalsAtOnce } from "../../../workers/cron/signals.ts";
import type { Env } from "../../../workers/env.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { MINUTE, count, ledger, onlyRecord, stage, store, storeMarks, storeSpike, workerEnv } from "./signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";

afterEach(emptyStorage);

/** Judges a burst at once, so many ms before the minute. */
async function judgeAtOnce(before: number, minute = MINUTE, bursts = ["BTC"], flushes: readonly string[] = []) {
  const { config } = await stage(null);
  const deps = { ...SIGNAL_DEPENDENCIES, now: () => minute - before };
  return signalsAtOnce(workerEnv, config, { bursts, flushes }, deps);
}

/** The minutes before `MINUTE` have been run. */
beforeEach(async () => {
  const { run } = await stage(null);
  await run(MINUTE - MINUTE_MS);
});

const severities = async () =>
  (await env.DB.prepare("SELECT severity_usd FROM spikes ORDER BY minute").all<{ severity_usd: number }>()).results.map(
    ({ severity_usd }) => severity_usd,
  );

describe("a burst that the hub has seen", () => {
  test("is decided before its minute, under the id of the minute, and not again at it", async () => {
    await storeSpike();
    expect(await judgeAtOnce(35_000)).toMatchObject({ spikes: 1, decided: 1 });
    const record = await onlyRecord();
    expect(record).toMatchObject({ signal_id: "BTC-15m-20261122T1405Z", minute: MINUTE, created_time: MINUTE - 35_000 });
    expect(record.statistics as SignalInput).toMatchObject({ minute: MINUTE, known_time: MINUTE - 35_000 });
    const { run } = await stage(null);
    expect(await run()).toMatchObject({ minutes: 1, decided: 0 });
    expect(await ledger()).toHaveLength(1);
  });

  test("that grows to twice what was decided on is decided again, in its next minute", async () => {
    await storeSpike();
    await judgeAtOnce(35_000);
    await store([[0.2, 250_000]]);
    const { run } = await stage(null);
    await run();
    expect(await severities(), "what was decided on").toEqual([300_000]);
    expect(await judgeAtOnce(35_000, MINUTE + MINUTE_MS), "550,000 is not twice as much").toMatchObject({ decided: 0 });
    await store([[-0.4, 100_000]]);
    expect(await judgeAtOnce(20_000, MINUTE + MINUTE_MS), "650,000 is").toMatchObject({ decided: 1 });
    expect(await severities()).toEqual([300_000, 650_000]);
  });

  test("makes the run of a minute that nobody made yet", async () => {
    await storeSpike();
    expect(await judgeAtOnce(-3_000, MINUTE)).toMatchObject({ minutes: 1, spikes: 1, decided: 1 });
    expect((await onlyRecord()).statistics as SignalInput).toMatchObject({ minute: MINUTE, known_time: MINUTE });
  });

  test("is judged for the base assets that were named, once a minute", async () => {
    await storeSpike();
    expect(await judgeAtOnce(35_000, MINUTE, ["ETH", "NOSUCH"])).toMatchObject({ spikes: 0 });
    expect(await judgeAtOnce(35_000, MINUTE, ["BTC"]), "until then").toMatchObject({ spikes: 1 });
    expect(await judgeAtOnce(34_000, MINUTE, ["BTC"]), "once a minute").toMatchObject({ spikes: 0 });
    expect(await count("spikes")).toBe(1);
  });
});

/** A flush of longs that has ended 150 bps lower by `MINUTE`, and the price of the minute after it. */
async function storeFlush(then: number): Promise<void> {
  const before = Array.from({ length: 66 }, (_, index) => 80_000 + 40 * (index % 2));
  await storeSpike();
  await storeMarks(-70, [...before, 79_200, 79_000, 78_900, 78_800, then]);
}

describe("a flush whose spike was decided on", () => {
  const turned = { signal_id: "BTC-15m-20261122T1406Z-turn", trigger: "turn", minute: MINUTE + MINUTE_MS, action: "BUY" };
  const NEXT = MINUTE + MINUTE_MS;

  test("is decided on again when it turns, by the run of a minute, once", async () => {
    await storeFlush(79_100);
    const { run } = await stage(null);
    expect(await run()).toMatchObject({ spikes: 1, turns: 0, decided: 1 });
    expect(await run(NEXT)).toMatchObject({ spikes: 0, turns: 1, decided: 1 });
    expect(await run(NEXT + MINUTE_MS)).toMatchObject({ turns: 0, decided: 0 });
    const [spike, turn] = await ledger();
    expect(spike).toMatchObject({ signal_id: "BTC-15m-20261122T1405Z", trigger: "spike", action: "NOTHING" });
    expect(turn).toMatchObject(turned);
    expect(turn?.statistics as SignalInput).toMatchObject({ trigger: { kind: "turn", sides: ["long"], severity_usd: 300_000 } });
    expect(await count("signal_grades", "signal_id LIKE '%-turn'"), "it is graded as every decision").toBe(5);
  });

  test("is decided on at once where the hub asks, and not again at the minute", async () => {
    await storeFlush(79_100);
    const { run } = await stage(null);
    await run();
    const asked = await judgeAtOnce(35_000, NEXT, [], ["BTC"]);
    expect(asked).toMatchObject({ spikes: 0, turns: 1, decided: 1 });
    expect(asked.flushes, "it is followed no longer").toEqual(new Map([["BTC", null]]));
    expect((await ledger()).at(-1)).toMatchObject({ ...turned, created_time: NEXT - 35_000 });
    expect(await run(NEXT)).toMatchObject({ turns: 0, decided: 0 });
    expect(await judgeAtOnce(30_000, NEXT, [], ["BTC"])).toMatchObject({ turns: 0, flushes: new Map([["BTC", null]]) });
  });

  test("is not while the price has not come back by a fifth, and is followed until it does", async () => {
    await storeFlush(79_000);
    const { run } = await stage(null);
    await run();
    const asked = await judgeAtOnce(35_000, NEXT, [], ["BTC"]);
    expect(asked).toMatchObject({ turns: 0, decided: 0 });
    expect(asked.flushes.get("BTC")).toMatchObject({ side: "long", end_time: MINUTE + 15 * MINUTE_MS });
    expect(await run(NEXT)).toMatchObject({ turns: 0 });
  });

  test("has one turn, also where two runs find it at the same time", async () => {
    await storeFlush(79_100);
    const { run } = await stage(null);
    await run();
    await Promise.all([run(NEXT), judgeAtOnce(10_000, NEXT + MINUTE_MS, [], ["BTC"]), run(NEXT)]);
    expect((await ledger()).filter(({ trigger }) => trigger === "turn")).toHaveLength(1);
  });
});

test("the hub has a burst judged by itself, before anybody runs its minute", async () => {
  const now = Date.now();
  const rows = Array.from({ length: 8 }, (_, index) =>
    sampleLiquidation({
      event_id: `bybit:${index}`,
      exchange: "bybit",
      symbol: "BTC",
      event_time: now - 100 * index,
      received_time: now,
      usd_value: 50_000,
    }),
  );
  await d1Sink.write(workerEnv, parseConfig({}), sampleBatch(rows, "bybit"));
  await env.MARKET_HUB.getByName("hub").observe(rows);
  await until("a decision", async () => (await ledger()).length > 0);
  const record = await onlyRecord();
  expect(record).toMatchObject({ symbol: "BTC", analyst: "rules" });
  expect(record.minute - record.created_time, "within the minute before").toBeGreaterThan(0);
  expect(record.statistics as SignalInput).toMatchObject({ trigger: { severity_usd: 400_000 } });
});

test("the hub has a flush judged by itself when it turns, without a liquidation that asks for it", { timeout: 60_000 }, async () => {
  const now = Date.now();
  const minute = nextMinute(now);
  const at = (minutesBefore: number, usd: number, mark: number) => {
    const time = minute - minutesBefore * MINUTE_MS;
    const fields = { exchange: "bybit", symbol: "BTC", event_time: time, received_time: time, usd_value: usd, mark_price: mark } as const;
    return sampleLiquidation({ event_id: `bybit:flush:${minutesBefore}`, ...fields });
  };
  // Less than the floor, so that no burst is judged.
  const rows = [at(9, 40_000, 80_000), at(8, 20_000, 78_800)];
  const prices = [...Array.from({ length: 62 }, (_, index) => 80_000 + 40 * (index % 2)), 78_800, 78_900, 79_000, 79_100, 79_100, 79_200];
  const marks = prices.map((price, index) => ({
    minute: minute - (70 - index) * MINUTE_MS,
    symbol: "BTC",
    exchange: "binance" as const,
    open: price,
    high: price,
    low: price,
    close: price,
    samples: 60,
    ...UNKNOWN_MINUTE_MARKET,
  }));
  await d1Sink.write(workerEnv, parseConfig({}), sampleBatch(rows, "bybit"));
  await d1Sink.writeNotes?.(workerEnv, { exchange: "binance", gaps: [], minuteMarks: marks });
  await env.DB.prepare("UPDATE job_progress SET done_time = ?1 WHERE job = 'spike_rule'")
    .bind(minute - MINUTE_MS)
    .run();
  const spike = minute - 7 * MINUTE_MS;
  await env.DB.prepare(
    `INSERT INTO spikes (signal_id, minute, symbol, "window", severity_usd, taken_time, closed_time, side) VALUES ('known', ?1, 'BTC', '15m', 60000, ?1, ?1, 'long')`,
  )
    .bind(spike)
    .run();
  const hub = env.MARKET_HUB.getByName("hub") as unknown as ReturnType<Env["MARKET_HUB"]["getByName"]>;
  await hub.observe(rows);
  await hub.followFlushes([["BTC", { symbol: "BTC", side: "long", end_time: spike + 15 * MINUTE_MS, large_push_bps: 100 }]]);
  await until("a decision", async () => (await ledger()).length > 0, 30_000);
  expect(await onlyRecord()).toMatchObject({ symbol: "BTC", trigger: "turn", action: "BUY" });
});
