import { type HawkesParameters, hawkesLikelihood } from "./likelihood.ts";
import { type Profile, profileLikelihood } from "./profile-likelihood.ts";
import { dot, inversePositive, times as product } from "./symmetric-inverse.ts";

const MIN_EVENTS = 200;
/** Fitting this many events takes some tens of milliseconds. Of a busier day only the newest events are fitted. */
export const MAX_FITTED_EVENTS = 20_000;
/**
 * The range of decays, per second: memories from five minutes to 10 ms. A slower decay is indistinguishable from a base
 * rate that drifts over the day (Filimonov & Sornette 2015, Quant. Finance 15), and a faster one is below the
 * resolution of the venues' clocks.
 */
const [SLOWEST_DECAY, FASTEST_DECAY] = [1 / 300, 100];
/** Steps of the coarse search, in log decay. */
const LOOK_STEP = Math.log(2);
const DECAY_TOLERANCE = 1e-4;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/**
 * The 95 % quantile of χ² with two degrees of freedom: twice the log-likelihood that two more parameters gain by
 * chance.
 */
const CHANCE_GAIN = 5.99;

export interface HawkesFit extends HawkesParameters {
  /**
   * jump / decay: the mean number of events that one event triggers directly; 1 is the limit beyond which a cascade
   * never ends. If it is within two standard errors of 0, `decay` is meaningless.
   */
  readonly branchingRatio: number;
  /**
   * Standard error from the observed information; the decay is held fixed where no excitation beyond chance was found.
   */
  readonly standardError: number;
  /** Number of fitted events: at most the newest 20,000. */
  readonly events: number;
}

/**
 * Maximum likelihood fit of an exponential Hawkes process to the events of one symbol and side (branching ratio as a
 * measure of self-excitation: Filimonov & Sornette 2012, Phys. Rev. E 85). The best decay is searched over the whole
 * range and then by golden section (Kiefer 1953), each with its best branching ratio and base. Events of the same
 * moment do not excite each other, because their order is unknown. Many such events bias the branching ratio downwards,
 * never upwards.
 *
 * @param eventTimes ms, in any order
 * @param from start of the observed time, ms
 * @param to end of the observed time, ms
 * @returns null with fewer than 200 events, or where the events do excite each other but the decay does not settle
 *   within its range; 0 or little more where events cluster only by chance
 */
export function fitHawkes(eventTimes: readonly number[], from: number, to: number): HawkesFit | null {
  const sorted = eventTimes.filter((time) => time > from && time <= to).toSorted((a, b) => a - b);
  if (sorted.length < MIN_EVENTS) return null;
  const start = sorted.at(-MAX_FITTED_EVENTS - 1) ?? from;
  const times = Float64Array.from(sorted.slice(-MAX_FITTED_EVENTS), (time) => (time - start) / 1000);
  const end = (to - start) / 1000;
  const { decay, branchingRatio, value } = bestDecay(times, end);
  const gain = 2 * (value - times.length * (Math.log(times.length / end) - 1));
  const isExcited = gain > CHANCE_GAIN;
  if (isExcited && !(decay > SLOWEST_DECAY * 1.01 && decay < FASTEST_DECAY / 1.01)) return null;
  const expectedChildren = branchingRatio * times.reduce((sum, time) => sum + 1 - Math.exp(-decay * (end - time)), 0);
  const best = { base: (times.length - expectedChildren) / end, jump: branchingRatio * decay, decay };
  const standardError = ratioError(times, end, best, isExcited);
  return standardError === null ? null : { ...best, branchingRatio, standardError, events: times.length };
}

function bestDecay(times: Float64Array, end: number): Profile & { readonly decay: number } {
  const gains = new Float64Array(times.length);
  const at = (log: number) => ({ log, ...profileLikelihood(times, end, Math.exp(log), gains) });
  const [slowest, fastest] = [Math.log(SLOWEST_DECAY), Math.log(FASTEST_DECAY)];
  let best = at(slowest);
  for (let log = slowest + LOOK_STEP; log < fastest; log += LOOK_STEP) {
    const looked = at(log);
    if (looked.value > best.value) best = looked;
  }
  let [low, high] = [Math.max(slowest, best.log - LOOK_STEP), Math.min(fastest, best.log + LOOK_STEP)];
  let [left, right] = [at(high - GOLDEN * (high - low)), at(low + GOLDEN * (high - low))];
  while (high - low > DECAY_TOLERANCE) {
    if (left.value >= right.value) [high, right, left] = [right.log, left, at(right.log - GOLDEN * (right.log - low))];
    else [low, left, right] = [left.log, right, at(left.log + GOLDEN * (high - left.log))];
  }
  const { log, ...profile } = left.value >= right.value ? left : right;
  return { ...profile, decay: Math.exp(log) };
}

/** Delta method on jump / decay, with the inverse of the observed information as covariance. */
function ratioError(times: Float64Array, end: number, best: HawkesParameters, isDecayFree: boolean): number | null {
  const { jump, decay } = best;
  const [xx, xy, xz, yy, yz, zz] = hawkesLikelihood(times, end, best).hessian;
  // A decay that is held fixed has no slope and no covariance with the others.
  const information = isDecayFree ? ([-xx, -xy, -xz, -yy, -yz, -zz] as const) : ([-xx, -xy, 0, -yy, 0, 1] as const);
  const covariance = inversePositive(information);
  if (covariance === null) return null;
  const slope = [0, 1 / decay, isDecayFree ? -jump / (decay * decay) : 0] as const;
  return Math.sqrt(dot(slope, product(covariance, slope)));
}
