import { type HawkesParameters, hawkesLikelihood, type LikelihoodAt, type Symmetric3, type Vector3 } from "./likelihood.ts";
import { dot, inversePositive, times as product } from "./symmetric-inverse.ts";

const LEAST_EVENTS = 200;
/** A pass over this many takes a few ms and a fit some tens of passes; a burst's day is fitted on its newest part. */
const MOST_EVENTS = 20_000;
const MOST_STEPS = 200;
/** Decays to start from, per second: from a memory of a quarter of an hour to one of a tenth of a second. */
const STARTING_DECAYS = [0.001, 0.004, 0.016, 0.06, 0.25, 1, 4, 16];
const LONGEST_LOG_STEP = 1.5;

export interface HawkesFit extends HawkesParameters {
  /** jump / decay: the mean number of events that one sets off at once; 1 is the edge of an endless cascade. */
  readonly branchingRatio: number;
  /** From the observed information; null where the likelihood has no curvature there (no self-excitation at all). */
  readonly standardError: number | null;
  readonly events: number;
}

/**
 * Maximum likelihood fit of an exponential Hawkes process to one symbol's and side's events (branching ratio as a
 * measure of self-excitation: Filimonov & Sornette 2012, Phys. Rev. E 85). Damped Newton steps (Marquardt 1963) in the
 * logarithms of the parameters, which keeps them positive.
 *
 * @param eventTimes ms, in any order
 * @param from start of the stretch in which events could be heard, ms
 * @param to its end, ms
 * @returns null under 200 events or where the fit does not settle
 */
export function fitHawkes(eventTimes: readonly number[], from: number, to: number): HawkesFit | null {
  const sorted = eventTimes.filter((time) => time > from && time <= to).toSorted((a, b) => a - b);
  if (sorted.length < LEAST_EVENTS) return null;
  const newest = sorted.slice(-MOST_EVENTS);
  const start = newest.length < sorted.length ? (newest[0] ?? from) : from;
  const times = Float64Array.from(newest, (time) => (time - start) / 1000);
  const end = (to - start) / 1000;
  const best = climb(times, end, bestStart(times, end));
  if (best === null) return null;
  const branchingRatio = best.jump / best.decay;
  return { ...best, branchingRatio, standardError: ratioError(times, end, best), events: times.length };
}

function bestStart(times: Float64Array, end: number): HawkesParameters {
  const starts = STARTING_DECAYS.map((decay): HawkesParameters => ({ base: times.length / end / 2, jump: decay / 2, decay }));
  const values = starts.map((start) => hawkesLikelihood(times, end, start).value);
  return starts[values.indexOf(Math.max(...values))] ?? { base: times.length / end / 2, jump: 0.5, decay: 1 };
}

function climb(times: Float64Array, end: number, start: HawkesParameters): HawkesParameters | null {
  let here = start;
  let at = hawkesLikelihood(times, end, here);
  let damping = 1e-3;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const slope = logGradient(here, at);
    const move = newtonMove(slope, logHessian(here, at), damping);
    const next = move === null ? null : moved(here, move);
    const nextAt = next === null ? null : hawkesLikelihood(times, end, next);
    if (next === null || nextAt === null || move === null || !(nextAt.value >= at.value)) {
      // No step, however short, leads up: this is the top as far as numbers of 53 bits can tell.
      if (damping > 1e12) return isFlat(slope, times.length) ? here : null;
      damping *= 8;
      continue;
    }
    here = next;
    at = nextAt;
    damping = Math.max(damping / 8, 1e-9);
    if (Math.max(...move.map(Math.abs)) < 1e-9) return here;
    // Without self-excitation the jump falls for ever: it is as good as zero there.
    if (here.jump / here.decay < 1e-6) return here;
  }
  return isFlat(logGradient(here, at), times.length) ? here : null;
}

function isFlat(slope: Vector3, events: number): boolean {
  return Math.max(...slope.map(Math.abs)) < 1e-4 * Math.sqrt(events);
}

function newtonMove(slope: Vector3, [xx, xy, xz, yy, yz, zz]: Symmetric3, damping: number): Vector3 | null {
  const scale = damping * (1 + Math.abs(xx) + Math.abs(yy) + Math.abs(zz));
  const inverse = inversePositive([scale - xx, -xy, -xz, scale - yy, -yz, scale - zz]);
  if (inverse === null) return null;
  const move = product(inverse, slope);
  const shrink = Math.min(1, LONGEST_LOG_STEP / Math.max(...move.map(Math.abs)));
  return [move[0] * shrink, move[1] * shrink, move[2] * shrink];
}

function moved({ base, jump, decay }: HawkesParameters, [x, y, z]: Vector3): HawkesParameters {
  return { base: base * Math.exp(x), jump: jump * Math.exp(y), decay: decay * Math.exp(z) };
}

/** By the chain rule: ∂/∂log θ = θ ∂/∂θ. */
function logGradient({ base, jump, decay }: HawkesParameters, { gradient: [x, y, z] }: LikelihoodAt): Vector3 {
  return [base * x, jump * y, decay * z];
}

function logHessian(here: HawkesParameters, at: LikelihoodAt): Symmetric3 {
  const { base, jump, decay } = here;
  const [x, y, z] = logGradient(here, at);
  const [xx, xy, xz, yy, yz, zz] = at.hessian;
  return [base * base * xx + x, base * jump * xy, base * decay * xz, jump * jump * yy + y, jump * decay * yz, decay * decay * zz + z];
}

/** Delta method on jump / decay with the inverse of the observed information as covariance. */
function ratioError(times: Float64Array, end: number, here: HawkesParameters): number | null {
  const [xx, xy, xz, yy, yz, zz] = hawkesLikelihood(times, end, here).hessian;
  const covariance = inversePositive([-xx, -xy, -xz, -yy, -yz, -zz]);
  if (covariance === null) return null;
  const slope: Vector3 = [0, 1 / here.decay, -here.jump / (here.decay * here.decay)];
  return Math.sqrt(dot(slope, product(covariance, slope)));
}
