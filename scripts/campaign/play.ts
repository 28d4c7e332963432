import type { ExchangeName } from "../../src/liquidation.ts";
import { mutated } from "../fuzz/mutate.ts";
import { originalMarketFrame } from "../fuzz/original-frames.ts";
import { createRandom, type Random } from "../simulator/random.ts";
import type { Venues } from "../simulator/start-venues.ts";
import type { Venue } from "../simulator/venue.ts";
import type { Fault, VenueFault } from "./fault.ts";
import { lengthOf } from "./fault.ts";
import type { StoreFates } from "./store-fates.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface Targets {
  readonly venues: Venues;
  readonly worker: WorkerProcess;
  readonly stores: StoreFates;
  /** Of the orders of bursts and of garbage. */
  readonly seed: number;
}

/** A fault as it happened, in real times, ms. */
export interface PlayedFault {
  readonly fault: Fault;
  readonly from: number;
  /** Null while it lasts. */
  to: number | null;
}

const BURST_STEP_MS = 50;
const SYMBOLS = ["BTC", "ETH", "SOL"] as const;

/** Plays the faults at their times. @param show called with each fault as it begins */
export async function playFaults(
  faults: readonly Fault[],
  targets: Targets,
  show: (fault: Fault) => void,
): Promise<readonly PlayedFault[]> {
  const started = Date.now();
  const played: PlayedFault[] = [];
  const running: Promise<void>[] = [];
  // One thing at a time happens to the process: a start may take longer than the plan has room for.
  let processFaults = Promise.resolve();
  for (const fault of faults) {
    await sleep(started + fault.at - Date.now());
    const act = async () => {
      const entry: PlayedFault = { fault, from: Date.now(), to: null };
      played.push(entry);
      show(fault);
      await playOne(fault, targets);
      entry.to = Date.now();
    };
    if ("process" in fault) processFaults = processFaults.then(act);
    else running.push(act());
  }
  await Promise.all([...running, processFaults]);
  return played;
}

async function playOne(fault: Fault, { venues, worker, stores, seed }: Targets): Promise<void> {
  if ("venue" in fault) return playVenue(venues[fault.exchange], fault.venue, createRandom(seed, `${fault.exchange} ${fault.at}`));
  if ("store" in fault) {
    await stores.set(fault.store, fault.fate);
    await sleep(lengthOf(fault));
    return stores.set(fault.store, null);
  }
  if (fault.process === "freeze") {
    worker.freeze();
    await sleep(fault.ms);
    worker.thaw();
    return;
  }
  await worker.kill();
  await sleep(fault.ms);
  await worker.start();
}

async function playVenue(venue: Venue, fault: VenueFault, random: Random): Promise<void> {
  switch (fault.kind) {
    case "drop":
      return venue.dropAll(fault.code ?? undefined);
    case "half_open":
      return venue.halfOpen();
    case "stall":
      return during(fault.ms, (on) => venue.stall(on));
    case "refuse_upgrades":
      return during(fault.ms, (on) => {
        venue.refuse(on ? fault.status : null, { headers: { "Retry-After": "3" } });
        if (on) venue.dropAll();
      });
    case "hang_upgrades":
      return during(fault.ms, (on) => {
        venue.hang(on);
        if (on) venue.dropAll();
      });
    case "ignore_subscriptions":
    case "refuse_subscriptions":
      return during(fault.ms, (on) => {
        venue.serveLiquidations(on ? (fault.kind === "ignore_subscriptions" ? "ignored" : "refused") : "served");
        if (on) venue.dropAll();
      });
    case "withdraw_subscriptions":
      return venue.withdrawLiquidations(NOTICING.has(venue.name));
    case "garbage":
      for (let frame = 0; frame < fault.frames; frame += 1) venue.send(garbage(venue.name, frame, random));
      return;
    case "clock_jump":
      return during(fault.ms, (on) => venue.skew(on ? fault.byMs : 0));
    case "twins":
      return venue.liquidate({ ...order(random), copies: fault.copies });
    case "repeat":
      return venue.replayNow();
    case "burst":
      return burst(venue, fault.ms, fault.perSecond, random);
    case "roll_over":
      return breakBook(venue);
  }
}

/** The venues of which a subscription that is withdrawn without a word is noticed; the others say it. */
const NOTICING: ReadonlySet<ExchangeName> = new Set(["bitfinex", "binance", "aster", "lighter", "deribit"]);

/** Market data only: a mutated liquidation might be a real one. */
function garbage(exchange: ExchangeName, index: number, random: Random): string {
  const { frame, receivedTime } = originalMarketFrame(exchange, index, random);
  return mutated(frame, frame, receivedTime, random);
}

/** A book that breaks, and whose contract gets no new topics for a moment: only a new session mends it. */
async function breakBook(venue: Venue): Promise<void> {
  venue.unlist(["BTCUSDT"]);
  venue.send(BROKEN_BOOK);
  await sleep(UNLISTED_MS);
  venue.unlist([]);
}

const UNLISTED_MS = 3_000;

const BROKEN_BOOK = JSON.stringify({
  topic: "orderbook.1000.BTCUSDT",
  type: "delta",
  ts: 0,
  data: { s: "BTCUSDT", b: [["1", "1"]], a: [], u: Number.MAX_SAFE_INTEGER, seq: 1 },
});

async function burst(venue: Venue, ms: number, perSecond: number, random: Random): Promise<void> {
  const started = Date.now();
  for (let done = 0, elapsed = 0; elapsed < ms; elapsed = Date.now() - started) {
    const due = Math.floor((perSecond * Math.min(elapsed, ms)) / 1_000);
    for (; done < due; done += 1) venue.liquidate(order(random));
    await sleep(BURST_STEP_MS);
  }
}

function order(random: Random) {
  const symbol = SYMBOLS[random.integer(SYMBOLS.length)] ?? "BTC";
  return { symbol, side: random.chance(0.5) ? "long" : "short", usd: 1_000 + random.integer(100_000) } as const;
}

async function during(ms: number, set: (on: boolean) => void): Promise<void> {
  set(true);
  await sleep(ms);
  set(false);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
