import type { ExchangeName } from "../liquidation.ts";
import type { FlowEvent } from "./flow-onset.ts";

/** A venue's flow begins at most this long before and after that of all venues together, ms. */
const EARLIEST_MS = 8_000;
const LATEST_MS = 10_000;
/**
 * An onset before it is so much less likely beforehand than one after it, and the more the earlier it is: one lone
 * liquidation just before is mostly chance. A factor, and the mean of an exponential, ms.
 */
const EARLY = { share: 1 / 8, meanMs: 1_000 };
/** The opening of a flow has a rate of its own, for flows begin sharply or gently, ms. */
const OPENING_MS = 2_000;
/** Onsets this close together are a tie: a feed of one liquidation a second knows them to about half a second, ms. */
const TIE_MS = 500;
/** What the size of one liquidation may say of which flow it belongs to, as a log-likelihood. */
const MAX_SIZE_GAIN = 2;
/** Half a liquidation and so many seconds are added to those of a venue before the flow: no rate is zero or infinite. */
const HALF = 0.5;
const ADDED_S = 10;
/** A flow is at least this many times as dense as what came before it. */
const MIN_RISE = 2;
/** So many liquidations of the mean size of all stand beside those before the flow, and beside those of the flow. */
const SIZE_PRIOR = 3;
/** A wrong venue is worse than none: it is more likely than not. */
const MIN_PROBABILITY = 0.5;

export interface FirstVenue {
  readonly exchange: ExchangeName;
  /** Probability that the venue's flow began more than half a second before that of any other venue, 0 to 1. */
  readonly probability: number;
}

/** A moment at which a venue's flow may have begun, with its probability. */
interface Onset {
  readonly time: number;
  readonly probability: number;
}

/**
 * The venue whose own flow began first; null where none did with a probability above one half. Each venue is compared with
 * itself: at each of its liquidations about the onset of the whole flow, its past rate may have given way to a higher one
 * and the sizes of before to those of the flow. The likelihood of each of these change points (Raftery & Akman 1986,
 * Biometrika 73), with the rates of the flow integrated out, gives the distribution of the venue's onset, and those of all
 * venues the probability that it is the earliest.
 *
 * @param events of one symbol and side, in order of time
 * @param from start of the stretch that the events are known for, ms
 * @param onset when the whole flow began, ms: `flowOnset`
 */
export function firstVenue(events: readonly FlowEvent[], from: number, onset: number): FirstVenue | null {
  const start = Math.max(from, onset - EARLIEST_MS);
  const end = Math.min(events.at(-1)?.time ?? onset, onset + LATEST_MS);
  const sizeGain = sizeGains(events, start, onset);
  const venues = [...Map.groupBy(events, ({ exchange }) => exchange)].map(([exchange, own]) => ({
    exchange,
    onsets: onsetsOf(own, { from, start, onset, end }, sizeGain),
  }));
  let first: FirstVenue | null = null;
  for (const venue of venues) {
    const others = venues.filter((other) => other !== venue).map(({ onsets }) => laterThan(onsets));
    let probability = 0;
    for (const { time, probability: own } of venue.onsets) {
      if (own > 1e-9) probability += others.reduce((product, later) => product * later(time + TIE_MS), own);
    }
    if (probability > (first?.probability ?? MIN_PROBABILITY)) first = { exchange: venue.exchange, probability: Math.min(1, probability) };
  }
  return first;
}

interface Stretch {
  readonly from: number;
  readonly start: number;
  readonly onset: number;
  readonly end: number;
}

/** The moments at which a venue's flow may have begun; the rest of the probability is that it did not begin within the stretch. */
function onsetsOf(own: readonly FlowEvent[], { from, start, onset, end }: Stretch, sizeGain: (event: FlowEvent) => number): Onset[] {
  const before = (own.filter(({ time }) => time < start).length + HALF) / ((start - from) / 1000 + ADDED_S);
  const inFlow = own.filter(({ time }) => time >= onset).length;
  const lastS = ((own.at(-1)?.time ?? onset) - onset) / 1000;
  const usual = Math.max(MIN_RISE * before, (inFlow + HALF) / (Math.max(lastS, (end - onset) / 1000) + 1));
  const near = own.filter(({ time }) => time >= start && time <= end);
  // All relative to a venue whose flow does not begin.
  const gains: number[] = [];
  let [sizes, opened] = [0, near.length];
  for (let index = near.length - 1; index >= 0; index -= 1) {
    const event = near[index];
    if (event === undefined) break;
    sizes += sizeGain(event);
    const openingEnd = Math.min(end, event.time + OPENING_MS);
    while (opened > index + 1 && (near[opened - 1]?.time ?? 0) > openingEnd) opened -= 1;
    const [openingS, laterS] = [(openingEnd - event.time) / 1000, (end - openingEnd) / 1000];
    const [opening, later] = [opened - index, near.length - opened];
    const flow = likelihood(opening, openingS, usual) + (laterS > 0 ? likelihood(later, laterS, usual) : 0);
    const early = event.time < onset ? (onset - event.time) / EARLY.meanMs - Math.log(EARLY.share) : 0;
    gains[index] = flow + sizes - early - (opening + later) * Math.log(before) + before * (openingS + laterS);
  }
  const most = gains.reduce((largest, gain) => Math.max(largest, gain), 0);
  const whole = gains.reduce((sum, gain) => sum + Math.exp(gain - most), Math.exp(-most));
  return near.map(({ time }, index) => ({ time, probability: Math.exp((gains[index] ?? -Infinity) - most) / whole }));
}

/**
 * Log-likelihood of so many events in so many seconds of a Poisson process, whose rate is spread exponentially about a mean.
 */
function likelihood(events: number, seconds: number, meanRate: number): number {
  return logFactorial(events) - Math.log(meanRate) - (events + 1) * Math.log(1 / meanRate + seconds);
}

/** Stirling's series, to 0.003. */
function logFactorial(n: number): number {
  return n === 0 ? 0 : n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n);
}

/** The probability that a venue's flow began later than a time, or not at all. @param onsets in order of time */
function laterThan(onsets: readonly Onset[]): (time: number) => number {
  const sums: number[] = [];
  let sum = 0;
  for (const { probability } of onsets) sums.push((sum += probability));
  return (time) => {
    let [low, high] = [0, onsets.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((onsets[middle]?.time ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, 1 - (sums[low - 1] ?? 0));
  };
}

/**
 * How much likelier a liquidation's size is in the flow than before it, as a log-likelihood: both are log-normal. 0 where it
 * is unknown.
 */
function sizeGains(events: readonly FlowEvent[], start: number, onset: number): (event: FlowEvent) => number {
  const known = events.filter(({ usd }) => usd > 0);
  const all = spreadOf(known, { mean: 0, variance: 1, weight: 0 });
  const before = spreadOf(
    known.filter(({ time }) => time < start),
    all,
  );
  const flow = spreadOf(
    known.filter(({ time }) => time >= onset),
    all,
  );
  return ({ usd }) => {
    if (usd <= 0) return 0;
    const gain = logDensity(Math.log(usd), flow) - logDensity(Math.log(usd), before);
    return Math.max(-MAX_SIZE_GAIN, Math.min(MAX_SIZE_GAIN, gain));
  };
}

interface Spread {
  readonly mean: number;
  readonly variance: number;
  /** Number of liquidations that it counts as, beside others. */
  readonly weight: number;
}

/** Mean and variance of the logarithms of sizes, drawn towards those of a prior. */
function spreadOf(events: readonly FlowEvent[], prior: Spread): Spread {
  const weight = events.length + prior.weight;
  if (weight === 0) return prior;
  const logs = events.map(({ usd }) => Math.log(usd));
  const mean = logs.reduce((sum, log) => sum + log, prior.weight * prior.mean) / weight;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, prior.weight * prior.variance) / weight;
  return { mean, variance: Math.max(variance, 0.01), weight: SIZE_PRIOR };
}

/** But for a constant. */
function logDensity(value: number, { mean, variance }: Spread): number {
  return -((value - mean) ** 2) / (2 * variance) - Math.log(variance) / 2;
}
