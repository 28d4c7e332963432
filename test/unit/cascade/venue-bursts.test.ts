import { expect, test } from "vitest";
import { type ComparedEvent, burstEntries, concurrencyHistogram, venueTotals } from "../../../src/cascade/venue-bursts.ts";

function event(exchange: ComparedEvent["exchange"], event_time: number, changes: Partial<ComparedEvent> = {}): ComparedEvent {
  const usual = { position_side: "long", usd_value: 10, notional_mark_usd: 11, concurrent_exchanges: 1 } as const;
  return { exchange, event_time, ...usual, ...changes };
}

test("a burst ends with a pause, and sides have bursts of their own", () => {
  const events = [
    event("okx", 1_000),
    event("okx", 2_000, { position_side: "short" }),
    event("bybit", 5_000),
    event("okx", 6_000),
    event("okx", 16_001),
    event("bybit", 26_001),
  ];
  expect(burstEntries(events, 10_000)).toEqual([
    { burst: "long1", exchange: "okx", first_time: 1_000 },
    { burst: "long1", exchange: "bybit", first_time: 5_000 },
    { burst: "long2", exchange: "okx", first_time: 16_001 },
    { burst: "long2", exchange: "bybit", first_time: 26_001 },
    { burst: "short1", exchange: "okx", first_time: 2_000 },
  ]);
});

test("sums leave out unknown values and count them", () => {
  const rows = [
    event("okx", 1),
    event("okx", 2, { notional_mark_usd: null }),
    event("bybit", 3, { usd_value: null, notional_mark_usd: null }),
  ];
  expect(venueTotals(rows)).toEqual([
    { exchange: "okx", events: 2, events_without_notional_mark: 1, usd: 21, notional_mark_usd: 11 },
    { exchange: "bybit", events: 1, events_without_notional_mark: 1, usd: null, notional_mark_usd: null },
  ]);
});

test("the histogram counts events by concurrent venues", () => {
  const rows = [3, 1, 3, null].map((concurrent_exchanges, n) => event("okx", n, { concurrent_exchanges }));
  expect(concurrencyHistogram(rows)).toEqual([
    { exchanges: 1, events: 1 },
    { exchanges: 3, events: 2 },
  ]);
});
