import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os, { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { newAdminToken } from "../admin-token.ts";
import { untilLive } from "../demo/read-feeds.ts";
import { type LocalWorker, startLocalWorker } from "../local-worker.ts";
import { type Venues, environment, startVenues } from "../simulator/start-venues.ts";
import { table } from "../table.ts";
import { workerdSeconds } from "./workerd-seconds.ts";

const PHASE_MS = 15_000;
/** Of the clients only as many read what they get: the others would measure this process. */
const READERS = 50;
/** Beginning of a liquidation's frame, up to the byte that no other frame has there. */
const LIQUIDATION = '{"type":"l';
/** Connections that are opened at once. */
const AT_ONCE = 50;
const VENUES = ["bybit", "okx", "bitfinex"] as const;
const SYMBOLS = ["BTC", "ETH", "SOL"] as const;
const FILTERS = 50;
const STORM = 2_000;
/** What 500 clients should get at 50 liquidations a second, ms. */
const MAX_P99_MS = 250;

interface Phase {
  readonly title: string;
  readonly clients: number;
  readonly perSecond: number;
  readonly filters: number;
}

const PHASES: readonly Phase[] = [
  { title: "1 client", clients: 1, perSecond: 50, filters: 1 },
  { title: "1 client", clients: 1, perSecond: 5, filters: 1 },
  { title: "500 clients", clients: 500, perSecond: 50, filters: 1 },
  { title: `500 clients, ${FILTERS} filters`, clients: 500, perSecond: 50, filters: FILTERS },
  { title: "5,000 clients", clients: 5_000, perSecond: 5, filters: 1 },
];

/**
 * One relay of the live stream in the built Worker: from the receipt of a liquidation to its arrival at clients, and the
 * processor time of a frame, beside a server of `ws` in Node that sends as many of the same bytes; then many clients that
 * come back at once.
 */
export async function benchStream(print: (line: string) => void): Promise<void> {
  const before = os.loadavg();
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-stream-"));
  const venues = await startVenues({ seed: 7, rate: 0 });
  const token = newAdminToken();
  const worker = await startLocalWorker({
    stateDir,
    entrypoint: fileURLToPath(new URL("stream-worker.ts", import.meta.url)),
    variables: { ...environment(venues), ADMIN_TOKEN: token, STREAM_MAX_CLIENTS: "6000" },
  });
  const peer = fork(fileURLToPath(new URL("ws-broadcast.ts", import.meta.url)));
  const listening = answer<{ readonly port: number }>(peer, null);
  try {
    await worker.tick(new Date());
    await untilLive(worker.url);
    const rows: string[][] = [];
    let sample = "";
    /** Processor time of one client and of the feeds, s, by liquidations a second. */
    const alone = new Map<number, number>();
    for (const phase of PHASES) {
      const clients = await connectAll(phase.clients, (n) => streamUrl(worker, phase, n), token);
      const [cpu, result] = await measure(clients, workerdSeconds, () => liquidate(venues, phase.perSecond));
      sample = clients[0]?.sample ?? sample;
      if (phase.clients === 1) alone.set(phase.perSecond, cpu);
      const ofClients = phase.clients === 1 ? null : cpu - (alone.get(phase.perSecond) ?? 0);
      rows.push(rowOf("this stream", phase, result, ofClients));
      const [first, others] = [clients.slice(0, STORM), clients.slice(STORM)];
      await closeAll(phase === PHASES.at(-1) ? others : clients);
      if (phase === PHASES.at(-1)) print(await storm(first, worker, token, venues));
    }
    const { port } = await listening;
    for (const phase of PHASES.filter(({ filters }) => filters === 1)) {
      const clients = await connectAll(phase.clients, () => `ws://127.0.0.1:${port}/`, null);
      const cpuOfPeer = async () => (await answer<{ readonly cpuSeconds: number }>(peer, "cpu")).cpuSeconds;
      const [cpu, result] = await measure(clients, cpuOfPeer, () => broadcast(peer, sample, phase.perSecond));
      rows.push(rowOf("ws in Node", phase, result, cpu));
      await closeAll(clients);
    }
    print(`load of the machine: ${load(before)} before, ${load(os.loadavg())} after; clients and simulated venues share its processors`);
    print(table(["server", "", "liquidations/s", "frames received", "p50 ms", "p99 ms", "CPU µs a frame"], rows));
    print("The time is from the receipt of a liquidation by the feed to its arrival at a client; of ws, from the call that sends it.");
    print(`The aim with 500 clients, with and without filters, is a p99 of at most ${MAX_P99_MS} ms.`);
    print("The processor time is that of workerd, less what 1 client and the feeds take; the frames of ws are as long.");
  } finally {
    peer.kill();
    await worker.stop();
    await venues.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** The number of processes that ran or waited, on average over the last minute. */
const load = ([minute = 0]: readonly number[]) => minute.toFixed(1);

function streamUrl({ runtimeUrl }: LocalWorker, { filters }: Phase, n: number): string {
  // Each of these lets every liquidation of the benchmark through, so that all clients get the same.
  const filter = filters === 1 ? "" : `&min_usd=${n % filters}`;
  return `${runtimeUrl.replace("http", "ws")}/v1/stream?channels=liquidation${filter}`;
}

/** Runs the events of a phase. @returns the processor time, s, and what the clients got */
async function measure(clients: readonly Client[], cpuSeconds: () => Promise<number>, send: () => () => void) {
  for (const client of clients) client.reset();
  const before = await cpuSeconds();
  const stop = send();
  await sleep(PHASE_MS);
  stop();
  await sleep(1_000);
  const cpu = (await cpuSeconds()) - before;
  const latencies = clients.flatMap(({ latencies: own }) => own).toSorted((a, b) => a - b);
  return [cpu, { latencies, frames: clients.reduce((sum, { frames }) => sum + frames, 0) }] as const;
}

interface Result {
  readonly latencies: readonly number[];
  readonly frames: number;
}

function rowOf(server: string, { title, clients, perSecond }: Phase, { latencies, frames }: Result, cpu: number | null): string[] {
  const quantile = (share: number) => latencies[Math.floor(share * (latencies.length - 1))];
  const at = (share: number) => String(quantile(share) ?? "none");
  const isMissed = clients === 500 && !((quantile(0.99) ?? Infinity) <= MAX_P99_MS);
  return [
    server,
    title,
    String(perSecond),
    frames.toLocaleString("en"),
    at(0.5),
    `${at(0.99)}${isMissed ? " (missed)" : ""}`,
    cpu === null ? "" : ((Math.max(0, cpu) * 1e6) / frames).toFixed(1),
  ];
}

/** Liquidations on three venues at an even pace. @returns what ends it */
function liquidate(venues: Venues, perSecond: number): () => void {
  let n = 0;
  return every(1_000 / perSecond, () => {
    n += 1;
    const [name, symbol] = [VENUES[n % VENUES.length] ?? "bybit", SYMBOLS[n % SYMBOLS.length] ?? "BTC"];
    venues[name].liquidate({ symbol, side: n % 2 === 0 ? "long" : "short", usd: 10_000 + n });
  });
}

function broadcast(peer: ChildProcess, sample: string, perSecond: number): () => void {
  return every(1_000 / perSecond, () => {
    peer.send(sample.replace(/"received_time":\d+/, `"received_time":${Date.now()}`));
  });
}

function every(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
}

/** Cuts clients all at once and has them come back with their last id. */
async function storm(clients: readonly Client[], worker: LocalWorker, token: string, venues: Venues): Promise<string> {
  for (const client of clients) client.cut();
  const stop = liquidate(venues, 5);
  await sleep(1_000);
  const started = Date.now();
  const base = `${worker.runtimeUrl.replace("http", "ws")}/v1/stream?channels=liquidation&last_event_id=`;
  const again = await connectAll(clients.length, (n) => base + (clients[n]?.lastId ?? ""), token, STORM);
  await Promise.all(again.map((client) => client.greeted));
  const seconds = (Date.now() - started) / 1_000;
  stop();
  const complete = again.filter(({ resumed }) => resumed === "complete").length;
  await closeAll(again);
  return `${clients.length} clients cut at once came back within ${seconds.toFixed(1)} s, ${complete} of them complete`;
}

class Client {
  readonly socket: WebSocket;
  readonly greeted: Promise<void>;
  latencies: number[] = [];
  frames = 0;
  /** The last frame, any of which has an id, except answers. */
  #last: Buffer = Buffer.alloc(0);
  resumed = "";
  sample = "";

  constructor(url: string, token: string | null, reads: boolean) {
    this.socket = new WebSocket(url, { headers: token === null ? {} : { Authorization: `Bearer ${token}` }, perMessageDeflate: false });
    const greeting = Promise.withResolvers<void>();
    this.greeted = greeting.promise;
    this.socket.on("error", (error) => greeting.reject(error));
    this.socket.on("message", (data: Buffer) => {
      if (!reads && isLiquidation(data)) {
        this.frames += 1;
        this.#last = data;
        return;
      }
      const text = data.toString("latin1");
      if (text.startsWith('{"type":"hello"')) {
        this.resumed = /"resumed":"(\w+)"/.exec(text)?.[1] ?? "";
        greeting.resolve();
      }
      this.#last = data;
      if (text.startsWith('{"type":"beat"')) this.socket.send(JSON.stringify({ op: "ack", n: (JSON.parse(text) as { n: number }).n }));
      if (!isLiquidation(data)) return;
      this.frames += 1;
      this.sample = text;
      this.latencies.push(Date.now() - Number(/"received_time":(\d+)/.exec(text)?.[1]));
    });
  }

  get lastId(): string {
    const [, id = ""] = /^\{"type":"\w+","id":"([^"]+)"/.exec(this.#last.toString("latin1")) ?? [];
    return id;
  }

  reset(): void {
    this.latencies = [];
    this.frames = 0;
  }

  cut(): void {
    this.socket.removeAllListeners("close");
    this.socket.terminate();
  }
}

/** By one byte, since reading every frame of every client would measure this process. */
function isLiquidation(data: Buffer): boolean {
  return data[LIQUIDATION.length - 1] === LIQUIDATION.charCodeAt(LIQUIDATION.length - 1);
}

async function connectAll(count: number, url: (n: number) => string, token: string | null, atOnce = AT_ONCE): Promise<readonly Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - clients.length) }, (_, index) => {
      const n = clients.length + index;
      return new Client(url(n), token, n % Math.max(1, Math.floor(count / READERS)) === 0);
    });
    clients.push(...some);
    await Promise.all(some.map(({ socket }) => once(socket, "open")));
  }
  return clients;
}

async function closeAll(clients: readonly Client[]): Promise<void> {
  for (const client of clients) client.cut();
  await sleep(500);
}

/** The next message of the peer, after one is sent to it. */
async function answer<Message>(peer: ChildProcess, text: string | null): Promise<Message> {
  const message = once(peer, "message");
  if (text !== null) peer.send(text);
  return (await message)[0] as Message;
}
