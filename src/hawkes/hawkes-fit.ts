import type { TimeRange } from "../windows/range-parts.ts";
import { cutIntoPieces } from "./base-pieces.ts";
import { type Profile, ProfileLikelihood } from "./profile-likelihood.ts";

const MIN_EVENTS = 200;
/** Fitting this many events takes up to some hundred milliseconds. Of a busier day only the newest events are fitted. */
export const MAX_FITTED_EVENTS = 10_000;
/** Length of a piece with a base rate of its own, s. */
const PIECE_S = 900;
/**
 * The range of decays, per second: memories from a minute to 10 ms. A slower decay is hard to distinguish from a base rate
 * that drifts (Filimonov & Sornette 2015, Quant. Finance 15), and a faster one is below the resolution of the venues' clocks.
 */
const [SLOWEST_DECAY, FASTEST_DECAY] = [1 / 60, 100];
/** The decay of a ratio that shows no clustering beyond chance: every decay would be as good. */
const USUAL_DECAY = 1 / 15;
/** Steps of the coarse search, in log decay. */
const LOOK_STEP = Math.log(2);
const DECAY_TOLERANCE = 1e-3;
/** Step of differences in log decay. */
const SLOPE_STEP = 0.02;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/**
 * The 95 % quantile of χ² with two degrees of freedom: twice the log-likelihood that two more parameters gain by
 * chance.
 */
const CHANCE_GAIN = 5.99;

export interface HawkesFit {
  /**
   * The mean number of events that one event triggers directly; 1 is the limit beyond which a cascade never ends. Within two
   * standard errors of 0 it shows no clustering.
   */
  readonly branchingRatio: number;
  readonly standardError: number;
  /** Per second: 1 / the mean time to a triggered event. */
  readonly decay: number;
  /** Number of fitted events: at most the newest 10,000. */
  readonly events: number;
}

/**
 * Maximum likelihood fit of an exponential Hawkes process to the events of one symbol and side (branching ratio as a
 * measure of self-excitation: Filimonov & Sornette 2012, Phys. Rev. E 85), with a base rate that is free in each 15 minutes.
 * The best decay is searched over the whole range and then by golden section (Kiefer 1953). Events of the same moment do not
 * excite each other, because their order is unknown. Many such events bias the branching ratio downwards, never upwards.
 *
 * Free base rates take a part of the clustering for their own, the more the shorter their pieces: what the ratio loses from
 * pieces of 15 minutes to halves of them it lost before too, and is added again (the jackknife of Dhaene & Jochmans 2015, Rev.
 * Econ. Stud. 82). The standard error is that of the halves, by the observed information, and the correction's own size.
 *
 * @param eventTimes ms, in any order, of venues that report every liquidation: thinned ones show less clustering
 * @param observed ms
 * @param gaps times within it that were not covered, ms
 * @returns null with fewer than 200 events, or where the events do cluster but the decay does not settle within its range;
 *   0 or little more where events cluster only by chance
 */
export function fitHawkes(eventTimes: readonly number[], observed: TimeRange, gaps: readonly TimeRange[] = []): HawkesFit | null {
  const sorted = eventTimes.filter((time) => time > observed.start && time <= observed.end).toSorted((a, b) => a - b);
  const start = sorted.at(-MAX_FITTED_EVENTS - 1) ?? observed.start;
  const cut = (length: number) => cutIntoPieces(sorted.slice(-MAX_FITTED_EVENTS), { start, end: observed.end }, gaps, length);
  const pieces = cut(PIECE_S);
  const events = pieces.times.length;
  if (events < MIN_EVENTS) return null;
  const likelihood = new ProfileLikelihood(pieces);
  const { decay, ...best } = bestDecay(likelihood);
  if (2 * (best.value - likelihood.at(decay, 0).value) <= CHANCE_GAIN) return withoutClusters(likelihood, events);
  if (!(decay > SLOWEST_DECAY * 1.01 && decay < FASTEST_DECAY / 1.01)) return null;
  const halves = new ProfileLikelihood(cut(PIECE_S / 2));
  const inHalves = halves.best(decay);
  const information = informationOf(halves, decay, inHalves);
  if (!(information > 0)) return null;
  const correction = best.branchingRatio - inHalves.branchingRatio;
  const standardError = Math.sqrt(1 / information + correction ** 2);
  return { branchingRatio: Math.max(0, best.branchingRatio + correction), standardError, decay, events };
}

function withoutClusters(likelihood: ProfileLikelihood, events: number): HawkesFit | null {
  const { branchingRatio, curvature } = likelihood.best(USUAL_DECAY);
  return curvature > 0 ? { branchingRatio, standardError: 1 / Math.sqrt(curvature), decay: USUAL_DECAY, events } : null;
}

function bestDecay(likelihood: ProfileLikelihood): Profile & { readonly decay: number } {
  const at = (log: number) => ({ log, ...likelihood.best(Math.exp(log)) });
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

/** The information on the ratio where the decay is estimated too: differences give the second derivatives in it. */
function informationOf(likelihood: ProfileLikelihood, decay: number, { branchingRatio, value, curvature }: Profile): number {
  const [slower, faster] = [-SLOPE_STEP, SLOPE_STEP].map((step) => likelihood.at(decay * Math.exp(step), branchingRatio));
  if (slower === undefined || faster === undefined) return curvature;
  const cross = (faster.slope - slower.slope) / (2 * SLOPE_STEP);
  const own = -(faster.value - 2 * value + slower.value) / SLOPE_STEP ** 2;
  return own > 0 ? curvature - cross ** 2 / own : Number.NaN;
}
