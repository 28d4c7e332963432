import type { ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { Burst } from "./burst.ts";
import type { SecondBucket } from "./second-bucket.ts";
import { type SettledSeconds, type SettledWindow, WINDOWS } from "./settled-seconds.ts";
import type { Tail, TailTables } from "./tail-tables.ts";
import { decayOver, NO_EVENTS, Tally, VELOCITY_MS, weightOf } from "./tally.ts";

/** The flow of all venues on one symbol and side up to a moment. */
export interface Flow {
  readonly usd1m: number;
  readonly usd5m: number;
  readonly usd15m: number;
  readonly events1m: number;
  readonly usd90s: number;
  readonly events90s: number;
  /** USD/s. */
  readonly velocity: number;
  /** Number of venues with an event in the last 10 s. */
  readonly exchanges10s: number;
  /** Venue with the largest share of the last 5 min; null where no value is known. */
  readonly dominantExchange: ExchangeName | null;
  /** Time of the first event of the running burst on any venue. */
  readonly burstStart: number;
  /** Time of its first event on the venue that it is seen from; Infinity without one. */
  readonly firstHere: number;
  /** The first event of the running burst on another venue. */
  readonly firstElsewhere: { readonly exchange: ExchangeName; readonly time: number } | null;
}

/** The part of a history that the flow at a moment is made of. */
export interface FlowParts {
  /** The seconds that still fill, newest first, up to that of the moment. */
  readonly recent: readonly SecondBucket[];
  readonly settled: SettledSeconds;
  readonly tails: TailTables;
}

/**
 * The flow at a time, of events received by `received` (both ms), as seen from the venue with index `own`. Velocity: v ←
 * v·e^(−Δ/60 s) + usd/60, that is Σ usd/60 · e^(−age/60 s), an exponentially weighted moving sum at uneven times
 * (Roberts 1959, Technometrics 1); events older than the history weigh less than e^−15.
 */
export function flowAt(time: number, received: number, own: number, { recent, settled, tails }: FlowParts): Flow {
  const now = Math.floor(time);
  const second = Math.floor(time / 1000);
  const near = new Tally();
  const burst = new Burst(now);
  let weighted = settled.weighted;
  for (const bucket of recent) {
    const tally = bucket.tally(-Infinity, now, received);
    if (tally.events === 0) continue;
    near.addAll(tally);
    weighted += tally.weighted * decayOver(second - bucket.second);
    burst.back(tally);
  }
  if (settled.burst !== null) burst.backTo(settled.burst);
  const cut = (window: number): Tail => {
    const bucket = settled.windows[window]?.cut;
    return bucket === undefined ? NO_EVENTS : tails.after(bucket, now - (WINDOWS[window] ?? 0) * 1000, received);
  };
  const usd = (window: number, part: Tail) => near.usd + wholeOf(settled.windows[window]).usd + part.usd;
  const events = (window: number, part: Tail) => near.events + wholeOf(settled.windows[window]).events + part.events;
  const [in10s, in1m, in90s, in5m, in15m] = [cut(0), cut(1), cut(2), cut(3), cut(4)];
  return {
    usd1m: usd(1, in1m),
    usd5m: usd(3, in5m),
    usd15m: usd(4, in15m),
    events1m: events(1, in1m),
    usd90s: usd(2, in90s),
    events90s: events(2, in90s),
    velocity: weighted / weightOf(now - second * 1000) / (VELOCITY_MS / 1000),
    exchanges10s: exchangesIn(near, wholeOf(settled.windows[0]), in10s),
    dominantExchange: EXCHANGES[largest(near, wholeOf(settled.windows[3]), in5m)] ?? null,
    burstStart: burst.start,
    firstHere: burst.firstByExchange[own] ?? Infinity,
    firstElsewhere: firstElsewhere(burst, own),
  };
}

function wholeOf(window: SettledWindow | undefined): Tally {
  return window?.whole ?? NO_EVENTS;
}

/** The earliest event of another venue, at a tie that of the first venue of the list. */
function firstElsewhere({ firstByExchange }: Burst, own: number): Flow["firstElsewhere"] {
  let [found, earliest] = [-1, Infinity];
  for (let exchange = 0; exchange < firstByExchange.length; exchange += 1) {
    const first = firstByExchange[exchange] ?? Infinity;
    if (exchange === own || first >= earliest) continue;
    [found, earliest] = [exchange, first];
  }
  const exchange = EXCHANGES[found];
  return exchange === undefined ? null : { exchange, time: earliest };
}

function exchangesIn(a: Tail, b: Tail, c: Tail): number {
  let count = 0;
  for (let exchange = 0; exchange < EXCHANGES.length; exchange += 1) {
    const has = (part: Tail) => (part.firstByExchange[exchange] ?? Infinity) < Infinity;
    if (has(a) || has(b) || has(c)) count += 1;
  }
  return count;
}

/** Index of the venue with the most USD, the first of equal ones; −1 where there is none. */
function largest(a: Tail, b: Tail, c: Tail): number {
  let [found, most] = [-1, 0];
  for (let exchange = 0; exchange < EXCHANGES.length; exchange += 1) {
    const usd = (a.usdByExchange[exchange] ?? 0) + (b.usdByExchange[exchange] ?? 0) + (c.usdByExchange[exchange] ?? 0);
    if (usd <= most) continue;
    [found, most] = [exchange, usd];
  }
  return found;
}
