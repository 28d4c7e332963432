import { HOUR_MS, floorTo } from "../../src/windows/calendar.ts";
import { QUARTER_HOUR_MS } from "../../src/windows/quarter-hour.ts";
import type { SimulatedEvent } from "./simulated-event.ts";

/** The median USD of the quarter-hours of each hour of the day, over both sides, as a function of the time in ms. */
export function hourMedians(events: readonly Pick<SimulatedEvent, "time" | "usd">[]): (time: number) => number {
  const sums = new Map<number, number>();
  for (const { time, usd } of events) {
    const start = floorTo(time, QUARTER_HOUR_MS);
    sums.set(start, (sums.get(start) ?? 0) + usd);
  }
  const byHour = Map.groupBy(sums, ([start]) => hourOf(start));
  return (time) => {
    const sorted = (byHour.get(hourOf(time)) ?? []).map(([, usd]) => usd).toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS) % 24;
}
