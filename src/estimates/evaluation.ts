import { type Calibration, type LabelledMinute, calibrated, isTestable, stretches } from "./calibration.ts";
import type { EstimateStatus } from "./estimate.ts";
import { LEVEL_NAMES } from "./side-minutes.ts";

/** How estimates compare with the truth of a complete tape throttled in software. */
export interface Evaluation {
  readonly minutes: number;
  /** Sums over all minutes: what the throttle shows, and what is estimated from it, over the truth. */
  readonly reported_to_true: number;
  readonly calibrated_to_true: number;
  readonly reported_events_to_true: number;
  readonly calibrated_events_to_true: number;
  readonly levels: readonly LevelEvaluation[];
  /** Sums of the minutes of a contract and side, with the sums of their bounds. */
  readonly hours: SumEvaluation;
  readonly days: SumEvaluation;
}

export interface SumEvaluation {
  readonly count: number;
  /** Share of the sums whose truth lies between the sums of the bounds. */
  readonly coverage: number;
}

export interface LevelEvaluation {
  readonly level: string;
  readonly minutes: number;
  readonly reported_to_true: number;
  readonly calibrated_to_true: number;
  /** Share of the minutes whose truth lies in the interval. */
  readonly coverage: number;
  /** The allowed coverage, given the number of minutes. */
  readonly allowed: readonly [low: number, high: number];
}

export const RATIO_ALLOWED = [0.95, 1.05] as const;
/** Of the number of liquidations, which sizes tell less well. */
export const EVENTS_ALLOWED = [0.9, 1.1] as const;
const COVERAGE_ALLOWED = [0.75, 0.85] as const;
/** Minutes of a level without which its coverage says nothing. */
const MIN_MINUTES = 100;
/** Minutes come in clusters: so many of them say as much as one. */
const CLUSTERED = 3;
/** Levels that have to have enough minutes for a model to be validated. */
const MIN_LEVELS = 3;

const HOUR_S = 3_600;
const DAY_S = 86_400;
/** Hours and days without which the coverage of sums says nothing: those of a side. */
const MIN_SUMS = 14;

/** @param contracts the minutes of each contract */
export function evaluate(contracts: readonly (readonly LabelledMinute[])[], calibration: Calibration): Evaluation {
  const labelled = contracts.flat();
  const all = labelled.map((minute) => ({ ...minute, estimate: calibrated(minute.shown, calibration) }));
  const ratio = (some: typeof all, value: (one: (typeof all)[number]) => number, truth: (one: (typeof all)[number]) => number) => {
    const sum = (of: typeof value) => some.reduce((total, one) => total + of(one), 0);
    return sum(value) / sum(truth);
  };
  const levels = LEVEL_NAMES.flatMap((level, index): readonly LevelEvaluation[] => {
    const own = all.filter(({ shown }) => shown.level === index && isTestable(shown));
    if (own.length === 0) return [];
    const isCovered = ({ truth, estimate }: (typeof all)[number]): boolean =>
      truth.usd >= estimate.low_usd * (1 - 1e-9) && truth.usd <= estimate.high_usd * (1 + 1e-9);
    return [
      {
        level,
        minutes: own.length,
        reported_to_true: ratio(
          own,
          ({ shown }) => shown.shown_usd,
          ({ truth }) => truth.usd,
        ),
        calibrated_to_true: ratio(
          own,
          ({ estimate }) => estimate.estimated_usd,
          ({ truth }) => truth.usd,
        ),
        coverage: own.filter(isCovered).length / own.length,
        allowed: allowedCoverage(own.length, (calibration[index]?.low ?? 0) > 0),
      },
    ];
  });
  return {
    minutes: all.length,
    reported_to_true: ratio(
      all,
      ({ shown }) => shown.shown_usd,
      ({ truth }) => truth.usd,
    ),
    calibrated_to_true: ratio(
      all,
      ({ estimate }) => estimate.estimated_usd,
      ({ truth }) => truth.usd,
    ),
    reported_events_to_true: ratio(
      all,
      ({ shown }) => shown.shown_events,
      ({ truth }) => truth.events,
    ),
    calibrated_events_to_true: ratio(
      all,
      ({ estimate }) => estimate.estimated_events,
      ({ truth }) => truth.events,
    ),
    levels,
    hours: evaluateSums(contracts, calibration, HOUR_S),
    days: evaluateSums(contracts, calibration, DAY_S),
  };
}

function evaluateSums(contracts: readonly (readonly LabelledMinute[])[], calibration: Calibration, lengthS: number): SumEvaluation {
  const groups = contracts.flatMap((own) =>
    stretches(
      own.filter(({ shown }) => isTestable(shown)),
      lengthS,
    ),
  );
  const covered = groups.filter((group) => {
    const [truth, low, high] = group.reduce(
      ([usd, lowest, highest], minute) => {
        const { low_usd, high_usd } = calibrated(minute.shown, calibration);
        return [usd + minute.truth.usd, lowest + low_usd, highest + high_usd] as const;
      },
      [0, 0, 0] as readonly [number, number, number],
    );
    return truth >= low * (1 - 1e-9) && truth <= high * (1 + 1e-9);
  });
  return { count: groups.length, coverage: covered.length / groups.length };
}

/**
 * 75 to 85 %, and 1.96 standard errors more on both sides. Where more than a tenth of the minutes of the fit hide nothing, the interval
 * begins at what is reported and covers all of those: there it may cover any share above 75 %.
 */
function allowedCoverage(minutes: number, isTwoSided: boolean): readonly [number, number] {
  const [low, high] = COVERAGE_ALLOWED;
  const error = 1.96 * Math.sqrt((0.8 * 0.2 * CLUSTERED) / minutes);
  return [low - error, isTwoSided ? Math.min(1, high + error) : 1];
}

export interface Verdict {
  readonly status: EstimateStatus;
  /** What failed, or why nothing could be tested; null where validated. */
  readonly reason: string | null;
}

/** Whether estimates may be published: `withheld` with what failed, `experimental` where nothing did but too little was tested. */
export function verdictOf(evaluation: Evaluation, tested: string): Verdict {
  const { calibrated_to_true, calibrated_events_to_true, levels } = evaluation;
  const withMinutes = levels.filter(({ minutes }) => minutes >= MIN_MINUTES);
  const failure =
    ratioFailure("calibrated / true", calibrated_to_true, RATIO_ALLOWED) ??
    ratioFailure("numbers, calibrated / true", calibrated_events_to_true, EVENTS_ALLOWED) ??
    coverageFailure(withMinutes) ??
    sumFailure("hours", evaluation.hours) ??
    sumFailure("days", evaluation.days);
  if (failure !== null) return { status: "withheld", reason: `${tested}: ${failure}` };
  if (withMinutes.length >= MIN_LEVELS) return { status: "validated", reason: null };
  const reason = `${tested} has ${MIN_MINUTES} minutes in only ${withMinutes.length} levels of activity; ${MIN_LEVELS} are needed`;
  return { status: "experimental", reason };
}

function ratioFailure(what: string, ratio: number, [low, high]: readonly [number, number]): string | null {
  // Not a number where there was nothing.
  return ratio >= low && ratio <= high ? null : `${what} ${ratio.toFixed(3)}, allowed ${low} to ${high}`;
}

function coverageFailure(levels: readonly LevelEvaluation[]): string | null {
  const failed = levels.find(({ coverage, allowed }) => coverage < allowed[0] || coverage > allowed[1]);
  if (failed === undefined) return null;
  const [from, to] = failed.allowed.map(percent);
  return `at ${failed.level} the interval covers ${percent(failed.coverage)}, allowed ${from} to ${to}`;
}

/** The bounds of a sum are added, so it may cover any share above 75 %, less 1.96 standard errors. */
function sumFailure(what: string, { count, coverage }: SumEvaluation): string | null {
  const least = allowedCoverage(count, false)[0];
  if (count < MIN_SUMS || coverage >= least) return null;
  return `the interval of the sums of ${what} covers ${percent(coverage)}, allowed ${percent(least)} or more`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
