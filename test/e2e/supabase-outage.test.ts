import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFeeds, untilRead } from "../../scripts/demo/read-feeds.ts";
import { rowsInD1, rowsInSupabase } from "../../scripts/demo/stored-rows.ts";
import { openStorage } from "../../scripts/local-worker.ts";
import type { LocalWorker } from "../../scripts/local-worker.ts";
import { startSupabase } from "../../scripts/supabase/embedded.ts";
import type { EmbeddedSupabase } from "../../scripts/supabase/embedded.ts";
import { environment, startVenues } from "../../scripts/simulator/start-venues.ts";
import type { Venues } from "../../scripts/simulator/start-venues.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";

const SYNC_SECONDS = 2;
/** A venue may hold a liquidation back this long before it is on the wire. */
const VENUE_DELAY_MS = 3_000;
const WAIT_LIMIT_MS = 90_000;

let stateDir: string;
let venues: Venues;
let supabase: EmbeddedSupabase;
let worker: LocalWorker;

beforeAll(async () => {
  stateDir = await newState();
  supabase = await startSupabase({ dataDir: null });
  venues = await startVenues({ seed: 7, rate: 20 });
  worker = await startWorker();
});
afterAll(async () => {
  await worker.stop();
  await Promise.all([venues.stop(), supabase.stop()]);
  await rm(stateDir, { recursive: true, force: true });
});

async function startWorker(): Promise<LocalWorker> {
  const started = await startBuiltWorker(stateDir, {
    ...environment(venues),
    SUPABASE_URL: supabase.url,
    SUPABASE_SECRET_KEY: supabase.secretKey,
    LIQUIDATION_BATCH_INTERVAL_SECONDS: "1",
    LIQUIDATION_CLOUD_SYNC_INTERVAL_SECONDS: String(SYNC_SECONDS),
  });
  await started.tick(new Date());
  return started;
}

async function until(description: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + WAIT_LIMIT_MS; !(await holds()); await sleep(500)) {
    if (Date.now() > deadline) throw new Error(`never came true: ${description}`);
  }
}

async function sumOverFeeds(field: "rows_stored" | "backlog_rows"): Promise<number> {
  return (await readFeeds(worker.url)).reduce((sum, feed) => sum + feed.sinks.supabase[field], 0);
}

/** When a sync of Bybit's last failed; 0 where none has yet. */
async function lastFailure(): Promise<number> {
  const bybit = (await readFeeds(worker.url)).find(({ exchange }) => exchange === "bybit");
  return bybit?.sinks.supabase.last_error_time ?? 0;
}

test("an outage over several syncs and a restart in its midst lose no event and double none", { timeout: 300_000 }, async () => {
  await until("the first rows are synced", async () => (await sumOverFeeds("rows_stored")) > 0);

  await supabase.pause();
  for (let failures = 0, since = Date.now(); failures < 3; failures += 1) {
    await until("a sync has failed", async () => (await lastFailure()) > since);
    since = await lastFailure();
  }
  await until("rows wait for Supabase", async () => (await sumOverFeeds("backlog_rows")) > 50);
  const errors = (await readFeeds(worker.url)).map((feed) => feed.sinks.supabase.last_error ?? "");
  expect(errors).toContainEqual(expect.stringContaining("does not respond"));

  await worker.stop();
  worker = await startWorker();
  expect(await sumOverFeeds("backlog_rows")).toBeGreaterThan(50);

  // The first requests of the return are committed, but their answers are lost.
  supabase.fail({ kind: "lose-answer" });
  await supabase.resume();
  const before = supabase.requests();
  await until("a request was committed without an answer", () => Promise.resolve(supabase.requests() > before));
  supabase.fail(null);

  venues.quiet();
  await sleep(VENUE_DELAY_MS);
  expect(await untilRead(worker.url, WAIT_LIMIT_MS)).toBe(true);
  const storage = await openStorage(stateDir);
  const collected = (await rowsInD1(storage)).map((row) => row.event_id).toSorted();
  await storage.dispose();
  const stored = (await rowsInSupabase(supabase)).map((row) => row.event_id).toSorted();
  expect(collected.length).toBeGreaterThan(100);
  expect(stored).toEqual(collected);
});
