import type { ExchangeName } from "../liquidation.ts";

/** One liquidation of a symbol and side; `usd` is 0 where unknown. Time in ms. */
export interface FlowEvent {
  readonly time: number;
  readonly usd: number;
  readonly exchange: ExchangeName;
}

/** A liquidation counts at most as much as this share of the others: one large one before the flow is not its beginning. */
const CAP_SHARE = 0.75;
/** Half a capped liquidation, spread over the stretch, and half a second on each side: no rate is zero or infinite. */
const HALF = 0.5;
/** The log-likelihood that a change has to gain over one steady rate; with less, the flow began with the stretch. */
const MIN_GAIN = 4;
/** The rate of a rise's beginning on the way from the rate before to the rate since, in logarithms. */
const FOOT_SHARE = 0.95;
const FOOT_PAUSE_MS = 2_000;

/**
 * The index of the event with which the present flow began: the change from one steady rate to a higher one that is the most likely, with each liquidation
 * capped at the third quartile and counted in units of it (the change point of a Poisson process: Raftery & Akman 1986,
 * Biometrika 73), and from there back to the foot of the rise. Null without events.
 *
 * @param events in order of time
 * @param from start of the stretch, ms: it should hold some time of before the flow
 */
export function flowOnset(events: readonly FlowEvent[], from: number): number | null {
  const sorted = events.map(({ usd }) => usd).toSorted((a, b) => a - b);
  const cap = Math.max(1, sorted[Math.floor(CAP_SHARE * (sorted.length - 1))] ?? 1);
  const capped = events.map((event) => ({ ...event, usd: Math.min(cap, event.usd) }));
  const whole = capped.reduce((sum, { usd }) => sum + usd, 0) / cap;
  const last = events.at(-1)?.time ?? from;
  const steady = whole * Math.log(whole / ((last - from) / 1000 + 2 * HALF));
  let [count, best, index] = [0, steady + MIN_GAIN, 0];
  let rates: Rates | null = null;
  for (const [at, { time, usd }] of capped.entries()) {
    const [beforeS, sinceS] = [(time - from) / 1000 + HALF, (last - time) / 1000 + HALF];
    const prior = HALF / (beforeS + sinceS);
    const [before, since] = [count + prior * beforeS, whole - count + prior * sinceS];
    const likelihood = before * Math.log(before / beforeS) + since * Math.log(since / sinceS);
    if (since / sinceS > before / beforeS && likelihood > best) {
      [best, index] = [likelihood, at];
      rates = { before: before / beforeS, since: since / sinceS };
    }
    count += usd / cap;
  }
  if (events.length === 0) return null;
  return rates === null ? index : foot(capped, index, cap, rates);
}

interface Rates {
  readonly before: number;
  readonly since: number;
}

/**
 * Where the rise began that ends at this index: a flow may begin gently. It goes back as far as the events before it are the
 * most likely of a rate between those of before and since (the cumulative sum of Page 1954), and over no longer pause.
 */
function foot(events: readonly FlowEvent[], index: number, cap: number, { before, since }: Rates): number {
  const between = before ** (1 - FOOT_SHARE) * since ** FOOT_SHARE;
  let [sum, best, found] = [0, 0, index];
  for (let at = index - 1; at >= 0; at -= 1) {
    const [event, next] = [events[at], events[at + 1]];
    if (event === undefined || next === undefined || next.time - event.time > FOOT_PAUSE_MS) break;
    sum += (event.usd / cap) * Math.log(between / before) - ((between - before) * (next.time - event.time)) / 1000;
    if (sum > best) [best, found] = [sum, at];
  }
  return found;
}

/** The most USD within any stretch of this length, and the time of the event that completed it. */
export function peakWithin(events: readonly FlowEvent[], lengthMs: number): { readonly usd: number; readonly time: number } {
  let [first, sum] = [0, 0];
  let peak = { usd: 0, time: events[0]?.time ?? 0 };
  for (const { time, usd } of events) {
    sum += usd;
    for (let head = events[first]; head !== undefined && head.time <= time - lengthMs; head = events[first]) {
      sum -= head.usd;
      first += 1;
    }
    if (sum > peak.usd) peak = { usd: sum, time };
  }
  return peak;
}
