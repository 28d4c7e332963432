import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFeeds, untilDrained } from "../../scripts/demo/read-feeds.ts";
import { reconcile } from "../../scripts/demo/reconcile.ts";
import { rowsInD1, rowsInR2 } from "../../scripts/demo/stored-rows.ts";
import { openStorage } from "../../scripts/local-worker.ts";
import { environment, startVenues, type Venues } from "../../scripts/simulator/start-venues.ts";
import { parseConfig } from "../../src/config.ts";
import { flowUsd } from "../../src/flow-usd.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";

const LIQUIDATING = ["binance", "bybit", "okx", "bitfinex"] as const;
let stateDir: string;
let venues: Venues;
const VENUES = parseConfig({}).LIQUIDATION_EXCHANGES.length;

beforeAll(async () => {
  stateDir = await newState();
  venues = await startVenues({ rate: 0 });
});

afterAll(async () => {
  await venues.stop();
  await rm(stateDir, { recursive: true, force: true });
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within 60 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** One run of the built Worker, in which each venue that publishes liquidations sends `events` of them. */
async function run(events: number): Promise<void> {
  const worker = await startBuiltWorker(stateDir, { ...environment(venues), LIQUIDATION_BATCH_INTERVAL_SECONDS: "1" });
  await worker.tick(new Date());
  await until("all feeds live", async () => (await readFeeds(worker.url)).filter(({ state }) => state === "live").length === VENUES);
  for (let index = 0; index < events; index += 1) {
    for (const name of LIQUIDATING) {
      venues[name].liquidate({ symbol: "BTC", side: index % 2 === 0 ? "long" : "short", usd: 10_000 + index, copies: index === 0 ? 2 : 1 });
    }
    // Binance shows the largest of a second only.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  }
  expect(await untilDrained(worker.url, 60_000)).toBe(true);
  await worker.stop();
}

test("the built Worker keeps its state over a restart, and DuckDB finds the same sums in R2 as there are in D1", async () => {
  await run(3);
  const first = venues.all().flatMap((venue) => venue.sent()).length;
  await run(3);
  const sent = venues.all().flatMap((venue) => venue.sent());
  expect(sent.length).toBeGreaterThan(first);

  const storage = await openStorage(stateDir);
  const [inR2, inD1] = [await rowsInR2(storage), await rowsInD1(storage)];
  const gaps = await storage.env.DB.prepare("SELECT exchange FROM gaps WHERE reason = 'restarted'").all<{ exchange: string }>();
  const totals = await storage.env.DB.prepare(
    "SELECT exchange, sum(events) AS events, sum(usd) AS usd FROM minute_totals GROUP BY exchange",
  ).all<{
    exchange: string;
    events: number;
    usd: number;
  }>();
  await storage.dispose();

  expect(reconcile("r2", sent, inR2)).toEqual({ store: "r2", before: 0, stored: sent.length, missing: [], surplus: [] });
  expect(reconcile("d1", sent, inD1)).toEqual({ store: "d1", before: 0, stored: sent.length, missing: [], surplus: [] });
  expect(new Set(gaps.results.map(({ exchange }) => exchange))).toEqual(new Set(parseConfig({}).LIQUIDATION_EXCHANGES));
  for (const { exchange, events, usd } of totals.results) {
    const rows = inR2.filter((row) => row.exchange === exchange);
    expect(rows.length).toBe(events);
    expect(rows.reduce((sum, row) => sum + (flowUsd(row) ?? 0), 0)).toBeCloseTo(usd, 4);
  }
});
