import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "./calendar.ts";
import type { TimeRange } from "./range-parts.ts";

/** The bounds of a range in minutes, hours and days, each inside the one before; a part without any is empty. */
export interface LayeredRange {
  readonly minutes: readonly [from: number, to: number];
  readonly hours: readonly [from: number, to: number];
  readonly days: readonly [from: number, to: number];
}

/** Splits a range of whole minutes into days, the hours before and after them, and the minutes before and after those. */
export function layeredRange({ start, end }: TimeRange, coarsest: "hour" | "day" = "day"): LayeredRange {
  const firstHour = Math.min(ceilTo(start, HOUR_MS), Math.max(start, end));
  const lastHour = Math.max(floorTo(end, HOUR_MS), firstHour);
  const firstDay = Math.min(ceilTo(firstHour, DAY_MS), lastHour);
  const lastDay = Math.max(floorTo(lastHour, DAY_MS), firstDay);
  const minutes = [floorTo(start, MINUTE_MS), Math.max(start, end)] as const;
  return { minutes, hours: [firstHour, lastHour], days: coarsest === "day" ? [firstDay, lastDay] : [lastHour, lastHour] };
}
