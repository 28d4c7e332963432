import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { GapBackfill } from "../../../durable-objects/exchange-feed/journal/gap-backfill.ts";
import { GapLog } from "../../../durable-objects/exchange-feed/journal/gap-log.ts";
import type { Exchange, FeedMessage } from "../../../src/exchanges/exchange.ts";
import { bitfinex } from "../../../src/exchanges/bitfinex/bitfinex.ts";
import { okx } from "../../../src/exchanges/okx/okx.ts";
import { type VenueSql, VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

function inStorage<R>(name: string, run: (sql: VenueSql) => R | Promise<R>): Promise<R> {
  const stub = env.EXCHANGE_FEED.getByName(name);
  return runInDurableObject(stub, (_object, state) => run(new VenueStorage(state.storage).sql)) as Promise<R>;
}

test("a venue not connected since a gap that was closed opens that gap again", async () => {
  const gaps = await inStorage("gap-log", (sql) => {
    const log = new GapLog(sql, "okx");
    log.end(1_000);
    log.start(5_000, "restarted");
    log.end(9_000);
    log.acknowledge(log.unacknowledged());
    log.start(5_000, "restarted");
    expect(log.open).toMatchObject({ from_time: 5_000, to_time: null });
    expect(log.unacknowledged()).toHaveLength(1);
    log.end(20_000);
    return log.touching(0, 30_000).map(({ from_time, to_time }) => [from_time, to_time]);
  });
  expect(gaps).toEqual([
    [0, 1_000],
    [5_000, 20_000],
  ]);
});

test("a gap that is found when it is over is recorded beside the others, without what they cover", async () => {
  const found = await inStorage("gap-add", (sql) => {
    const log = new GapLog(sql, "okx");
    log.end(1_000);
    log.start(5_000, "disconnected");
    log.end(6_000);
    log.start(9_000, "silent");
    const added = [log.add(5_500, 10_000, "disconnected"), log.add(500, 900, "disconnected"), log.add(9_500, 9_900, "disconnected")];
    return { added: added.map((parts) => parts.map(({ from_time, to_time }) => [from_time, to_time])), open: log.open?.from_time };
  });
  expect(found).toEqual({ added: [[[6_000, 9_000]], [], []], open: 9_000 });
});

test("a gap that others lie in is recorded in its parts, also where one without a length begins", async () => {
  const found = await inStorage("gap-parts", (sql) => {
    const log = new GapLog(sql, "okx");
    log.end(1_000);
    log.start(4_000, "disconnected");
    log.end(5_000);
    log.start(6_000, "silent");
    log.end(6_000);
    const added = log.add(2_000, 10_000, "storage_failed");
    return { added, all: log.touching(1_500, 20_000).map(({ from_time, to_time, reason }) => [from_time, to_time, reason]) };
  });
  expect(found.added.map(({ from_time, to_time }) => [from_time, to_time])).toEqual([
    [2_000, 4_000],
    [5_000, 6_000],
    [6_000, 10_000],
  ]);
  expect(found.all).toEqual([
    [2_000, 4_000, "storage_failed"],
    [4_000, 5_000, "disconnected"],
    [5_000, 6_000, "storage_failed"],
    [6_000, 10_000, "storage_failed"],
  ]);
});

test("a gap never begins before the end of the one before it", async () => {
  const open = await inStorage("gap-after", (sql) => {
    const log = new GapLog(sql, "okx");
    log.end(1_000);
    log.start(800, "disconnected");
    return log.open;
  });
  expect(open).toMatchObject({ from_time: 1_000, to_time: null });
});

test("a clock that goes back makes no gap begin in the future, and later gaps keep their length", async () => {
  const gaps = await inStorage("gap-clock", (sql) => {
    const log = new GapLog(sql, "okx");
    log.end(1_000);
    log.start(90_000, "silent");
    expect(log.noteClock(90_000)).toEqual([]);
    const [ended, open] = log.noteClock(10_000);
    expect(ended).toMatchObject({ from_time: 90_000, to_time: 90_000 });
    expect(open).toMatchObject({ from_time: 10_000, to_time: null, reason: "silent" });
    log.end(15_000);
    log.start(20_000, "disconnected");
    log.end(25_000);
    return log.touching(0, 100_000).map(({ from_time, to_time }) => [from_time, to_time]);
  });
  expect(gaps).toEqual([
    [0, 1_000],
    [10_000, 15_000],
    [20_000, 25_000],
    [90_000, 90_000],
  ]);
});

test("a contract's gap lasts until it is covered, and begins where it was last covered", async () => {
  await inStorage("contract-gaps", (sql) => {
    const log = new GapLog(sql, "bybit");
    const begun = log.contracts.update(new Map([["LUNAUSDT", 5_000]]), 6_000);
    expect(begun).toEqual([{ exchange: "bybit", contract: "LUNAUSDT", from_time: 5_000, to_time: null, reason: "not_subscribed" }]);
    expect(log.contracts.update(new Map([["LUNAUSDT", 5_000]]), 7_000)).toEqual([]);
    log.acknowledge(log.unacknowledged());
    expect(log.unacknowledged()).toEqual([]);
    // The object restarts while the gap lasts.
    const again = new GapLog(sql, "bybit");
    expect(again.contracts.update(new Map(), 9_000)).toMatchObject([{ contract: "LUNAUSDT", from_time: 5_000, to_time: 9_000 }]);
    expect(again.unacknowledged()).toHaveLength(1);
    expect(
      again.touching(0, 20_000).map(({ reason }) => reason),
      "the venue was connected",
    ).toEqual(["not_started"]);
  });
});

test("a backfill whose answer is a refusal, although HTTP 200, is tried again", async () => {
  await inStorage("backfill", async (sql) => {
    const taken: FeedMessage[] = [];
    const log: Record<string, unknown>[] = [];
    let answer: unknown = { code: "50011", msg: "Too Many Requests", data: [] };
    let now = 10_000_000;
    const exchange: Exchange = { ...okx, backfill: { ...okx.backfill, requestIntervalMs: 0 } };
    const scope = { symbols: new Set(["BTC"]), instruments: new Map(okx.fallbackInstruments.map((one) => [one.instrument, one])) };
    const backfill = new GapBackfill({
      sql,
      exchange,
      endpoints: { ws: "http://venue.test", rest: "http://venue.test" },
      request: () => Promise.resolve(answer),
      pollIntervalMs: 120_000,
      now: () => now,
      take: (messages) => taken.push(...messages),
      log: (entry) => log.push(entry),
    });
    backfill.plan(now - 60_000, now);
    await backfill.run(scope, null);
    expect(log.at(-1)).toMatchObject({ event: "backfill_failed", failures: 1 });
    answer = { code: "0", msg: "", data: [] };
    now += 600_000;
    await backfill.run(scope, null);
    expect(log.at(-1)).toMatchObject({ event: "backfill_done", found: 0 });
  });
});

function row(time: number, isMatch: 0 | 1): readonly unknown[] {
  return ["pos", 7, time, null, "tBTCF0:USTF0", 1, 80_000, null, isMatch, 1, null, 80_000];
}

test("rows of a history outside the range asked for are left out, whatever their kind", async () => {
  await inStorage("backfill-range", async (sql) => {
    const now = 1_795_000_000_000;
    const taken: FeedMessage[] = [];
    const times = [now - 1_000, now + 1_000];
    const backfill = new GapBackfill({
      sql,
      exchange: { ...bitfinex, backfill: { ...(bitfinex.backfill ?? okx.backfill), requestIntervalMs: 0 } },
      endpoints: { ws: "http://venue.test", rest: "http://venue.test" },
      request: () => Promise.resolve(times.flatMap((time) => [[row(time, 0)], [row(time, 1)]])),
      pollIntervalMs: 120_000,
      now: () => now,
      take: (messages) => taken.push(...messages),
      log: () => undefined,
    });
    backfill.plan(now - 60_000, now);
    await backfill.run({ symbols: "*", instruments: new Map(bitfinex.fallbackInstruments.map((one) => [one.instrument, one])) }, null);
    expect(taken.map(({ kind }) => kind)).toEqual(["liquidation", "execution"]);
  });
});
