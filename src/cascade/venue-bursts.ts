import { flowUsd } from "../flow-usd.ts";
import type { ExchangeName, Liquidation, PositionSide } from "../liquidation.ts";
import { type Totals, addTotals } from "../windows/totals.ts";
import type { BurstEntry } from "./burst-entry.ts";
import type { VenueTotals } from "./cross-exchange.ts";

/** The fields of a liquidation that the comparison of venues uses. */
export type ComparedEvent = Pick<
  Liquidation,
  "exchange" | "position_side" | "event_time" | "usd_value" | "notional_mark_usd" | "concurrent_exchanges"
>;

/** Events of one venue and side that surely belong to one burst: they are less than its quiet time apart. */
export interface EventSpan {
  readonly exchange: ExchangeName;
  readonly position_side: PositionSide;
  readonly first: number;
  readonly last: number;
}

/** What is compared of a part of a range: single events, or what is left of them where they were summed. */
export interface ComparedPart {
  readonly exchange: ExchangeName;
  readonly totals: Totals;
  readonly spans: readonly EventSpan[];
  /** Number of events by number of concurrent venues, from 1 on. */
  readonly concurrent: readonly number[];
}

/** A single event as a part. */
function partOf({ exchange, position_side, event_time, concurrent_exchanges, ...event }: ComparedEvent): ComparedPart {
  const usd = flowUsd(event);
  const totals = {
    events: 1,
    events_without_usd: usd === null ? 1 : 0,
    events_without_notional_mark: event.notional_mark_usd === null ? 1 : 0,
    usd,
    notional_mark_usd: event.notional_mark_usd,
    quantity: null,
    max_usd: usd,
  };
  const concurrent = concurrent_exchanges === null ? [] : [...Array.from({ length: concurrent_exchanges - 1 }, () => 0), 1];
  return { exchange, totals, spans: [{ exchange, position_side, first: event_time, last: event_time }], concurrent };
}

function partsOf(compared: readonly (ComparedEvent | ComparedPart)[]): readonly ComparedPart[] {
  return compared.map((one) => ("totals" in one ? one : partOf(one)));
}

/** The totals of each venue with an event. */
export function venueTotals(compared: readonly (ComparedEvent | ComparedPart)[]): readonly VenueTotals[] {
  return [...Map.groupBy(partsOf(compared), ({ exchange }) => exchange)].flatMap(([exchange, own]) => {
    const { events, events_without_notional_mark, usd, notional_mark_usd } = addTotals(own.map(({ totals }) => totals));
    return events === 0 ? [] : [{ exchange, events, events_without_notional_mark, usd, notional_mark_usd }];
  });
}

/** The number of events by the number of concurrent venues, in ascending order, without events of unknown number. */
export function concurrencyHistogram(
  compared: readonly (ComparedEvent | ComparedPart)[],
): { readonly exchanges: number; readonly events: number }[] {
  const sums: number[] = [];
  for (const { concurrent } of partsOf(compared))
    for (const [index, events] of concurrent.entries()) sums[index] = (sums[index] ?? 0) + events;
  return sums.map((events = 0, index) => ({ exchanges: index + 1, events })).filter(({ events }) => events > 0);
}

/**
 * The first event of each venue in each burst. Events of one side that are at most `quietMs` apart form one burst; no span is
 * longer than that, so it is part of one burst alone.
 */
export function burstEntries(compared: readonly (ComparedEvent | ComparedPart)[], quietMs: number): readonly BurstEntry[] {
  const spans = partsOf(compared)
    .flatMap((part) => part.spans)
    .toSorted((a, b) => a.first - b.first || (a.exchange < b.exchange ? -1 : 1));
  return [...Map.groupBy(spans, ({ position_side: side }) => side)].flatMap(([side, own]) => {
    const entries = new Map<string, BurstEntry>();
    let number = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (const { exchange, first, last: spanLast } of own) {
      if (first - last > quietMs) number += 1;
      last = Math.max(last, spanLast);
      const key = `${side}${number} ${exchange}`;
      if (!entries.has(key)) entries.set(key, { burst: `${side}${number}`, exchange, first_time: first });
    }
    return [...entries.values()];
  });
}
