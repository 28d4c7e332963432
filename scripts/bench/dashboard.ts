import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { extname, join, normalize, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { CDPSession, Page } from "playwright-core";
import { type WebSocket, WebSocketServer } from "ws";
import { openBrowser } from "../browser.ts";
import { table } from "../table.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

const PUBLIC = resolve(import.meta.dirname, "../../dashboard/public");
const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const EVENTS_PER_SECOND = 50;
const BURST_MS = 100;
const MINUTES = 10;
const BEAT_MS = 10_000;

/**
 * The built dashboard in Chromium while 50 liquidations a second come for ten minutes: its heap after a collection, the frames
 * it draws, and the longest pause between two. The stream is a server of its own, so that the Worker's speed is no part of it.
 */
export async function benchDashboard(print: (line: string) => void): Promise<void> {
  await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, "../build-assets.ts")]);
  const server = await serve();
  const stream = startStream(server);
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?step=1s`);
  await page.waitForSelector(".tape-row");
  const devtools = await page.context().newCDPSession(page);
  const rows: string[][] = [];
  for (let minute = 0; minute <= MINUTES; minute += 1) {
    if (minute > 0) await sleep(60_000);
    const { fps, longestMs } = await frames(page);
    rows.push([String(minute), (await heapMb(devtools)).toFixed(1), fps.toFixed(0), longestMs.toFixed(0), loadavg()[0]?.toFixed(1) ?? ""]);
  }
  print(`${EVENTS_PER_SECOND} liquidations a second; frames of five seconds each minute`);
  print(table(["minute", "heap, MB", "frames a second", "longest pause, ms", "load of the machine"], rows));
  stream.stop();
  await browser.close();
  server.close();
}

/** The heap that a collection leaves. */
async function heapMb(devtools: CDPSession): Promise<number> {
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
}

/** Counts the frames of five seconds. */
function frames(page: Page): Promise<{ readonly fps: number; readonly longestMs: number }> {
  return page.evaluate(
    () =>
      new Promise((done) => {
        const started = performance.now();
        let [count, last, longestMs] = [0, started, 0];
        const next = (time: number) => {
          longestMs = Math.max(longestMs, time - last);
          last = time;
          count += 1;
          if (time - started < 5_000) requestAnimationFrame(next);
          else done({ fps: (1_000 * count) / (time - started), longestMs });
        };
        requestAnimationFrame(next);
      }),
  );
}

const SIDE = { usd: 1_000_000, events: 100, events_without_usd: 0, percentile: 0.5, change_pct: 12 };

/** What the API has: windows, and nothing of before. */
function answerTo({ pathname, searchParams }: URL): object {
  const meta = { gaps: [], coverage: {}, next_cursor: null };
  if (pathname === "/v1/status") return { data: { exchanges: [], parts_off: [] }, meta };
  if (pathname !== "/v1/stats") return { data: [], meta };
  const window = searchParams.get("window");
  const comparison = { exchanges: ["binance"] };
  return { data: { window, as_of_time: Date.now(), uptime_share: 1, comparison, sides: { long: SIDE, short: SIDE } }, meta };
}

/** The built files, and an API. */
async function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://bench");
    const path = url.pathname;
    if (path.startsWith("/v1/")) {
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answerTo(url)));
      return;
    }
    const file = join(PUBLIC, normalize(path === "/" ? "/index.html" : path));
    void readFile(file).then(
      (content) => response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "text/html" }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

function startStream(server: Server): { stop(): void } {
  const sockets = new WebSocketServer({ server });
  const clients = new Set<WebSocket>();
  const samples = sampleLiquidations(1_000);
  let [sequence, beats] = [0, 0];
  const send = (frame: object) => {
    for (const client of clients) client.send(JSON.stringify(frame));
  };
  sockets.on("connection", (socket) => {
    const hello = { filter: {}, resumed: "none", replay: false, venues: [], instruments: null, notices: [], beat_ms: BEAT_MS };
    socket.send(JSON.stringify({ type: "hello", id: "bench1-0", time: Date.now(), ...hello }));
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
  });
  const burst = setInterval(() => {
    for (let count = 0; count < (EVENTS_PER_SECOND * BURST_MS) / 1_000; count += 1) {
      sequence += 1;
      const time = Date.now();
      const data = { ...samples[sequence % samples.length], event_id: `bench:${sequence}`, event_time: time, received_time: time };
      send({ type: "liquidation", id: `bench1-${sequence}`, data });
    }
  }, BURST_MS);
  const beat = setInterval(() => {
    beats += 1;
    send({ type: "beat", id: `bench1-${sequence}`, time: Date.now(), through: Date.now(), gaps: [], n: beats });
  }, BEAT_MS);
  return {
    stop() {
      clearInterval(burst);
      clearInterval(beat);
      sockets.close();
    },
  };
}
