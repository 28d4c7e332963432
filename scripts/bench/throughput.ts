import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, startVenues } from "../simulator/start-venues.ts";
import type { Gap } from "../../src/gap.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { untilLive, untilRead } from "../demo/read-feeds.ts";
import { accountFor, type Stores, type VenueAccount } from "../demo/reconcile-gaps.ts";
import { rowsInD1, rowsInR2 } from "../demo/stored-rows.ts";
import { openStorage, startLocalWorker } from "../local-worker.ts";
import type { Venue } from "../simulator/venue.ts";
import { table } from "../table.ts";
import { startHeapMeter } from "./heap-meter.ts";

const RATE = 1_000;
const SECONDS = 60;
/** Binance shows one a second and symbol, so nearly all come from three others: 1,000/s on the wire. Nobody is liquidated elsewhere. */
const SHARES = { ...Object.fromEntries(EXCHANGES.map((name) => [name, 0])), binance: 0.005, bybit: 0.5, okx: 0.35, bitfinex: 0.145 };

/** 1,000 liquidations/s over the venues through the built Worker for a minute: what is lost, how long the rest takes, the heap. */
export async function benchThroughput(print: (line: string) => void): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-bench-"));
  const venues = await startVenues({ seed: 7, rate: RATE, shares: SHARES });
  // What happens before the first connection is nobody's loss.
  venues.quiet();
  const worker = await startLocalWorker({ stateDir, variables: environment(venues), inspect: true });
  const meter = worker.inspectorUrl === null ? null : await startHeapMeter(worker.inspectorUrl);
  await worker.tick(new Date());
  await untilLive(worker.url);
  venues.quiet(false);
  const started = Date.now();
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  venues.quiet();
  const quietAt = Date.now();
  const drained = await untilRead(worker.url, 180_000);
  const drainSeconds = (Date.now() - quietAt) / 1_000;
  meter?.stop();
  await worker.stop();
  const storage = await openStorage(stateDir);
  const stores = { r2: await rowsInR2(storage), d1: await rowsInD1(storage) };
  const { results: gaps } = await storage.env.DB.prepare("SELECT * FROM gaps").all<Gap>();
  await storage.dispose();
  await venues.stop();
  await rm(stateDir, { recursive: true, force: true });
  const accounts = venues.all().map((venue) => accountOf(venue, stores, gaps));
  const sum = (count: (account: VenueAccount) => number) => accounts.reduce((total, account) => total + count(account), 0);
  const published = sum((account) => account.published);
  print(`${published} liquidations published in ${SECONDS} s (${(published / ((quietAt - started) / 1_000)).toFixed(0)}/s)`);
  print(
    table(
      ["venue", "published", "in R2 and D1", "in gaps", "missing", "in one store", "surplus", "gaps", "gap s"],
      accounts.map((account) => row(account, gaps)),
    ),
  );
  if (gaps.some(({ reason }) => reason !== "not_started"))
    print(
      "Gaps are where a venue cut a client that read too slowly, or the client gave up a connection that looked silent: recorded, not missing.",
    );
  const isWhole = sum(({ lost, partial, surplus }) => lost.length + partial.length + surplus.length) === 0;
  const unsent = accounts.flatMap(({ lost }) => lost).filter(({ sent_time: time }) => time === null).length;
  if (unsent > 0) print(`${unsent} of those missing were sent to nobody`);
  print(isWhole ? "whole: every liquidation is in both stores once, or inside a recorded gap" : "NOT whole");
  print(`backlog ${drained ? "drained" : "NOT drained"} ${drainSeconds.toFixed(1)} s after the last liquidation (goal: 30 s)`);
  print(
    `peak heap of all objects together: ${meter === null ? "not measured" : `${(meter.peak() / 2 ** 20).toFixed(0)} MiB`} (goal: under 100 MB)`,
  );
}

const SYMBOLS: ReadonlySet<string> = new Set(["BTC", "ETH", "SOL"]);

/** COIN-M contracts come only to those who take all of Binance's liquidations. */
function accountOf(venue: Venue, stores: Stores, gaps: readonly Gap[]): VenueAccount {
  const published = venue
    .ledger()
    .filter(({ symbol, instrument, published_time: time }) => time !== null && SYMBOLS.has(symbol) && !instrument.endsWith("_PERP"));
  const own = gaps.filter(({ exchange }) => exchange === venue.name);
  const publishedAt = ({ published_time: time, event_time }: (typeof published)[number]) => time ?? event_time;
  return accountFor(venue.name, published, stores, own, { publishedAt, isWithheld: () => false });
}

function row({ exchange, published, whole, inGaps, lost, partial, surplus }: VenueAccount, gaps: readonly Gap[]): readonly string[] {
  const own = gaps.filter((gap) => gap.exchange === exchange && gap.reason !== "not_started");
  const ms = own.reduce((sum, { from_time: from, to_time: to }) => sum + (to ?? Date.now()) - from, 0);
  return [
    exchange,
    ...[published, whole, inGaps, lost.length, partial.length, surplus.length, own.length].map(String),
    (ms / 1_000).toFixed(0),
  ];
}
