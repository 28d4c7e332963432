import { type Evidence, afterMinute, isSuspect, noEvidence } from "./silence-evidence.ts";
import {
  type Effects,
  type MarketMinute,
  SILENCE_CLASSES,
  type SilenceModel,
  averageActivity,
  hazardFactor,
  nextActivity,
  ownRatio,
  silenceClass,
} from "./silence-model.ts";

/** A minute to learn from. */
export interface FittedMinute {
  /** Null where it is not known what the venue delivered. */
  readonly count: number | null;
  /** Null where a minute without liquidations would be no evidence. */
  readonly market: MarketMinute | null;
}

/** Six days of known minutes, since a week has quiet days, and enough of them with liquidations, or nothing is said of a venue. */
export const MIN_FITTED_MINUTES = 6 * 1_440;
export const MIN_EVENTFUL_MINUTES = 60;

export type SilenceFit =
  | { readonly kind: "fitted"; readonly model: SilenceModel; readonly minutes: number }
  | { readonly kind: "withheld"; readonly reason: string };

/** Values that the effects may have. */
const GRID = {
  elasticity: [0, 0.2, 0.4, 0.6, 0.8, 1],
  lateElasticity: [0, 0.1, 0.2, 0.35, 0.5, 0.7],
  ownEffect: [0, 0.25, 0.5, 0.75, 1],
  moveEffect: [0, 0.05, 0.1, 0.2, 0.3],
} as const;
const MAX_SWEEPS = 4;
/** Even the best fit is no true model: a minute never counts in full, which keeps false alarms near what the evidence promises. */
const WEIGHTS = [0.85, 0.7, 0.6, 0.5, 0.4, 0.3];
/** A right model reaches evidence of so many times the number of minutes in one of so many fits. */
const SURPRISE = 5;
/** A class begins with the hazard of the one before, lowered, as if so many minutes had shown it. */
const PRIOR_MINUTES = 20;
const PRIOR_FALL = 0.8;
/** So many minutes of silences teach how a silence ends; with fewer, all minutes do. */
const MIN_SILENT_MINUTES = 600;

/** A known minute, as the likelihood needs it. */
interface Observation extends MarketMinute {
  readonly ownRatio: number;
  readonly silence: number;
  readonly isNone: boolean;
}

/**
 * Fits how long a venue is silent beside the others. The model is then played over the same minutes: where its evidence grows
 * further than it may while the venue delivers, each minute counts for less, and where even that does not help, nothing is said of
 * the venue.
 */
export function fitSilence(minutes: readonly FittedMinute[]): SilenceFit {
  const known = minutes.filter(({ count }) => count !== null).length;
  const judged = minutes.filter(({ count, market }) => count !== null && market !== null);
  const eventful = judged.filter(({ count }) => count !== null && count > 0).length;
  if (known < MIN_FITTED_MINUTES) return withheld(`${known} minutes are known, of the ${MIN_FITTED_MINUTES} that a fit needs`);
  if (eventful < MIN_EVENTFUL_MINUTES) {
    return withheld(`${eventful} of ${judged.length} minutes had liquidations, of the ${MIN_EVENTFUL_MINUTES} that a fit needs`);
  }
  const rate = judged.reduce((sum, { count }) => sum + (count ?? 0), 0) / judged.length;
  const model = weighed({ rate, ...climbed(observations(minutes, rate)), weight: 1 }, minutes);
  if (model === null) return withheld("its silences last longer than the other venues explain, also while it delivers");
  return { kind: "fitted", model, minutes: judged.length };
}

function withheld(reason: string): SilenceFit {
  return { kind: "withheld", reason };
}

function observations(minutes: readonly FittedMinute[], rate: number): readonly Observation[] {
  const found: Observation[] = [];
  let own = averageActivity(rate);
  let silentMinutes = 0;
  for (const { count, market } of minutes) {
    if (count === null || market === null) {
      // A liquidation ends a silence, whatever is known of the market.
      if (count !== null && count > 0) silentMinutes = 0;
      continue;
    }
    found.push({ ...market, ownRatio: ownRatio(own), silence: silenceClass(silentMinutes), isNone: count === 0 });
    own = nextActivity(own, rate, market, count);
    silentMinutes = count === 0 ? silentMinutes + 1 : 0;
  }
  return found;
}

/** Improves one effect after the other until none changes. */
function climbed(all: readonly Observation[]): Effects & Pick<SilenceModel, "hazards"> {
  const silent = all.filter(({ silence }) => silence > 0);
  const judged = silent.length >= MIN_SILENT_MINUTES ? (silence: number) => silence > 0 : () => true;
  let best: Effects = { elasticity: 0.6, lateElasticity: 0.2, ownEffect: 0.5, moveEffect: 0 };
  let fit = fitHazards(best, all, judged);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep += 1) {
    const before = best;
    for (const name of ["elasticity", "lateElasticity", "ownEffect", "moveEffect"] as const) {
      for (const value of GRID[name]) {
        if (value === best[name]) continue;
        const next = { ...best, [name]: value };
        const reached = fitHazards(next, all, judged);
        if (reached.logLikelihood > fit.logLikelihood) [best, fit] = [next, reached];
      }
    }
    if (best === before) break;
  }
  return { ...best, hazards: fit.hazards };
}

/** The most likely hazard of each class, given the effects; they do not rise with the length of a silence. */
function fitHazards(effects: Effects, all: readonly Observation[], isJudged: (silence: number) => boolean) {
  const none: number[][] = SILENCE_CLASSES.map(() => []);
  const some: number[][] = SILENCE_CLASSES.map(() => []);
  for (const one of all) (one.isNone ? none : some)[one.silence]?.push(hazardFactor(effects, one, one.ownRatio));
  const hazards: number[] = [];
  let logLikelihood = 0;
  for (const index of SILENCE_CLASSES.keys()) {
    const [silent, eventful] = [none[index] ?? [], some[index] ?? []];
    const before = hazards[index - 1];
    const hazard = Math.min(before ?? Infinity, mostLikely(silent, eventful, before === undefined ? null : before * PRIOR_FALL));
    hazards.push(hazard);
    if (!isJudged(index)) continue;
    for (const factor of silent) logLikelihood -= hazard * factor;
    for (const factor of eventful) logLikelihood += Math.log(-Math.expm1(-Math.max(1e-9, hazard * factor)));
  }
  return { hazards, logLikelihood };
}

/** By bisection: the slope of the likelihood falls with the hazard. */
function mostLikely(silent: readonly number[], eventful: readonly number[], prior: number | null): number {
  const exposure = silent.reduce((sum, factor) => sum + factor, 0);
  const slope = (hazard: number) => {
    let sum = -exposure;
    for (const factor of eventful) sum += factor / Math.expm1(hazard * factor);
    // Minutes at an average activity, of which the prior says how many are silent.
    if (prior !== null) sum += PRIOR_MINUTES * (-Math.exp(-prior) - Math.expm1(-prior) / Math.expm1(hazard));
    return sum;
  };
  let [low, high] = [1e-6, 50];
  for (let step = 0; step < 30; step += 1) {
    const middle = Math.sqrt(low * high);
    if (slope(middle) > 0) low = middle;
    else high = middle;
  }
  return low;
}

function weighed(model: SilenceModel, minutes: readonly FittedMinute[]): SilenceModel | null {
  const most = Math.log(SURPRISE * minutes.length);
  return WEIGHTS.map((weight) => ({ ...model, weight })).find((one) => highestEvidence(one, minutes) <= most) ?? null;
}

function highestEvidence(model: SilenceModel, minutes: readonly FittedMinute[]): number {
  let evidence: Evidence = noEvidence(model);
  let highest = -Infinity;
  for (const { count, market } of minutes) {
    evidence = afterMinute(evidence, model, market, count);
    highest = Math.max(highest, evidence.logEvidence ?? -Infinity);
    if (isSuspect(evidence)) return highest;
  }
  return highest;
}
