import { DAY_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { VenueTape } from "./tape.ts";

/** The share of a day without which it does not count. */
const MIN_COVERED = 0.5;

/** Number of the days of a range on which a venue has liquidations and was connected for at least half of the time. */
export function coveredDays({ contracts, gaps = [] }: Pick<VenueTape, "contracts" | "gaps">, range: TimeRange): number {
  const days = new Set<number>();
  for (const { events } of contracts) for (const { time } of events) days.add(floorTo(time, DAY_MS));
  return [...days].filter((day) => {
    if (day < range.start || day >= range.end) return false;
    const missing = gaps.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(end, day + DAY_MS) - Math.max(start, day)), 0);
    return missing <= (1 - MIN_COVERED) * DAY_MS;
  }).length;
}
