import { expect, test } from "vitest";
import { estimatedPart, isEstimable } from "../../../src/estimates/window-estimate.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const HOUR = { start: -HOUR_MS - 5_000, end: -5_000 };

test("a window is estimated over its whole minutes up to the last settled one", () => {
  expect(estimatedPart(HOUR, -5 * MINUTE_MS, 0)).toEqual({ start: -HOUR_MS, end: -5 * MINUTE_MS });
});

test("minutes that settled only after the decision's time are left out of it", () => {
  expect(estimatedPart(HOUR, 0, 0)?.end).toBe(-3 * MINUTE_MS);
  expect(estimatedPart(HOUR, HOUR_MS, -20_000)?.end).toBe(-4 * MINUTE_MS);
});

test("an estimate that ends over 15 minutes before the window, and one of less than an hour, is none", () => {
  expect(estimatedPart(HOUR, -15 * MINUTE_MS, 0)).not.toBeNull();
  expect(estimatedPart(HOUR, -16 * MINUTE_MS, 0)).toBeNull();
  expect([isEstimable(HOUR), isEstimable({ ...HOUR, start: -59 * MINUTE_MS })]).toEqual([true, false]);
});
