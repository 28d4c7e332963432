import { EXCHANGES } from "../liquidation-fields.ts";
import type { MinuteMark } from "../minute-mark.ts";

/** A minute with fewer mark prices than this says too little about its first one. */
export const MIN_SAMPLES = 30;

/**
 * The mark of the venue that a trade in a minute is graded on: the one with the most mark prices, of equal ones the most
 * preferred. Null where none has enough.
 * @param marks the marks of all venues in one minute
 */
export function venueMark<Mark extends Pick<MinuteMark, "exchange" | "samples">>(
  marks: readonly Mark[],
  minSamples = MIN_SAMPLES,
): Mark | null {
  const enough = marks.filter(({ samples }) => samples >= minSamples);
  const rank = (mark: Mark) => EXCHANGES.indexOf(mark.exchange);
  return enough.toSorted((a, b) => b.samples - a.samples || rank(a) - rank(b))[0] ?? null;
}
