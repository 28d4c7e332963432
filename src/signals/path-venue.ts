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
  const venues = new Map<ExchangeName, { minutes: number; latest: number }>();
  for (const { minute, exchange } of marks) {
    if (minute + MINUTE_MS > end) continue;
    let venue = venues.get(exchange);
    if (venue === undefined) venues.set(exchange, (venue = { minutes: 0, latest: minute }));
    venue.minutes += 1;
    venue.latest = Math.max(venue.latest, minute);
  }
  const current = EXCHANGES.filter((exchange) => (venues.get(exchange)?.latest ?? -Infinity) >= end - MARK_AGE_MS);
  const count = (exchange: ExchangeName) => venues.get(exchange)?.minutes ?? 0;
  return current.toSorted((a, b) => count(b) - count(a))[0] ?? null;
}

/** The marks of that venue alone, with what is known of them at a time, ms. */
export function pathMarks<Mark extends Pick<MinuteMark, "minute" | "exchange">>(
  marks: readonly Mark[],
  knownTime: number,
): readonly Mark[] {
  const venue = pathVenue(marks, floorTo(knownTime, MINUTE_MS));
  return marks.filter(({ exchange }) => exchange === venue);
}
