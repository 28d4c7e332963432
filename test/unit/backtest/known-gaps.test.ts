import * as fc from "fast-check";
import { expect, test } from "vitest";
import { KnownGaps } from "../../../src/backtest/known-gaps.ts";
import type { Gap } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";

const anyTime = fc.integer({ min: 1, max: 40 });
const anyGap = fc
  .record({
    exchange: fc.constantFrom<ExchangeName[]>("binance", "bybit", "okx"),
    from_time: anyTime,
    length: fc.option(fc.integer({ min: 0, max: 20 })),
  })
  .map(({ exchange, from_time, length }): Gap => {
    return { exchange, from_time, to_time: length === null ? null : from_time + length, reason: "disconnected" };
  });

test("gaps that overlap a range, added between readings, are those that a look at each of them finds", () => {
  const step = fc.record({ gaps: fc.array(anyGap, { maxLength: 5 }), start: anyTime, length: anyTime, time: anyTime });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      const known = new KnownGaps();
      const all = new Map<string, Gap>();
      for (const { gaps, start, length, time } of steps) {
        known.add(gaps);
        for (const gap of gaps) {
          const earlier = all.get(`${gap.exchange} ${gap.from_time}`);
          const isLonger = earlier === undefined || (gap.to_time !== null && gap.to_time > (earlier.to_time ?? 0));
          if (isLonger) all.set(`${gap.exchange} ${gap.from_time}`, gap);
        }
        const expected = [...all.values()]
          .filter(({ from_time: from, to_time: to }) => from < start + length && from < time && (to === null || to > start))
          .map((gap) => (gap.to_time !== null && gap.to_time > time ? { ...gap, to_time: null } : gap))
          .toSorted((a, b) => a.from_time - b.from_time || (a.exchange < b.exchange ? 1 : -1));
        expect(known.overlapping({ start, end: start + length }, time)).toStrictEqual(expected);
      }
    }),
    { seed: 20_261_129, numRuns: 300 },
  );
});
