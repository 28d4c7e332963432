import type { Verdict } from "../observations.ts";

/** Fewer votes say nothing: chance alone agrees or disagrees that often. */
const MIN_VOTES = 8;
const AGREES = 0.75;
const DISAGREES = 0.25;

/** The verdict of observations that each speak for a claim or against it. */
export function verdictOf(agreeing: number, all: number): Verdict {
  if (all < MIN_VOTES) return "not seen";
  const share = agreeing / all;
  if (share >= AGREES) return "seen";
  return share <= DISAGREES ? "contradicted" : "not seen";
}

/** @param what what votes, with its verb: `liquidations agree` */
export function votesText(agreeing: number, all: number, what: string): string {
  return `${agreeing} of ${all} ${what}${all < MIN_VOTES ? ` (fewer than ${MIN_VOTES} give no verdict)` : ""}`;
}

/** The value at a share of the sorted values, 0 to 1; null without values. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
