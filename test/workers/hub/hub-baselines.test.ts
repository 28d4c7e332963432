import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createRandom } from "../../../scripts/simulator/random.ts";
import type { Gap } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { HubCoverage } from "../../../durable-objects/market-hub/hub-coverage.ts";
import { type FlowSample, HubBaselines } from "../../../durable-objects/market-hub/hub-baselines.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const START = Date.UTC(2026, 10, 1);
const flow = (symbol: string, velocity: number): FlowSample => ({ symbol, side: "long", velocity });

const event = (symbol: string, time: number) => sampleLiquidation({ symbol, position_side: "long", event_time: time, received_time: time });

const bybitGap = (from_time: number, to_time: number | null): Gap => ({ exchange: "bybit", from_time, to_time, reason: "silent" });

/** Runs a test on the storage of a hub of its own. */
function inHub(run: (sql: SqlStorage) => void): Promise<void> {
  return runInDurableObject(env.MARKET_HUB.getByName(crypto.randomUUID()), (_object, { storage }) => run(storage.sql)) as Promise<void>;
}

/** Samples once per hour; of some base assets only in the first hour. */
function sampleHours(baselines: HubBaselines, from: number, to: number, steady: readonly string[], gone: readonly string[] = []): void {
  for (let hour = from; hour < to; hour += 1) {
    const seen = hour === from ? [...steady, ...gone] : steady;
    const time = START + hour * HOUR_MS;
    for (const symbol of seen)
      for (let n = 0; n < 10; n += 1) baselines.noteEvent(event(symbol, time), { velocity: 100 + hour, events1m: n + 1 });
    baselines.sample(time, true, () => seen.map((symbol) => flow(symbol, 100 + hour)));
  }
}

const rows = (sql: SqlStorage) => sql.exec<{ n: number }>("SELECT count(*) AS n FROM sketches").one().n;

test("a side without flow for seven days is forgotten, in memory and in the storage, and one with flow stays", () =>
  inHub((sql) => {
    const baselines = new HubBaselines(sql, START);
    const gone = Array.from({ length: 40 }, (_, n) => `GONE${n}`);
    sampleHours(baselines, 0, 168, ["BTC"], gone);
    expect(baselines.size).toBe(41);
    expect(rows(sql)).toBe(41 * 168);
    sampleHours(baselines, 168, 170, ["BTC"]);
    expect(baselines.size).toBe(1);
    expect(rows(sql)).toBe(168);
    expect(new HubBaselines(sql, START).size).toBe(1);
  }));

test("a side that was forgotten is compared like one that was never seen, and is collected again from its next flow on", () =>
  inHub((sql) => {
    const baselines = new HubBaselines(sql, START);
    sampleHours(baselines, 0, 172, ["BTC"], ["DOGE"]);
    expect(baselines.of("DOGE", "long").medianVelocity).toBe(baselines.of("NEVER", "long").medianVelocity);
    sampleHours(baselines, 172, 196, ["BTC", "DOGE"]);
    expect(baselines.of("DOGE", "long").medianVelocity).toBeGreaterThan(250);
  }));

test("what is restored after a restart gives the same quantiles", () =>
  inHub((sql) => {
    const baselines = new HubBaselines(sql, START);
    sampleHours(baselines, 0, 60, ["BTC"], ["DOGE"]);
    const restored = new HubBaselines(sql, START);
    for (const symbol of ["BTC", "DOGE"]) {
      expect(restored.of(symbol, "long")).toEqual(baselines.of(symbol, "long"));
      expect(restored.velocityQuantile(symbol, "long", 0.9)).toBe(baselines.velocityQuantile(symbol, "long", 0.9));
    }
  }));

test("time in which too few venues were connected is no quiet: neither its minutes nor its liquidations count", () =>
  inHub((sql) => {
    const [covered, withGap] = [new HubBaselines(sql, START), new HubBaselines(sql, START)];
    sampleHours(covered, 0, 30, ["BTC"]);
    sampleHours(withGap, 0, 30, ["BTC"]);
    for (let minute = 1; minute <= 600; minute += 1) {
      const time = START + 30 * HOUR_MS + minute * MINUTE_MS;
      withGap.sample(time, false, () => []);
      withGap.noteEvent(event("BTC", time), { velocity: 1, events1m: 1 });
    }
    expect(withGap.velocityQuantile("BTC", "long", 0.5)).toBe(covered.velocityQuantile("BTC", "long", 0.5));
    expect(withGap.of("BTC", "long")).toEqual(covered.of("BTC", "long"));
    // The same minutes as covered ones would be quiet ones.
    for (let minute = 601; minute <= 1_200; minute += 1) withGap.sample(START + 30 * HOUR_MS + minute * MINUTE_MS, true, () => []);
    expect(withGap.velocityQuantile("BTC", "long", 0.5)).toBe(0);
  }));

test("the ratio is fitted on the complete venues that were connected, without the time in which they were not", () =>
  runInDurableObject(env.MARKET_HUB.getByName(crypto.randomUUID()), async (_object, { storage }) => {
    const now = START + 2 * DAY_MS;
    const random = createRandom(1, "fit");
    const gap = { start: now - 6 * HOUR_MS, end: now - 3 * HOUR_MS };
    const times = Array.from({ length: 3_000 }, () => now - DAY_MS + random.integer(DAY_MS)).filter(
      (time) => time < gap.start || time > gap.end,
    );
    const bybit = times.map((event_time) => ({ exchange: "bybit" as const, event_time }));
    // Pairs that set each other off, on a venue that was not connected for long enough.
    const bitfinex = times.flatMap((event_time) =>
      [event_time, event_time + 100].map((time) => ({ exchange: "bitfinex" as const, event_time: time })),
    );
    const fitted = async (venues: readonly ExchangeName[]) => {
      const baselines = new HubBaselines(storage.sql, START);
      baselines.noteEvent(event("BTC", now), { velocity: 1, events1m: 1 });
      await baselines.refit(now, { eventTimes: () => Promise.resolve([...bybit, ...bitfinex]), venues, gaps: [gap] });
      const { hawkes } = baselines.of("BTC", "long");
      return hawkes;
    };
    const own = await fitted(["bybit"]);
    expect(own?.branchingRatio).toBeLessThanOrEqual(2 * (own?.standardError ?? 0));
    storage.sql.exec("DELETE FROM fits");
    expect((await fitted(["bybit", "bitfinex"]))?.branchingRatio).toBeGreaterThan(0.2);
  }));

test("a busy side without a fit is fitted within the first hour, and looked at no more often than its liquidations can change that", () =>
  runInDurableObject(env.MARKET_HUB.getByName(crypto.randomUUID()), async (_object, { storage }) => {
    const baselines = new HubBaselines(storage.sql, START);
    const times: number[] = [];
    let looks = 0;
    const sources = {
      eventTimes: () => {
        looks += 1;
        return Promise.resolve(times.map((event_time) => ({ exchange: "bybit" as const, event_time })));
      },
      venues: ["bybit"] as const,
      gaps: [],
    };
    const random = createRandom(1, "early");
    for (let minute = 1; minute <= 40; minute += 1) {
      for (let n = 0; n < 10; n += 1) {
        times.push(START + minute * MINUTE_MS - random.integer(MINUTE_MS));
        baselines.noteEvent(event("BTC", START + minute * MINUTE_MS), { velocity: 1, events1m: 1 });
      }
      await baselines.refit(START + minute * MINUTE_MS, sources);
      if (minute === 19) expect([looks, baselines.of("BTC", "long").hawkes]).toEqual([1, null]);
    }
    expect(baselines.of("BTC", "long").hawkes).not.toBeNull();
    expect(looks).toBe(2);
  }));

test("coverage weighs venues, survives a restart and ends with the gap", () =>
  inHub((sql) => {
    const coverage = new HubCoverage(sql);
    const range = { start: START, end: START + 2 * MINUTE_MS };
    const gap = (exchange: ExchangeName, to_time: number | null = null): Gap => ({
      exchange,
      from_time: START - HOUR_MS,
      to_time,
      reason: "silent",
    });
    coverage.note(gap("binance"));
    expect(coverage.isCovered(range)).toBe(true);
    const weights = new Map<ExchangeName, number>([
      ["binance", 60],
      ["bybit", 35],
      ["bitfinex", 5],
    ]);
    coverage.weigh(weights);
    expect(coverage.isCovered(range)).toBe(false);
    const restarted = new HubCoverage(sql);
    restarted.weigh(weights);
    expect(restarted.isCovered(range)).toBe(false);
    restarted.note(gap("binance", START));
    restarted.note(gap("bitfinex"));
    expect(restarted.isCovered(range)).toBe(true);
    expect(restarted.gapsOf(["binance"], range.end)).toEqual([{ start: START - HOUR_MS, end: START }]);
    restarted.forget(START + 1);
    expect(new HubCoverage(sql).gapsOf(["binance", "bitfinex"], range.end)).toEqual([{ start: START - HOUR_MS, end: range.end }]);
  }));

test("a gap that a former feed left open is over once another feed of the venue says that it is connected", () =>
  inHub((sql) => {
    const coverage = new HubCoverage(sql);
    coverage.note(bybitGap(START, null));
    coverage.note(bybitGap(0, START + HOUR_MS));
    expect(coverage.gapsOf(["bybit"], START + DAY_MS).map(({ end }) => end)).toEqual([START + HOUR_MS, START + HOUR_MS]);
    coverage.note(bybitGap(START + 2 * HOUR_MS, null));
    coverage.note({ ...bybitGap(START + 3 * HOUR_MS, null), reason: "not_subscribed", contract: "BTCUSDT" } as Gap);
    expect(coverage.gapsOf(["bybit"], START + DAY_MS)).toHaveLength(3);
    expect(new HubCoverage(sql).shareOf("bybit", { start: START, end: START + 4 * HOUR_MS })).toBe(0.25);
  }));
