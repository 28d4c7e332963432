import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { D1Database } from "@cloudflare/workers-types";
import type { Liquidation } from "../../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { insertRows } from "../../demo/history/insert-rows.ts";
import { openStorage, prepareLocalWorker, startLocalWorker } from "../../local-worker.ts";
import { table } from "../../table.ts";
import { BUSY_SYMBOLS, storeBusyDays } from "../busy-days.ts";
import { sampleLiquidations } from "../sample-liquidations.ts";

const ROWS = 1_000;
const WARM_UP = 20;
const REQUESTS = 200;
const QUANTILE = 0.99;
const GOAL = 3;

const ROUTES = [
  { name: "liquidations", path: `/v1/liquidations?limit=${ROWS}` },
  { name: "stats", path: "/v1/stats?symbol=BTC&window=1h" },
  { name: "totals", path: "/v1/totals?symbol=BTC&interval=1m&limit=1000" },
] as const;

/**
 * How long a client waits for answers of the built Worker, and for the same bytes from a bare Hono route in it: requests in
 * turns over one connection, with answers computed for each request, and kept for some seconds as they are by default.
 */
export async function contestLatency(print: (line: string) => void): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-peers-"));
  try {
    await prepareLocalWorker(stateDir);
    const storage = await openStorage(stateDir);
    await store(storage.env.DB, Date.now());
    await storage.dispose();
    const computed = await latencies(stateDir, "computed", "false");
    const kept = await latencies(stateDir, "kept", "true");
    print(`Answers of the API: ${REQUESTS} requests in turns with a bare Hono route that returns the same bytes, ms`);
    print(table(["", "answer", "kB", "p50", "p99", "bare p50", "bare p99", `p99 ÷ bare (goal: < ${GOAL})`], [...computed, ...kept]));
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}

async function store(db: D1Database, now: number): Promise<void> {
  await storeBusyDays(db, floorTo(now, MINUTE_MS));
  const fields = LIQUIDATION_FIELDS.map(({ name }) => name);
  await insertRows(db, "liquidations", fields, hourOf(now));
  await db
    .prepare("UPDATE hot_events SET from_time = ?1")
    .bind(now - HOUR_MS)
    .run();
}

/** The last hour's liquidations, more than a page of them. */
function hourOf(now: number): readonly Liquidation[] {
  return sampleLiquidations(2 * ROWS, 1, now - HOUR_MS).map((row, index) => {
    const time = now - HOUR_MS + Math.floor((index * HOUR_MS) / (2 * ROWS));
    return { ...row, event_id: `${row.event_id}:${index}`, event_time: time, received_time: time + 50 };
  });
}

async function latencies(stateDir: string, answer: string, cache: "true" | "false"): Promise<readonly (readonly string[])[]> {
  const worker = await startLocalWorker({
    stateDir,
    isPrepared: true,
    entrypoint: fileURLToPath(new URL("latency-worker.ts", import.meta.url)),
    variables: { LIQUIDATION_SYMBOLS: BUSY_SYMBOLS.join(","), ANSWER_CACHE: cache },
  });
  try {
    const rows: string[][] = [];
    for (const { name, path } of ROUTES) rows.push([path, answer, ...(await contest(worker.url, name, path))]);
    return rows;
  } finally {
    await worker.stop();
  }
}

async function contest(url: string, name: string, path: string): Promise<readonly string[]> {
  const first = await fetch(`${url}${path}`);
  const body = await first.arrayBuffer();
  if (!first.ok) throw new Error(`${path}: ${first.status} ${Buffer.from(body).toString()}`);
  const headers = { "Content-Type": first.headers.get("Content-Type") ?? "" };
  await fetch(`${url}/bare/${name}`, { method: "PUT", body, headers });
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let request = -WARM_UP; request < REQUESTS; request++) {
    const times = [await timed(`${url}${path}`), await timed(`${url}/bare/${name}`)] as const;
    if (request < 0) continue;
    ours.push(times[0]);
    bare.push(times[1]);
  }
  const [p50, p99, bare50, bare99] = [quantile(ours, 0.5), quantile(ours, QUANTILE), quantile(bare, 0.5), quantile(bare, QUANTILE)];
  return [(body.byteLength / 1e3).toFixed(0), ...[p50, p99, bare50, bare99].map((ms) => ms.toFixed(1)), (p99 / bare99).toFixed(2)];
}

async function timed(url: string): Promise<number> {
  const start = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return performance.now() - start;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}
