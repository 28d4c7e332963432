import { createHash } from "node:crypto";
import { LIQUIDATING_EXCHANGES } from "../simulator/liquidating-exchanges.ts";
import { createRandom, type Random } from "../simulator/random.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { describe, type Fault, type Fate, lengthOf, STORES, type VenueFault } from "./fault.ts";

/** Nothing happens before all feeds have been live for a while. */
const START_MS = 5_000;
/** Mean waits between two faults, s. */
const VENUE_WAIT_S = 10;
const STORE_WAIT_S = 15;
const PROCESS_WAIT_S = 40;
const BURST_WAIT_S = 20;

/** Whether something is sent meanwhile is what counts, so most silences are short; some outlast every timeout. */
const SILENCES_MS = [3_000, 8_000, 20_000, 50_000] as const;
const STATUSES = [503, 502, 429, 418] as const;
const JUMPS_MS = [-600_000, -45_000, -2_000, 2_000, 45_000, 600_000] as const;
const FATES: readonly Fate[] = ["refused", "lost", "slow"];

type Chance = readonly [(random: Random) => VenueFault, weight: number];

const VENUE_FAULTS: readonly Chance[] = [
  [(random) => ({ kind: "drop", code: random.chance(0.5) ? null : 1001 }), 3],
  [() => ({ kind: "half_open" }), 2],
  [(random) => ({ kind: "stall", ms: pick(SILENCES_MS, random) }), 3],
  [(random) => ({ kind: "refuse_upgrades", ms: length(3, 12, random), status: pick(STATUSES, random) }), 2],
  [(random) => ({ kind: "hang_upgrades", ms: length(5, 20, random) }), 2],
  [(random) => ({ kind: "ignore_subscriptions", ms: pick(SILENCES_MS, random) }), 2],
  [(random) => ({ kind: "refuse_subscriptions", ms: length(3, 12, random) }), 2],
  [() => ({ kind: "withdraw_subscriptions" }), 1.5],
  [(random) => ({ kind: "garbage", frames: 5 + random.integer(200) }), 2],
  [(random) => ({ kind: "clock_jump", ms: length(3, 10, random), byMs: pick(JUMPS_MS, random) }), 2],
  [(random) => ({ kind: "twins", copies: 2 + random.integer(4) }), 2],
  [() => ({ kind: "repeat" }), 2],
  [() => ({ kind: "roll_over" }), 2],
];

/** All faults of a campaign in order of time: a pure function of its seed and length. */
export function planFaults(seed: number, minutes: number): readonly Fault[] {
  const endMs = minutes * 60_000;
  const venues = EXCHANGES.flatMap((exchange) => venueFaults(exchange, createRandom(seed, `faults ${exchange}`), endMs));
  const random = (name: string) => createRandom(seed, name);
  return [
    ...venues,
    ...storeFaults(random("stores"), endMs),
    ...processFaults(random("process"), endMs),
    ...bursts(random("bursts"), endMs),
  ]
    .filter((fault) => fault.at + lengthOf(fault) <= endMs)
    .toSorted((a, b) => a.at - b.at);
}

/** Tells two plans apart in a line of print. */
export function planDigest(faults: readonly Fault[]): string {
  return createHash("sha256")
    .update(faults.map((fault) => `${fault.at} ${describe(fault)}`).join("\n"))
    .digest("hex")
    .slice(0, 12);
}

/** One after another: the next one waits until the last one is over. */
function sequence<Item extends Fault>(endMs: number, waitS: number, random: Random, make: (at: number) => Item): readonly Item[] {
  const faults: Item[] = [];
  for (let at = nextAt(START_MS, waitS, random); at < endMs;) {
    const fault = make(at);
    faults.push(fault);
    at = nextAt(at + lengthOf(fault), waitS, random);
  }
  return faults;
}

function nextAt(after: number, waitS: number, random: Random): number {
  return Math.round(after + 1_000 * random.exponential(1 / waitS));
}

function venueFaults(exchange: ExchangeName, random: Random, endMs: number): readonly Fault[] {
  const fits = ({ kind }: VenueFault) => {
    if (kind === "roll_over") return exchange === "bybit";
    return LIQUIDATING_EXCHANGES.includes(exchange) || !/subscriptions|twins|repeat/u.test(kind);
  };
  return sequence(endMs, VENUE_WAIT_S, random, (at) => ({ at, exchange, venue: random.weighted(VENUE_FAULTS)(random) })).filter(
    ({ venue }) => fits(venue),
  );
}

function storeFaults(random: Random, endMs: number): readonly Fault[] {
  return sequence(endMs, STORE_WAIT_S, random, (at) => ({
    at,
    store: pick(STORES, random),
    fate: pick(FATES, random),
    ms: length(3, 15, random),
  }));
}

function processFaults(random: Random, endMs: number): readonly Fault[] {
  return sequence(endMs, PROCESS_WAIT_S, random, (at) =>
    random.chance(0.5) ? { at, process: "kill", ms: length(0, 5, random) } : { at, process: "freeze", ms: length(2, 25, random) },
  );
}

function bursts(random: Random, endMs: number): readonly Fault[] {
  return sequence(endMs, BURST_WAIT_S, random, (at) => ({
    at,
    exchange: pick(LIQUIDATING_EXCHANGES, random),
    venue: { kind: "burst", ms: length(1, 5, random), perSecond: 100 + random.integer(901) },
  }));
}

function length(fromS: number, toS: number, random: Random): number {
  return Math.round(1_000 * (fromS + (toS - fromS) * random.uniform()));
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return random.weighted(items.map((item) => [item, 1] as const));
}
