import { isotonicFit, isotonicValue } from "./isotonic.ts";
import { brierSkill } from "./scores.ts";

/** Graded decisions before confidence is calibrated, and before a record can lift the mark `paper`. */
export const MIN_GRADED = 100;

/** One past decision of an analyst to buy or sell, graded at the headline horizon. */
export interface PastForecast {
  /** 0 to 100, as given. */
  readonly confidence: number;
  readonly calibrated_probability: number | null;
  readonly hit: boolean;
}

export interface Standing {
  /** Whether decisions are not to be acted on. */
  readonly paper: boolean;
  /** Over the last 100 graded; null while there are fewer, or where it is undefined. */
  readonly brierSkill: number | null;
  calibrate(confidence: number): number | null;
}

/**
 * What an analyst's past says of its next decision. Skill is that of the probabilities as they were given, calibrated
 * where they were. Until 100 are graded there is no skill to show, and decisions are marked `paper`: trust is earned.
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
