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
/** Venues are compared over this time from the onset, ms: their feeds resolve no less. */
const FIRST_MS = 1_000;

export interface FlowOnset {
  /** The index of the first event of the flow. */
  readonly index: number;
  /** The venue with the most USD in the first second of the flow. */
  readonly firstExchange: ExchangeName;
}

/**
 * Where the present flow began: the change from one steady rate to a higher one that is the most likely, with each liquidation
 * capped at the third quartile and counted in units of it (the change point of a Poisson process: Raftery & Akman 1986,
 * Biometrika 73). Null without events.
 *
 * @param events in order of time
 * @param from start of the stretch, ms: it should hold some time of before the flow
 */
export function flowOnset(events: readonly FlowEvent[], from: number): FlowOnset | null {
  const sorted = events.map(({ usd }) => usd).toSorted((a, b) => a - b);
  const cap = Math.max(1, sorted[Math.floor(CAP_SHARE * (sorted.length - 1))] ?? 1);
  const capped = events.map((event) => ({ ...event, usd: Math.min(cap, event.usd) }));
  const whole = capped.reduce((sum, { usd }) => sum + usd, 0) / cap;
  const last = events.at(-1)?.time ?? from;
  const steady = whole * Math.log(whole / ((last - from) / 1000 + 2 * HALF));
  let [count, best, index] = [0, steady + MIN_GAIN, 0];
  for (const [at, { time, usd }] of capped.entries()) {
    const [beforeS, sinceS] = [(time - from) / 1000 + HALF, (last - time) / 1000 + HALF];
    const prior = HALF / (beforeS + sinceS);
    const [before, since] = [count + prior * beforeS, whole - count + prior * sinceS];
    const likelihood = before * Math.log(before / beforeS) + since * Math.log(since / sinceS);
    if (since / sinceS > before / beforeS && likelihood > best) [best, index] = [likelihood, at];
    count += usd / cap;
  }
  const first = capped[index];
  if (first === undefined) return null;
  const opening = capped.filter(({ time }, at) => at >= index && time < first.time + FIRST_MS);
  return { index, firstExchange: largestOf(opening) ?? first.exchange };
}

function largestOf(events: readonly FlowEvent[]): ExchangeName | null {
  const sums = new Map<ExchangeName, number>();
  for (const { exchange, usd } of events) sums.set(exchange, (sums.get(exchange) ?? 0) + usd);
  let largest: ExchangeName | null = null;
  for (const [exchange, usd] of sums) if (largest === null || usd > (sums.get(largest) ?? 0)) largest = exchange;
  return largest;
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
