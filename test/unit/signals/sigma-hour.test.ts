import { describe, expect, test } from "vitest";
import { sigmaHourBps } from "../../../src/signals/sigma-hour.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { MINUTE } from "./sample-input.ts";

/** The closes of the last 60 minutes, which go 10 bps up and down. */
const MARKS = Array.from({ length: 60 }, (_, index) => ({
  minute: MINUTE - (60 - index) * MINUTE_MS,
  close: index % 2 === 0 ? 80_000 : 80_080,
}));

describe("the volatility of an hour", () => {
  test("comes from the returns of its consecutive minutes", () => {
    expect(sigmaHourBps(MARKS, MINUTE, null)).toBeCloseTo(10 * Math.sqrt(60), 1);
    // A minute that is missing leaves two returns out; the others are still enough.
    expect(sigmaHourBps(MARKS.toSpliced(30, 1), MINUTE, null)).toBeCloseTo(10 * Math.sqrt(60), 1);
  });

  test("does not read minutes from before the hour, nor from after the decision", () => {
    const others = [-62, -61, 0, 1].map((offset) => ({ minute: MINUTE + offset * MINUTE_MS, close: 1 }));
    const all = [...others, ...MARKS].toSorted((a, b) => a.minute - b.minute);
    expect(sigmaHourBps(all, MINUTE, null)).toBe(sigmaHourBps(MARKS, MINUTE, null));
  });

  test("is taken from five minutes where fewer are known, and is unknown without either", () => {
    expect(sigmaHourBps(MARKS.slice(-30), MINUTE, 0.001)).toBeCloseTo(10 * Math.sqrt(12), 9);
    expect(sigmaHourBps(MARKS.slice(-30), MINUTE, null)).toBeNull();
  });
});
