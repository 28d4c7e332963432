import { isotonicFit, isotonicValue } from "./isotonic.ts";
import { brierSkill } from "./scores.ts";

/** Number of graded decisions before confidence is calibrated, and before a track record can lift `paper`. */
export const MIN_GRADED = 100;

/** A past BUY or SELL of an analyst, graded at the headline horizon. */
export interface PastForecast {
  /** Confidence as stated, 0 to 100. */
  readonly confidence: number;
  readonly calibrated_probability: number | null;
  readonly hit: boolean;
}

export interface Standing {
  /** Whether decisions are on paper only. */
  readonly paper: boolean;
  /** Brier skill over the last 100 graded decisions; null while there are fewer, or where it is undefined. */
  readonly brierSkill: number | null;
  calibrate(confidence: number): number | null;
}

/**
 * The standing of an analyst from its past. Skill is that of the stated probabilities, calibrated where they were.
 * Until 100 decisions are graded no skill can be shown, and decisions are marked `paper`.
 * @param past newest first
 */
export function standing(past: readonly PastForecast[]): Standing {
  if (past.length < MIN_GRADED) return { paper: true, brierSkill: null, calibrate: () => null };
  const skill = brierSkill(past.slice(0, MIN_GRADED).map(given));
  const fit = isotonicFit(past.map(({ confidence, hit }) => ({ x: confidence, y: hit ? 1 : 0 })));
  return { paper: skill === null || skill < 0, brierSkill: skill, calibrate: (confidence) => isotonicValue(fit, confidence) };
}

function given({ confidence, calibrated_probability, hit }: PastForecast): { readonly probability: number; readonly hit: boolean } {
  return { probability: calibrated_probability ?? confidence / 100, hit };
}
