import { EXCHANGES } from "../liquidation-fields.ts";
import type { ExchangeName } from "../liquidation.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { MINUTE_MS, floorTo } from "../windows/calendar.ts";

/** A mark older than this is stale, and so is one this far from the start of a return. */
export const MARK_AGE_MS = 5 * MINUTE_MS;

/** A venue's mark of a minute, as far as the path of a signal's input needs it. */
export type MarkRow = Pick<MinuteMark, "minute" | "exchange" | "high" | "low" | "close">;

/**
 * The venue whose marks alone make a path: of those with a mark that is not stale, the one with the most minutes, of equal
 * ones the most preferred. A path of several venues would hold their basis as moves. Null without any.
 * @param marks the marks of all venues in the window of the path, each minute once
 * @param end the last whole minute ends then, ms: of the one after it, no two readers know as much
 */
export function pathVenue(marks: readonly Pick<MinuteMark, "minute" | "exchange">[], end: number): ExchangeName | null {
  const whole = marks.filter(({ minute }) => minute + MINUTE_MS <= end);
  const minutes = Map.groupBy(whole, ({ exchange }) => exchange);
  const isCurrent = (exchange: ExchangeName) => minutes.get(exchange)?.some(({ minute }) => minute >= end - MARK_AGE_MS) === true;
  const count = (exchange: ExchangeName) => minutes.get(exchange)?.length ?? 0;
  return EXCHANGES.filter(isCurrent).toSorted((a, b) => count(b) - count(a))[0] ?? null;
}

/** The marks of that venue alone, with what is known of them at a time, ms. */
export function pathMarks<Mark extends Pick<MinuteMark, "minute" | "exchange">>(
  marks: readonly Mark[],
  knownTime: number,
): readonly Mark[] {
  const venue = pathVenue(marks, floorTo(knownTime, MINUTE_MS));
  return marks.filter(({ exchange }) => exchange === venue);
}
