import { execFile, spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startCutProxy } from "../../scripts/demo/cut-proxy.ts";
import { readFeeds } from "../../scripts/demo/read-feeds.ts";
import { type KillableWorker, startKillable } from "../../scripts/killable-worker.ts";
import { type Consumer, PYTHON, followInPython } from "../../scripts/measure/stream-consumers.ts";
import { type Venues, environment, startVenues } from "../../scripts/simulator/start-venues.ts";
import { utcDate } from "../../src/batch-object.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";
import { EXAMPLE_DAY, setStage } from "./walk/stage.ts";

/** The Python client against the built Worker. */

const CLIENT = resolve(import.meta.dirname, "../../clients/python");
const ADMIN_TOKEN = "python-admin-token-of-these-tests";
const LIQUIDATING = ["bybit", "okx", "bitfinex"] as const;
/** `npm run measure -- client-kills` kills it 20 times. */
const KILLS = 3;
const CUTS = 17;

const isNewEnough = spawnSync(PYTHON, ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).status === 0;

let stateDir: string;
let venues: Venues;
let worker: KillableWorker;
let sending: ReturnType<typeof setInterval>;

const start = () =>
  startKillable(() =>
    startBuiltWorker(stateDir, {
      ...environment(venues),
      ADMIN_TOKEN,
      LIQUIDATION_EXCHANGES: LIQUIDATING.join(","),
      LOCAL_DEVELOPMENT: "true",
      LIQUIDATION_BATCH_INTERVAL_SECONDS: "1",
    }),
  );

async function until(what: string, holds: () => Promise<boolean> | boolean, everyMs = 500): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await holds()); await sleep(everyMs)) {
    if (Date.now() > deadline) throw new Error(`not within 60 s: ${what}`);
  }
}

async function live(): Promise<void> {
  await until("all feeds are live", async () => (await readFeeds(worker.url)).every(({ state }) => state === "live"));
}

/** Each venue sends a liquidation so often. */
function send(everyMs: number): void {
  clearInterval(sending);
  let n = 0;
  sending = setInterval(() => {
    n += 1;
    for (const name of LIQUIDATING) venues[name].liquidate({ symbol: "BTC", side: n % 2 === 0 ? "long" : "short", usd: 10_000 + n });
  }, everyMs);
}

/** The data of an operation, asked for by the admin, whom no rate limit stops. */
async function ask<Data>(path: string): Promise<Data> {
  const response = await fetch(`${worker.url}${path}`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Data;
}

describe.skipIf(!isNewEnough)(`clients/python (${isNewEnough ? PYTHON : "skipped: python3 is missing or older than 3.11"})`, () => {
  beforeAll(async () => {
    stateDir = await newState();
    venues = await startVenues({ rate: 0 });
    const minute = floorTo(Date.now(), MINUTE_MS);
    await setStage(stateDir, minute);
    worker = await start();
    // A quarter of an hour after the hour, when closed days are made into files. In their order: no job goes back in time.
    const quarterPast = floorTo(minute, HOUR_MS) + 15 * MINUTE_MS;
    for (const time of [Math.min(quarterPast, minute), Math.max(quarterPast, minute)]) await worker.tick(new Date(time));
    await live();
    send(500);
    await until(
      "the file of the closed day",
      async () => (await ask<{ readonly data: readonly unknown[] }>("/v1/datasets")).data.length > 0,
    );
    await until("some liquidations", async () => (await collected(minute)).length > 10);
  });

  afterAll(async () => {
    clearInterval(sending);
    await worker.stop();
    await venues.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  test("passes its own tests, the blocks of its README and its examples", async () => {
    const places = { LIQUIDATIONS_URL: worker.url, LIQUIDATIONS_KEY: ADMIN_TOKEN, LIQUIDATIONS_DATE: utcDate(EXAMPLE_DAY) };
    const { code, output } = await runTests(places);
    expect(code, output).toBe(0);
    const [, count = "0"] = /^Ran (\d+) tests/m.exec(output) ?? [];
    expect(Number(count)).toBeGreaterThan(60);
    for (const line of output.split("\n").filter((text) => / \.\.\. skipped /.test(text))) console.warn(`clients/python: ${line}`);
  });

  test(`both clients get each liquidation once over ${CUTS} cuts and ${KILLS} kills of the process, and a named gap once the log is lost`, async () => {
    const proxy = await startCutProxy(worker.runtimeUrl);
    const consumer = followInPython(proxy.url);
    onTestFinished(() => consumer.stop());
    send(100);
    await newToBoth(consumer, () => undefined);
    const since = Date.now();
    for (let cut = 0; cut < CUTS; cut += 1) await newToBoth(consumer, () => proxy.cut());
    for (let kill = 0; kill < KILLS; kill += 1) await newToBoth(consumer, () => worker.kill());
    clearInterval(sending);
    await live();
    let ids: readonly string[] = [];
    await until("all that is stored since then has come", async () => {
      ids = await collected(since);
      return ids.every((id) => consumer.clients.every((client) => client.has(id)));
    });
    expect(ids.length).toBeGreaterThan(CUTS + KILLS);
    for (const client of consumer.clients) {
      expect(client.receivedAgain).toBe(0);
      expect(client.count("lost")).toBeGreaterThanOrEqual(CUTS + KILLS);
      expect(client.count("gap") + client.count("skipped")).toBe(0);
    }

    await newToBoth(consumer, async () => {
      await worker.stop();
      await loseLog();
      worker = await start();
      proxy.pointAt(worker.runtimeUrl);
      await worker.tick(new Date());
      await live();
      for (const name of LIQUIDATING) venues[name].liquidate({ symbol: "ETH", side: "long", usd: 50_000 });
    });
    for (const client of consumer.clients) {
      expect(client.gapRequests).toHaveLength(1);
      const { data } = await ask<{ readonly data: readonly unknown[] }>(client.gapRequests[0] ?? "");
      expect(data.length).toBeGreaterThan(0);
    }
    proxy.stop();
  }, 300_000);
});

/** Does what cuts both clients off, if they were connected, and waits until each has connected and got a liquidation since. */
async function newToBoth(consumer: Consumer, cut: () => Promise<void> | void): Promise<void> {
  const before = consumer.clients.map((client) => client.count("hello"));
  await cut();
  await until(
    "both clients have got something over a new connection",
    () => {
      expect(consumer.error).toBe("");
      return consumer.clients.every((client, index) => client.count("hello") > (before[index] ?? 0) && client.hasLiquidationSinceHello);
    },
    20,
  );
}

/** The hub's storage is lost while the Worker is down. */
async function loseLog(): Promise<void> {
  const objects = join(stateDir, "v3/do");
  const hubs = (await readdir(objects)).filter((name) => name.endsWith("MarketHub"));
  expect(hubs).toHaveLength(1);
  for (const name of hubs) await rm(join(objects, name), { recursive: true });
}

/** Ids of the liquidations since a time, ms, that the Worker has stored. */
async function collected(since: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const more: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const { data, meta } = await ask<{
      readonly data: readonly { readonly event_id: string }[];
      readonly meta: { readonly next_cursor: string | null };
    }>(`/v1/liquidations?start=${since}&limit=1000${more}`);
    ids.push(...data.map(({ event_id: id }) => id));
    cursor = meta.next_cursor;
  }
  return ids;
}

function runTests(environmentOfRun: Readonly<Record<string, string>>): Promise<{ readonly code: number; readonly output: string }> {
  const env = { ...process.env, ...environmentOfRun };
  return new Promise((done) => {
    execFile(PYTHON, ["-B", "-m", "unittest", "-v"], { cwd: CLIENT, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}
