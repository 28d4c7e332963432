import type { Liquidation } from "../liquidation.ts";

/** Bybit pushes what happened in half a second as one frame (exchanges.md, 2.3). */
const BYBIT_BATCH_MS = 500;

/**
 * Event times as `fitHawkes` takes them, ms, ascending. Bybit's events of one moment stand at even steps in the 500 ms
 * that end there: together they would look like excitement without any delay. Other venues' times are taken as they are.
 *
 * @param events in any order
 */
export function fittingTimes(events: readonly Pick<Liquidation, "exchange" | "event_time">[]): number[] {
  const times = events.filter(({ exchange }) => exchange !== "bybit").map((event) => event.event_time);
  const bybitEventsByTime = new Map<number, number>();
  for (const { exchange, event_time: time } of events) {
    if (exchange === "bybit") bybitEventsByTime.set(time, (bybitEventsByTime.get(time) ?? 0) + 1);
  }
  for (const [time, count] of bybitEventsByTime) {
    for (let place = 0; place < count; place += 1) times.push(time - (BYBIT_BATCH_MS * place) / count);
  }
  return times.toSorted((a, b) => a - b);
}
