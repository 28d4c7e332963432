import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { LiquidationsClient, type StreamItem } from "../../clients/typescript/src/index.ts";
import { startCutProxy } from "../../scripts/demo/cut-proxy.ts";
import { readFeeds } from "../../scripts/demo/read-feeds.ts";
import type { LocalWorker } from "../../scripts/local-worker.ts";
import { type Venues, environment, startVenues } from "../../scripts/simulator/start-venues.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";
import { parseConfig } from "../../src/config.ts";

/** The live stream of the built Worker, to real clients, while venues send liquidations. */

const LIQUIDATING = ["bybit", "okx", "bitfinex"] as const;
let stateDir: string;
let venues: Venues;
let worker: LocalWorker;
let sending: ReturnType<typeof setInterval>;

const start = () => startBuiltWorker(stateDir, { ...environment(venues), LIQUIDATION_BATCH_INTERVAL_SECONDS: "1" });

/** @param everyMs seldom enough for the rate limit, where the Worker is asked */
async function until(what: string, holds: () => Promise<boolean> | boolean, everyMs = 100): Promise<void> {
  for (const deadline = Date.now() + 90_000; !(await holds()); await sleep(everyMs)) {
    if (Date.now() > deadline) throw new Error(`not within 90 s: ${what}`);
  }
}

const VENUES = parseConfig({}).LIQUIDATION_EXCHANGES.length;

const live = async () => {
  await worker.tick(new Date());
  await until("all feeds live", async () => (await readFeeds(worker.url)).filter(({ state }) => state === "live").length === VENUES, 1_000);
};

beforeAll(async () => {
  stateDir = await newState();
  venues = await startVenues({ rate: 0 });
  worker = await start();
  await live();
  let n = 0;
  sending = setInterval(() => {
    for (const name of LIQUIDATING) {
      n += 1;
      venues[name].liquidate({ symbol: "BTC", side: n % 2 === 0 ? "long" : "short", usd: 10_000 + n });
    }
  }, 100);
});

afterAll(async () => {
  clearInterval(sending);
  await worker.stop();
  await venues.stop();
  await rm(stateDir, { recursive: true, force: true });
});

/** A client that keeps what it received, and comes back with its last id each time it is cut. */
class Client {
  readonly ids: string[] = [];
  readonly types = new Map<string, number>();
  cuts = 0;
  #last: string | null = null;
  #socket: WebSocket | null = null;

  connect(): void {
    const resume = this.#last === null ? "" : `&last_event_id=${this.#last}`;
    const socket = new WebSocket(`${worker.url.replace("http", "ws")}/v1/stream?channels=liquidation${resume}`);
    this.#socket = socket;
    socket.on("message", (data) => {
      // What comes after the cut is not read.
      if (this.#socket !== socket) return;
      const frame = JSON.parse(String(data)) as { type: string; id?: string; n?: number; data?: { event_id: string } };
      this.types.set(frame.type, (this.types.get(frame.type) ?? 0) + 1);
      if (frame.type === "beat") socket.send(JSON.stringify({ op: "ack", n: frame.n }));
      if (frame.type === "answer" || frame.type === "error" || frame.id === undefined) return;
      this.#last = frame.id;
      if (frame.data !== undefined) this.ids.push(frame.data.event_id);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#socket === socket) this.#again();
    });
  }

  cut(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.terminate();
    this.cuts += 1;
    this.connect();
  }

  end(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.terminate();
  }

  #again(): void {
    this.#socket = null;
    setTimeout(() => this.connect(), 250);
  }
}

/** Ids of the liquidations since a time, ms, that the Worker has stored. */
async function collected(sinceMs: number): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor = "";
  for (;;) {
    const response = await fetch(`${worker.url}/v1/liquidations?start=${sinceMs}&limit=1000&order=asc${cursor}`);
    if (response.status === 429) {
      // Asked too often by all tests of this address; what is stored does not run away.
      await sleep(1_000 * Number(response.headers.get("Retry-After") ?? 5));
      continue;
    }
    const { data, meta } = (await response.json()) as { data: { event_id: string }[]; meta: { next_cursor: string | null } };
    ids.push(...data.map(({ event_id: id }) => id));
    if (meta.next_cursor === null) return ids;
    cursor = `&cursor=${meta.next_cursor}`;
  }
}

interface Received {
  readonly type: string;
  readonly id: string;
  readonly n?: number;
  readonly from_id?: string;
  readonly to_id?: string;
}

/** A client that takes in so many bytes a second, acknowledges a beat when it has it, and does not read ahead. */
class Reader {
  bytesPerSecond: number;
  readonly socket: WebSocket;
  readonly frames: Received[] = [];
  readonly #unread: Buffer[] = [];
  #isReading = false;

  /** @param after the id after which it begins, where not with what comes next */
  constructor(bytesPerSecond: number, after?: string) {
    this.bytesPerSecond = bytesPerSecond;
    const from = after === undefined ? "" : `&last_event_id=${after}`;
    this.socket = new WebSocket(`${worker.url.replace("http", "ws")}/v1/stream?channels=liquidation${from}`);
    this.socket.on("message", (data: Buffer) => {
      this.#unread.push(data);
      this.socket.pause();
      void this.read();
    });
    this.socket.on("error", () => undefined);
  }

  async read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    for (let data = this.#unread.shift(); data !== undefined; data = this.#unread.shift()) {
      if (this.bytesPerSecond < Infinity) await sleep((data.length / this.bytesPerSecond) * 1_000);
      const frame = JSON.parse(String(data)) as Received;
      this.frames.push(frame);
      if (frame.type === "beat") this.socket.send(JSON.stringify({ op: "ack", n: frame.n }));
    }
    this.#isReading = false;
    this.socket.resume();
  }

  of(type: string): readonly Received[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  get places(): readonly number[] {
    return this.of("liquidation").map(({ id }) => placeOf(id));
  }
}

const placeOf = (id = "") => Number(id.split("-")[1]);

test.each([1000, 4321, undefined])("a client that closes with %s is answered with it at once", async (code) => {
  const socket = new WebSocket(`${worker.url.replace("http", "ws")}/v1/stream?channels=liquidation`);
  await once(socket, "message");
  socket.close(code);
  // The client itself gives up after 30 s, with 1006.
  expect(await once(socket, "close")).toEqual([code ?? 1000, expect.anything()]);
});

test("clients that read nothing or 1 kB/s are skipped by name, and one that reads loses nothing of a burst", async () => {
  const [reader, slow, never] = [
    new Reader(Infinity),
    new Reader(Infinity),
    new WebSocket(`${worker.url.replace("http", "ws")}/v1/stream`),
  ];
  never.on("open", () => never.pause());
  await until("acknowledged beats", () => slow.of("beat").length > 0 && reader.of("beat").length > 0);
  slow.bytesPerSecond = 1_000;
  const from = placeOf(reader.of("liquidation").at(-1)?.id);
  for (let n = 0; n < 900; n += 1) {
    venues[LIQUIDATING[n % 3] ?? "okx"].liquidate({ symbol: "ETH", side: "long", usd: 20_000 + n });
    if (n % 20 === 0) await sleep(20);
  }
  await until("the burst", () => placeOf(reader.of("liquidation").at(-1)?.id) > from + 900);
  // Longer than the time in which what was held back is sent.
  await sleep(6_000);
  slow.bytesPerSecond = Infinity;
  await until("the name of what was skipped", () => slow.of("skipped").length > 0);
  const named = slow.of("skipped").map(({ from_id, to_id }) => [placeOf(from_id), placeOf(to_id)] as const);
  await until("what follows", () => (slow.places.at(-1) ?? 0) > (named[0]?.[1] ?? 0));

  expect(reader.of("skipped")).toEqual([]);
  const places = reader.places.slice();
  // A cascade that began meanwhile has a place among them too, so the log itself says which there are.
  const again = new Reader(Infinity, reader.of("liquidation")[0]?.id);
  await until("the log once more", () => (again.places.at(-1) ?? 0) >= (places.at(-1) ?? 0));
  expect(places.slice(1)).toEqual(again.places.slice(0, places.length - 1));
  expect(places.filter((place) => place > from).length).toBeGreaterThanOrEqual(900);
  const has = new Set(slow.places);
  const missing = places.filter((place) => place > from && place <= (slow.places.at(-1) ?? 0) && !has.has(place));
  expect(missing.length).toBeGreaterThan(100);
  expect(missing.filter((place) => !named.some(([first, last]) => first <= place && place <= last))).toEqual([]);
  for (const socket of [reader.socket, slow.socket, again.socket, never]) socket.terminate();
});

test("server-sent events come through a proxy that passes on no less than 2 kB at once", async () => {
  const end = new AbortController();
  const { signal } = end;
  const proxy = createServer(async (_request, response) => {
    const { body, headers } = await fetch(`${worker.url}/v1/stream?channels=liquidation`, { signal });
    response.writeHead(200, { "Content-Type": headers.get("Content-Type") ?? "" });
    let held = Buffer.alloc(0);
    const pass = async () => {
      for await (const part of body ?? []) {
        held = Buffer.concat([held, part]);
        if (held.length < 2_048) continue;
        response.write(held);
        held = Buffer.alloc(0);
      }
    };
    // It is ended by its client.
    await pass().catch(() => undefined);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal });
  let text = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.split("event: liquidation\n").length > 3) break;
  }
  expect(text).toMatch(/^retry: 3000\n/);
  expect(text).toContain("event: hello\n");
  end.abort();
  proxy.closeAllConnections();
  proxy.close();
});

test("clients that are cut 20 times under load, and over a restart of the Worker, end with each id once", async () => {
  const client = new Client();
  const proxy = await startCutProxy(worker.url);
  const end = new AbortController();
  const items: StreamItem[] = [];
  const following = (async () => {
    const stream = new LiquidationsClient({ url: proxy.url }).stream({ channels: ["liquidation"], signal: end.signal });
    for await (const item of stream) items.push(item);
  })();
  const followed = () => items.flatMap((item) => (item.type === "liquidation" ? [item.data.event_id] : []));
  client.connect();
  await until("their first frames", () => client.ids.length > 5 && followed().length > 5);
  // What happens from now on is logged from now on, whichever venue is late.
  const began = Date.now();
  while (client.cuts < 20) {
    await sleep(150);
    client.cut();
    proxy.cut();
  }
  await worker.stop();
  worker = await start();
  proxy.pointAt(worker.url);
  await live();
  await until("frames after the restart", () => client.ids.length > 200 && followed().length > 200);
  clearInterval(sending);
  await until(
    "all that is stored has come",
    async () => {
      const stored = await collected(began);
      const [cut, followedIds] = [new Set(client.ids), new Set(followed())];
      return stored.length > 100 && stored.every((id) => cut.has(id) && followedIds.has(id));
    },
    1_000,
  );
  client.end();
  end.abort();
  await following;
  proxy.stop();
  for (const ids of [client.ids, followed()]) expect(ids.length).toBe(new Set(ids).size);
  for (const type of ["gap", "skipped"] as const) {
    expect(client.types.get(type) ?? 0).toBe(0);
    expect(items.filter((item) => item.type === type)).toEqual([]);
  }
  expect(items.filter(({ type }) => type === "lost").length).toBeGreaterThan(5);
});
