import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, startVenues } from "../simulator/start-venues.ts";
import { readFeeds, untilDrained } from "../demo/read-feeds.ts";
import { isWhole, reconcile } from "../demo/reconcile.ts";
import { rowsInD1, rowsInR2 } from "../demo/stored-rows.ts";
import { openStorage, startLocalWorker } from "../local-worker.ts";
import { startHeapMeter } from "./heap-meter.ts";

const RATE = 1_000;
const SECONDS = 60;
/** Binance shows one a second and symbol, so nearly all come from the others: 1,000/s on the wire. */
const SHARES = { binance: 0.005, bybit: 0.5, okx: 0.35, bitfinex: 0.145 };

/** 1,000 liquidations/s over the venues through the built Worker for a minute: what is lost, how long the rest takes, the heap. */
export async function benchThroughput(print: (line: string) => void): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-bench-"));
  const venues = await startVenues({ seed: 7, rate: RATE, shares: SHARES });
  const worker = await startLocalWorker({ stateDir, variables: environment(venues), inspect: true });
  const meter = worker.inspectorUrl === null ? null : await startHeapMeter(worker.inspectorUrl);
  await worker.tick(new Date());
  const started = Date.now();
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  venues.quiet();
  const quietAt = Date.now();
  const drained = await untilDrained(worker.url, 180_000);
  const drainSeconds = (Date.now() - quietAt) / 1_000;
  const feeds = await readFeeds(worker.url);
  meter?.stop();
  await worker.stop();
  const symbols = new Set(["BTC", "ETH", "SOL"]);
  const sent = venues.all().flatMap((venue) => venue.sent().filter(({ symbol }) => symbols.has(symbol)));
  const storage = await openStorage(stateDir);
  const results = [reconcile("r2", sent, await rowsInR2(storage)), reconcile("d1", sent, await rowsInD1(storage))];
  await storage.dispose();
  await venues.stop();
  await rm(stateDir, { recursive: true, force: true });
  const rate = (sent.length / ((quietAt - started) / 1_000)).toFixed(0);
  print(
    `${sent.length} liquidations on the wire in ${SECONDS} s (${rate}/s), ${feeds.reduce((sum, feed) => sum + feed.gaps_total, 0)} gaps`,
  );
  for (const result of results) {
    print(
      `${result.store}: ${result.stored} rows, ${result.missing.length} missing, ${result.surplus.length} surplus: ${isWhole(result) ? "whole" : "NOT whole"}`,
    );
  }
  print(`backlog ${drained ? "drained" : "NOT drained"} ${drainSeconds.toFixed(1)} s after the last liquidation (goal: 30 s)`);
  print(
    `peak heap of all objects together: ${meter === null ? "not measured" : `${(meter.peak() / 2 ** 20).toFixed(0)} MiB`} (goal: under 100 MB)`,
  );
}
