import { FORECAST_SPACING_MS } from "./forecast-model.ts";
import type { GradedAlarm, GradedDay } from "./graded-day.ts";
import { type LeadTimes, leadTimes } from "./lead-times.ts";
import { EMPTY_BINS, type ReliabilityBin, addBins, reliabilityOf } from "./reliability.ts";

/** What came true of the forecasts that a model made live. */
export interface LiveRecord {
  /** Start of the first graded day, ms. */
  readonly from: number;
  /** Graded forecasts, at most one in ten seconds of each symbol and side. */
  readonly forecasts: number;
  readonly mean_probability: number | null;
  readonly followed_share: number | null;
  readonly reliability: readonly ReliabilityBin[];
  readonly lead_times: LeadTimes;
  readonly not_covered: number;
  /** The newest alarms, newest first. */
  readonly alarms: readonly GradedAlarm[];
}

const MAX_ALARMS = 20;
/** Named here so that the texts of the API say the same as the grading does. */
export const GRADED_EVERY_S = FORECAST_SPACING_MS / 1_000;

/** The record of graded days, oldest first; null without one. */
export function liveRecord(days: readonly GradedDay[]): LiveRecord | null {
  const [first] = days;
  if (first === undefined) return null;
  const bins = days.reduce((sum, day) => addBins(sum, day.bins), EMPTY_BINS);
  const whole = bins.reduce((sum, bin) => ({
    forecasts: sum.forecasts + bin.forecasts,
    probability: sum.probability + bin.probability,
    followed: sum.followed + bin.followed,
  }));
  return {
    from: first.day,
    forecasts: whole.forecasts,
    mean_probability: whole.forecasts === 0 ? null : whole.probability / whole.forecasts,
    followed_share: whole.forecasts === 0 ? null : whole.followed / whole.forecasts,
    reliability: reliabilityOf(bins),
    lead_times: leadTimes(
      days.reduce((sum, { cascades }) => sum + cascades, 0),
      days.flatMap(({ leads_ms }) => leads_ms),
    ),
    not_covered: days.reduce((sum, { not_covered }) => sum + not_covered, 0),
    alarms: days
      .flatMap(({ alarms }) => alarms)
      .toSorted((a, b) => b.time - a.time)
      .slice(0, MAX_ALARMS),
  };
}
