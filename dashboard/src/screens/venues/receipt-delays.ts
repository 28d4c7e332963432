import type { Liquidation } from "../../api/schema.ts";

/** Delay from the venue's time to the receipt, ms. */
export interface ReceiptDelay {
  readonly median: number;
  readonly p95: number;
  readonly count: number;
}

/** Newest liquidations of a venue that its delay is taken from. */
const MAX_EVENTS = 500;

/**
 * The delays of each venue. Where a venue gives no time of its own, the receipt stands for it, so it has none. What was filled in
 * after a gap, or inferred, is not the delay of a stream.
 */
export function delaysOf(events: readonly Liquidation[]): ReadonlyMap<string, ReceiptDelay> {
  const byVenue = new Map<string, number[]>();
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index];
    if (event === undefined || event.time_kind === "receipt") continue;
    if (event.source === "backfill" || event.coverage === "inferred") continue;
    const delays = byVenue.get(event.exchange) ?? [];
    if (delays.length >= MAX_EVENTS) continue;
    delays.push(event.received_time - event.event_time);
    byVenue.set(event.exchange, delays);
  }
  return new Map([...byVenue].map(([exchange, delays]) => [exchange, quantiles(delays)]));
}

function quantiles(delays: readonly number[]): ReceiptDelay {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { median: at(0.5), p95: at(0.95), count: sorted.length };
}
