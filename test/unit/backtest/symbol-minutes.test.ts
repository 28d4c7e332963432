import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ExchangeName, PositionSide } from "../../../src/liquidation.ts";
import type { ReplayedEvent } from "../../../src/backtest/replayed-event.ts";
import { SymbolMinutes } from "../../../src/backtest/symbol-minutes.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/windows/calendar.ts";
import { at, liquidation } from "./events.ts";

const START = at("09:00");
const SPAN_MS = 3 * HOUR_MS;

/** Events at any time of three hours, so most of them are late, of values whose sums are rounded. */
const anyEvent = fc
  .record({
    offset: fc.integer({ min: 0, max: SPAN_MS - 1 }),
    exchange: fc.constantFrom<ExchangeName[]>("binance", "bybit", "okx"),
    position_side: fc.constantFrom<PositionSide[]>("long", "short"),
    usd_value: fc.option(fc.double({ min: 0.01, max: 1e7, noNaN: true })),
  })
  .map(({ offset, ...fields }): ReplayedEvent => liquidation(START + offset, { ...fields, notional_mark_usd: fields.usd_value }));

/** Ranges of few edges, each on a minute or 5 s before one, so that the same are read again and again. */
const anyRange = fc
  .record({ from: fc.integer({ min: 0, max: 2 }), quarterHours: fc.integer({ min: 0, max: 5 }), early: fc.boolean() })
  .map(({ from, quarterHours, early }) => {
    const start = START + from * 20 * MINUTE_MS - (early ? 5 * SECOND_MS : 0);
    return { start, end: start + quarterHours * 15 * MINUTE_MS };
  });

test("sums that were read before, between late events, are bit by bit those of a first reading", () => {
  const step = fc.record({ events: fc.array(anyEvent, { maxLength: 4 }), ranges: fc.array(anyRange, { maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 40 }), (all) => {
      const read = new SymbolMinutes();
      const added: ReplayedEvent[] = [];
      for (const { events, ranges } of all) {
        for (const one of events) read.add(one);
        added.push(...events);
        for (const one of ranges) {
          const fresh = new SymbolMinutes();
          for (const event of added) fresh.add(event);
          expect(read.totals(one)).toStrictEqual(fresh.totals(one));
          expect(read.usd(one)).toStrictEqual(fresh.usd(one));
        }
      }
    }),
    { seed: 20_261_128, numRuns: 40 },
  );
});
