import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { impactAfter, type MarkAt } from "../../../src/cascade/impact.ts";
import { T0 } from "./cascade-fixtures.ts";

const MARKS: MarkAt[] = [
  { time: T0 - 500, price: 100 },
  { time: T0, price: 99.9 },
  { time: T0 + 1000, price: 99 },
  { time: T0 + 1001, price: 50 },
  { time: T0 + 4800, price: 98 },
  { time: T0 + 59_000, price: 101 },
];

describe("impact after the event", () => {
  test("is taken from the last mark before the event, positive in the direction of the forced flow", () => {
    expect(impactAfter(MARKS, T0, "long")).toEqual({ impact_1s_bps: 100, impact_5s_bps: 200, impact_60s_bps: -100 });
    expect(impactAfter(MARKS, T0, "short")).toEqual({ impact_1s_bps: -100, impact_5s_bps: -200, impact_60s_bps: 100 });
  });

  test("is unknown without a mark in the ten seconds before the event", () => {
    const none = { impact_1s_bps: null, impact_5s_bps: null, impact_60s_bps: null };
    expect(impactAfter(MARKS.slice(1), T0, "long")).toEqual(none);
    expect(impactAfter([{ time: T0 - 10_001, price: 100 }, ...MARKS.slice(1)], T0, "long")).toEqual(none);
    expect(impactAfter([], T0, "long")).toEqual(none);
  });

  test("is unknown at a horizon by which no mark came, or only one over ten seconds old: no mark is no zero", () => {
    const sparse = [
      { time: T0 - 1, price: 100 },
      { time: T0 + 3000, price: 99 },
    ];
    expect(impactAfter(sparse, T0, "long")).toEqual({ impact_1s_bps: null, impact_5s_bps: 100, impact_60s_bps: null });
  });

  test("is unknown from a mark of zero or under", () => {
    expect(
      impactAfter(
        [
          { time: T0 - 1, price: 0 },
          { time: T0 + 500, price: 99 },
        ],
        T0,
        "long",
      ).impact_1s_bps,
    ).toBeNull();
    expect(
      impactAfter(
        [
          { time: T0 - 1, price: 100 },
          { time: T0 + 500, price: -1 },
        ],
        T0,
        "long",
      ).impact_1s_bps,
    ).toBeNull();
  });

  test("equals a search through all marks", () => {
    const mark = fc.record({ time: fc.integer({ min: T0 - 15_000, max: T0 + 70_000 }), price: fc.integer({ min: 1, max: 1000 }) });
    fc.assert(
      fc.property(fc.uniqueArray(mark, { selector: ({ time }) => time, maxLength: 60 }), (drawn) => {
        const marks = drawn.toSorted((a, b) => a.time - b.time);
        const before = drawn.filter(({ time }) => time < T0 && time >= T0 - 10_000).toSorted((a, b) => b.time - a.time)[0];
        const after = drawn.filter(({ time }) => time >= T0 && time <= T0 + 5000).toSorted((a, b) => b.time - a.time)[0];
        const expected = before && after ? (1e4 * (after.price - before.price)) / before.price : null;
        expect(impactAfter(marks, T0, "short").impact_5s_bps).toEqual(expected);
      }),
    );
  });
});
