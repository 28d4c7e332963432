import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { type FlowSample, HubBaselines } from "../../../durable-objects/market-hub/hub-baselines.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";

const START = Date.UTC(2026, 10, 1);
const flow = (symbol: string, velocity: number): FlowSample => ({ symbol, side: "long", velocity, cumUsd5m: velocity * 300 });

/** Runs a test on the storage of a hub of its own. */
function inHub(run: (sql: SqlStorage) => void): Promise<void> {
  return runInDurableObject(env.MARKET_HUB.getByName(crypto.randomUUID()), (_object, { storage }) => run(storage.sql)) as Promise<void>;
}

/** Samples once per hour; of some base assets only in the first hour. */
function sampleHours(baselines: HubBaselines, from: number, to: number, steady: readonly string[], gone: readonly string[] = []): void {
  for (let hour = from; hour < to; hour += 1) {
    const seen = hour === from ? [...steady, ...gone] : steady;
    baselines.sample(START + hour * HOUR_MS, () => seen.map((symbol) => flow(symbol, 100 + hour)));
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

test("a side that was forgotten is ranked like one that was never seen, and is collected again from its next flow on", () =>
  inHub((sql) => {
    const baselines = new HubBaselines(sql, START);
    sampleHours(baselines, 0, 172, ["BTC"], ["DOGE"]);
    expect(baselines.of("DOGE", "long").velocity(1_000)).toBe(baselines.of("NEVER", "long").velocity(1_000));
    sampleHours(baselines, 172, 196, ["BTC", "DOGE"]);
    expect(baselines.of("DOGE", "long").velocity(100)).toBe(0);
    expect(baselines.of("DOGE", "long").velocity(1_000)).toBe(1);
  }));

test("what is restored after a restart gives the same ranks", () =>
  inHub((sql) => {
    const baselines = new HubBaselines(sql, START);
    sampleHours(baselines, 0, 60, ["BTC"], ["DOGE"]);
    const restored = new HubBaselines(sql, START);
    for (const symbol of ["BTC", "DOGE"]) {
      for (const velocity of [0, 50, 120, 150, 1_000]) {
        expect(restored.of(symbol, "long").velocity(velocity)).toBe(baselines.of(symbol, "long").velocity(velocity));
      }
    }
  }));
