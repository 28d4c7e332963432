import { setTimeout as sleep } from "node:timers/promises";
import { LiquidationsClient, type Page, type RowOf } from "../../clients/typescript/src/index.ts";
import type { CutProxy } from "../demo/cut-proxy.ts";
import { readFeeds } from "../demo/read-feeds.ts";
import { type KillableWorker, startKillable } from "../killable-worker.ts";
import { startLocalWorker } from "../local-worker.ts";
import { type Venues, environment } from "../simulator/start-venues.ts";
import type { Consumer, Received } from "./stream-consumers.ts";

/** The venues that are collected. */
export const LIQUIDATING = ["bybit", "okx", "bitfinex"] as const;
/** Each venue liquidates one after this time, ms. */
const EVERY_MS = 10;
export const PATIENCE_MS = 60_000;
const ADMIN_TOKEN = "admin-token-of-the-measure-of-kills";

export interface Stage {
  readonly stateDir: string;
  readonly venues: Venues;
  /** Between the clients and the Worker's process: an address that stays where the process starts at another one. */
  readonly proxy: CutProxy;
  worker: KillableWorker | null;
  consumers: readonly Consumer[];
}

export async function startWorker(stage: Stage): Promise<KillableWorker> {
  const variables = {
    ...environment(stage.venues),
    ADMIN_TOKEN,
    LIQUIDATION_EXCHANGES: LIQUIDATING.join(","),
    LIQUIDATION_BATCH_INTERVAL_SECONDS: "1",
  };
  const worker = await startKillable(() => startLocalWorker({ stateDir: stage.stateDir, variables, isPrepared: true }));
  stage.worker = worker;
  await worker.tick(new Date());
  await until("live feeds", async () => (await readFeeds(worker.url)).every(({ state }) => state === "live"), 500);
  return worker;
}

/** Each venue liquidates one after the other until it is stopped. */
export function startLoad(venues: Venues): () => void {
  let made = 0;
  const timer = setInterval(() => {
    for (const name of LIQUIDATING) {
      made += 1;
      venues[name].liquidate({ symbol: "BTC", side: made % 2 === 0 ? "long" : "short", usd: 10_000 + made });
    }
  }, EVERY_MS);
  return () => clearInterval(timer);
}

/** Does what cuts the clients off, if they were connected, and waits until each has connected and got a liquidation since. */
export async function newToAll(stage: Stage, cut: () => Promise<void> | void): Promise<void> {
  const clients = clientsOf(stage);
  const before = clients.map((client) => client.count("hello"));
  await cut();
  await until("a liquidation for each client over a new connection", () => {
    const error = stage.consumers.map((consumer) => consumer.error).find((text) => text !== "");
    if (error !== undefined) throw new Error(`a client has ended: ${error}`);
    return clients.every((client, index) => client.count("hello") > (before[index] ?? 0) && client.hasLiquidationSinceHello);
  });
}

export function workerOf({ worker }: Stage): KillableWorker {
  if (worker === null) throw new Error("the Worker does not run");
  return worker;
}

export function clientsOf({ consumers }: Stage): readonly Received[] {
  return consumers.flatMap(({ clients }) => clients);
}

/** As the admin, whom no rate limit stops. */
export function apiOf(url: string): LiquidationsClient {
  return new LiquidationsClient({ url, key: ADMIN_TOKEN });
}

export type Row = RowOf<"/v1/liquidations">;

/** What the Worker has stored with an event time since then, ms, oldest first. */
export function rowsSince(url: string, since: number): Promise<readonly Row[]> {
  return rowsOf(url, `/v1/liquidations?start=${since}&order=asc`);
}

/** The rows of all pages of a request that returns liquidations, such as that of a gap. */
export async function rowsOf(url: string, request: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: URL = new URL(request, url);
    page.searchParams.set("limit", "1000");
    if (cursor !== "") page.searchParams.set("cursor", cursor);
    const response: Response = await fetch(page, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    if (!response.ok) throw new Error(`${page.pathname} answered ${response.status}: ${await response.text()}`);
    const { data, meta } = (await response.json()) as Page<Row>;
    rows.push(...data);
    cursor = meta.next_cursor;
  }
  return rows;
}

export async function until(what: string, holds: () => Promise<boolean> | boolean, everyMs = 20): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); await sleep(everyMs)) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1_000} s: ${what}`);
  }
}
