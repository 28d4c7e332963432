import { HOUR_MS } from "../windows/calendar.ts";

/** Undetermined is delivered at most once in this time for a rule and base asset, ms. */
const UNDETERMINED_EVERY_MS = HOUR_MS;

/** What happens to a rule. */
export type RuleEventKind = "fired" | "escalated" | "undetermined";

/** Where a rule stands for one base asset; times in ms. */
export interface RuleRun {
  /** Since when the condition holds; null while it does not. */
  since: number | null;
  /** Whether it fired since the condition began to hold. */
  hasFired: boolean;
  firedTime: number | null;
  hasEscalated: boolean;
  isUndetermined: boolean;
  undeterminedTime: number | null;
}

export function newRun(): RuleRun {
  return { since: null, hasFired: false, firedTime: null, hasEscalated: false, isUndetermined: false, undeterminedTime: null };
}

export interface RunTimes {
  readonly forMs: number;
  readonly cooldownMs: number;
  /** How long the condition has to hold after the rule fired until it escalates, ms; null for never. */
  readonly escalateAfterMs: number | null;
  /** Whether each look is at another liquidation, so that each may fire. */
  readonly isOfLiquidations: boolean;
}

/**
 * Takes the truth of a condition at a time, in order, and says what happens. A rule fires once while its condition holds, and
 * again after the condition did not hold and the cooldown is over. While the truth is unknown the condition does not go on
 * holding, and it has not ceased to hold either.
 * @param truth 1, 0, or NaN where undetermined
 */
export function followRun(run: RuleRun, times: RunTimes, truth: number, time: number): RuleEventKind | null {
  if (truth === 1) return holds(run, times, time);
  if (truth === 0) {
    run.since = null;
    run.hasFired = false;
    run.hasEscalated = false;
    run.isUndetermined = false;
    return null;
  }
  run.since = null;
  const isNew = !run.isUndetermined && time - (run.undeterminedTime ?? -Infinity) >= UNDETERMINED_EVERY_MS;
  run.isUndetermined = true;
  if (!isNew) return null;
  run.undeterminedTime = time;
  return "undetermined";
}

function holds(run: RuleRun, times: RunTimes, time: number): RuleEventKind | null {
  run.isUndetermined = false;
  run.since ??= time;
  const { forMs, cooldownMs, escalateAfterMs, isOfLiquidations } = times;
  const cooled = run.firedTime === null || time - run.firedTime >= cooldownMs;
  if ((!run.hasFired || isOfLiquidations) && cooled && time - run.since >= forMs) {
    run.hasFired = true;
    run.firedTime = time;
    return "fired";
  }
  const isEscalated = run.hasFired && !run.hasEscalated && escalateAfterMs !== null && time - (run.firedTime ?? time) >= escalateAfterMs;
  if (!isEscalated || isOfLiquidations) return null;
  run.hasEscalated = true;
  return "escalated";
}
