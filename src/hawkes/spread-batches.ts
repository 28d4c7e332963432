import { exchanges } from "../exchanges/registry.ts";
import type { Liquidation } from "../liquidation.ts";

/**
 * Event times for `fitHawkes`, ms, ascending. If a venue publishes events in batches (`Exchange.batchMs`), events of
 * the same moment are spread evenly over the batch that ends there; otherwise they would look like excitement without
 * delay. Times of other venues are unchanged.
 *
 * @param events in any order
 */
export function fittingTimes(events: readonly Pick<Liquidation, "exchange" | "event_time">[]): number[] {
  return [...Map.groupBy(events, ({ exchange }) => exchange)]
    .flatMap(([exchange, own]) => {
      const times = own.map((event) => event.event_time);
      return spread(times, exchanges[exchange].batchMs ?? 0);
    })
    .toSorted((a, b) => a - b);
}

function spread(times: readonly number[], batchMs: number): readonly number[] {
  if (batchMs === 0) return times;
  return [...Map.groupBy(times, (time) => time)].flatMap(([time, batch]) =>
    batch.map((_, place) => time - (batchMs * place) / batch.length),
  );
}
