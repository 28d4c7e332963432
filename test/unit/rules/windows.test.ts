import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MinuteSums } from "../../../src/rules/minute-sums.ts";
import { ruleField } from "../../../src/rules/rule-fields.ts";
import { SecondSums } from "../../../src/rules/second-sums.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const event = fc.record({
  age: fc.integer({ min: -30_000, max: 1_200_000 }),
  side: fc.constantFrom("long" as const, "short" as const),
  usd: fc.integer({ min: 0, max: 1_000 }),
});

describe("the windows of rules", () => {
  test("are the sums of the liquidations within them, whatever came late", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const sums = new SecondSums();
        for (const { age, side, usd } of events) sums.add(NOW - age, side, usd);
        const windows = sums.before(NOW).map((window) => [...window]);
        // What is older than the latest one by more than the longest window may be gone.
        const latest = Math.max(...events.map(({ age }) => NOW - age));
        const expected = [60_000, 300_000, 900_000].map((length) => {
          const own = events.filter(({ age }) => age > 0 && age <= length);
          const of = (side: string) => own.filter((one) => one.side === side);
          const usd = (side: string) => of(side).reduce((sum, one) => sum + one.usd, 0);
          return [usd("long"), of("long").length, usd("short"), of("short").length];
        });
        if (latest <= NOW) expect(windows).toEqual(expected);
        else expect(windows.slice(0, 2)).toEqual(expected.slice(0, 2));
      }),
      { numRuns: 200, seed: 17 },
    );
  });

  test("rank among the windows of every minute of the period, empty ones included", () => {
    const field = ruleField("long_usd_5m");
    if (field === null) throw new Error("no field");
    const node = { kind: "percentile", percent: 99, field, periodMs: 86_400_000 } as const;
    const minutes = new MinuteSums();
    const load = (minute: number, usd: number) =>
      minutes.load({ minutes: [{ minute, position_side: "long", usd, events: 1 }], from: NOW - 90_000_000, missing: [] });
    load(NOW - 3_600_000, 500);
    expect(minutes.percentile(node, NOW, NOW - 86_399_999)).toBeNaN();
    // Five of 1,440 windows hold it: the 99th percentile is empty, the 99.9th is not.
    expect(minutes.percentile(node, NOW, 0)).toBe(0);
    expect(minutes.percentile({ ...node, percent: 99.9 }, NOW, 0)).toBe(500);
    minutes.add(NOW - 60_000, "long", 700);
    load(NOW - 60_000, 700);
    expect(minutes.percentile({ ...node, percent: 99.99 }, NOW, 0)).toBe(700);
  });
});
