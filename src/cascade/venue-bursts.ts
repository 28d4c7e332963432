import type { Liquidation } from "../liquidation.ts";
import type { BurstEntry, VenueTotals } from "./cross-exchange.ts";

/** The fields of a liquidation that the comparison of venues uses. */
export type ComparedEvent = Pick<
  Liquidation,
  "exchange" | "position_side" | "event_time" | "usd_value" | "notional_mark_usd" | "concurrent_exchanges"
>;

/** The totals of each venue with an event. */
export function venueTotals(events: readonly ComparedEvent[]): readonly VenueTotals[] {
  return [...Map.groupBy(events, ({ exchange }) => exchange)].map(([exchange, rows]) => {
    const notional = rows.map((row) => row.notional_mark_usd).filter((value) => value !== null);
    return {
      exchange,
      events: rows.length,
      events_without_notional_mark: rows.length - notional.length,
      usd: sum(rows.map((row) => row.usd_value).filter((value) => value !== null)),
      notional_mark_usd: sum(notional),
    };
  });
}

function sum(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}

/** The number of events by the number of concurrent venues, in ascending order, without events of unknown number. */
export function concurrencyHistogram(events: readonly ComparedEvent[]): { readonly exchanges: number; readonly events: number }[] {
  const known = events.map((event) => event.concurrent_exchanges).filter((number) => number !== null);
  return [...Map.groupBy(known, (number) => number)]
    .map(([exchanges, rows]) => ({ exchanges, events: rows.length }))
    .toSorted((a, b) => a.exchanges - b.exchanges);
}

/**
 * The first event of each venue in each burst. Events of one side that are at most `quietMs` apart form one burst.
 * @param events in the order of time
 */
export function burstEntries(events: readonly ComparedEvent[], quietMs: number): readonly BurstEntry[] {
  return [...Map.groupBy(events, (event) => event.position_side)].flatMap(([side, rows]) => {
    const entries = new Map<string, BurstEntry>();
    let number = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (const { exchange, event_time } of rows) {
      if (event_time - last > quietMs) number += 1;
      last = event_time;
      const key = `${side}${number} ${exchange}`;
      if (!entries.has(key)) entries.set(key, { burst: `${side}${number}`, exchange, first_time: event_time });
    }
    return [...entries.values()];
  });
}
