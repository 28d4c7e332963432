import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startCutProxy } from "../demo/cut-proxy.ts";
import { untilDrained } from "../demo/read-feeds.ts";
import { accountFor } from "../demo/reconcile-gaps.ts";
import type { Gap } from "../../src/gap.ts";
import { prepareLocalWorker } from "../local-worker.ts";
import { startVenues } from "../simulator/start-venues.ts";
import { ageStreamLog, isLogOld } from "./aged-stream-log.ts";
import type { Figure } from "./figure.ts";
import {
  LIQUIDATING,
  PATIENCE_MS,
  type Row,
  type Stage,
  apiOf,
  clientsOf,
  newToAll,
  rowsOf,
  rowsSince,
  startLoad,
  startWorker,
  until,
  workerOf,
} from "./kill-stage.ts";
import { type Received, followInPython, followInTypescript } from "./stream-consumers.ts";

const KILLS = 20;

/** What consumers of both clients have where the server's process is killed again and again under load, and where its log has expired. */
export async function clientKills(): Promise<readonly Figure[]> {
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-client-kills-"));
  const venues = await startVenues({ rate: 0 });
  const stage: Stage = { stateDir, venues, worker: null, proxy: await startCutProxy(null), consumers: [] };
  try {
    await prepareLocalWorker(stateDir);
    stage.proxy.pointAt((await startWorker(stage)).runtimeUrl);
    stage.consumers = [followInTypescript(stage.proxy.url), followInPython(stage.proxy.url)];
    return [...(await killUnderLoad(stage)), ...(await expireLog(stage))];
  } finally {
    for (const consumer of stage.consumers) await consumer.stop();
    stage.proxy.stop();
    await stage.worker?.stop();
    await venues.stop();
    await rm(stateDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function killUnderLoad(stage: Stage): Promise<readonly Figure[]> {
  const worker = workerOf(stage);
  const clients = clientsOf(stage);
  const stopLoad = startLoad(stage.venues);
  try {
    await newToAll(stage, () => undefined);
    const began = Date.now();
    for (let kill = 1; kill <= KILLS; kill += 1) {
      // Each process delivers to every client before it is killed.
      await newToAll(stage, () => worker.kill());
      console.error(`killed ${kill} times in ${seconds(began)} s`);
    }
    const took = seconds(began);
    stopLoad();
    if (!(await untilDrained(worker.url, PATIENCE_MS))) throw new Error("the stores did not get everything");
    const stored = await rowsSince(worker.url, began);
    const ids = stored.map(({ event_id: id }) => id);
    await until("all that is stored", () => clients.every((client) => ids.every((id) => client.has(id)))).catch(() => undefined);
    return [
      { what: `times that the process was killed, in ${took} s`, measured: String(KILLS), target: "20 in 60" },
      ...(await publishedFigures(stage, stored, began)),
      ...clients.flatMap((client) => clientFigures(client, ids)),
    ];
  } finally {
    stopLoad();
  }
}

/** What became of all that the venues published: what nobody could receive lies in gaps of the venues. */
async function publishedFigures({ venues, worker }: Stage, stored: readonly Row[], began: number): Promise<readonly Figure[]> {
  const gaps: Gap[] = [];
  for await (const gap of apiOf(worker?.url ?? "").gaps({ start: began })) gaps.push(gap);
  const accounts = LIQUIDATING.map((name) => {
    const published = venues[name].ledger().filter(({ published_time: time, event_time }) => time !== null && event_time >= began);
    const own = gaps.filter(({ exchange }) => exchange === name);
    return accountFor(name, published, { d1: stored }, own, { publishedAt: (event) => event.published_time ?? 0, isWithheld: () => false });
  });
  const sum = (count: (account: (typeof accounts)[number]) => number) => String(accounts.reduce((total, one) => total + count(one), 0));
  return [
    { what: "liquidations that the venues published", measured: sum(({ published }) => published), target: "" },
    { what: "of these stored once", measured: sum(({ whole }) => whole), target: "" },
    { what: "of these not stored, inside a gap that is listed", measured: sum(({ inGaps }) => inGaps), target: "the rest" },
    { what: "of these neither", measured: sum(({ lost, ahead, partial }) => lost.length + ahead + partial.length), target: "0" },
    { what: "stored more than once", measured: sum(({ surplus }) => surplus.length), target: "0" },
  ];
}

function clientFigures(received: Received, stored: readonly string[]): readonly Figure[] {
  const { client } = received;
  const seen = stored.filter((id) => received.has(id)).length;
  return [
    { what: `${client}: connections lost`, measured: String(received.count("lost")), target: "" },
    { what: `${client}: stored liquidations seen`, measured: String(seen), target: String(stored.length) },
    { what: `${client}: seen more than once`, measured: String(received.receivedAgain), target: "0" },
    { what: `${client}: stored and not seen`, measured: String(stored.length - seen), target: "0" },
    { what: `${client}: gaps named while the log reaches back`, measured: String(gapCount(received)), target: "0" },
  ];
}

function gapCount(received: Received): number {
  return received.count("gap") + received.count("skipped");
}

/** The clients are away while liquidations come, and are let in once the log has expired. */
async function expireLog(stage: Stage): Promise<readonly Figure[]> {
  const { proxy, stateDir, venues } = stage;
  const before = workerOf(stage);
  const clients = clientsOf(stage);
  const gaps = clients.map(gapCount);
  proxy.pointAt(null);
  proxy.cut();
  const away = Date.now();
  const stopLoad = startLoad(venues);
  await sleep(1_000);
  stopLoad();
  if (!(await untilDrained(before.url, PATIENCE_MS))) throw new Error("the stores did not get everything");
  const missed = (await rowsSince(before.url, away)).map(({ event_id: id }) => id);
  await before.stop();
  await ageStreamLog(stateDir);
  const { runtimeUrl, url } = await startWorker(stage);
  const stopNewLoad = startLoad(venues);
  try {
    await until("the log without what expired", async () => !(await isLogOld(stateDir)), 500);
    await newToAll(stage, () => proxy.pointAt(runtimeUrl));
  } finally {
    stopNewLoad();
  }
  const figures: Figure[] = [
    { what: "liquidations that expired while the clients were away", measured: String(missed.length), target: "" },
  ];
  for (const [index, received] of clients.entries()) {
    const filled = new Set((await rowsOf(url, received.gapRequests.at(-1) ?? "")).map(({ event_id: id }) => id));
    const unfilled = missed.filter((id) => !received.has(id) && !filled.has(id)).length;
    figures.push(
      { what: `${received.client}: gaps named then`, measured: String(gapCount(received) - (gaps[index] ?? 0)), target: "1" },
      { what: `${received.client}: of these neither seen nor returned by the gap's request`, measured: String(unfilled), target: "0" },
    );
  }
  return figures;
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1_000).toFixed(0);
}
