import { MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";

/** Features reach back so far, ms. */
export const FEATURES_MS = 15 * MINUTE_MS;
/** A look at the gaps is good for so long, ms. */
const SLOT_MS = 10_000;

/** Whether enough venues were connected in the 15 minutes that features are made of, looked at once in ten seconds. */
export class RecentCoverage {
  readonly #isCovered: (range: TimeRange) => boolean;
  #end = -Infinity;
  #known = true;

  constructor(isCovered: (range: TimeRange) => boolean) {
    this.#isCovered = isCovered;
  }

  at(time: number): boolean {
    const end = floorTo(time, SLOT_MS);
    if (end !== this.#end) {
      this.#end = end;
      this.#known = this.#isCovered({ start: end - FEATURES_MS, end });
    }
    return this.#known;
  }
}
