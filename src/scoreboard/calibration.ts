import { isotonicValue, shrunkIsotonicFit } from "./isotonic.ts";

/** Number of graded decisions before confidence is calibrated. */
export const MIN_GRADED = 100;
/** The base rate counts as this many decisions in each range of confidence: half of the weight at 20 decisions. */
const BASE_RATE_DECISIONS = 20;

/** A past BUY or SELL of an analyst, graded at the headline horizon. */
export interface PastForecast {
  /** Confidence as stated, 0 to 100. */
  readonly confidence: number;
  readonly hit: boolean;
}

/** Gives the probability for a confidence, between 0 and 1 and never either; null where too little is known. */
export type Calibration = (confidence: number) => number | null;

/**
 * Hit rates by stated confidence, as a function that never falls, shrunk to the base rate: where confidence says nothing, or
 * few decisions have one like it, the answer is near the rate of all. The base rate is Laplace's (hits + 1) ÷ (n + 2).
 */
export function calibrationOf(past: readonly PastForecast[]): Calibration {
  if (past.length < MIN_GRADED) return () => null;
  const hits = past.filter(({ hit }) => hit).length;
  const baseRate = (hits + 1) / (past.length + 2);
  const points = past.map(({ confidence, hit }) => ({ x: confidence, y: hit ? 1 : 0 }));
  const fit = shrunkIsotonicFit(points, baseRate, BASE_RATE_DECISIONS);
  return (confidence) => isotonicValue(fit, confidence);
}
