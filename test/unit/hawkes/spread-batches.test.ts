import { expect, test } from "vitest";
import { fittingTimes } from "../../../src/hawkes/spread-batches.ts";

const bybit = { exchange: "bybit", event_time: 10_000 } as const;
const okx = { exchange: "okx", event_time: 9800 } as const;

test("Bybit's events of one moment lie evenly in the 500 ms that end there, others stay", () => {
  expect(fittingTimes([bybit, okx, bybit, okx, bybit, bybit, bybit])).toEqual([9600, 9700, 9800, 9800, 9800, 9900, 10_000]);
});

test("a single event of Bybit stays where it is", () => {
  expect(fittingTimes([bybit])).toEqual([10_000]);
});

test("moments of Bybit are spread each on its own, the same way whatever the order", () => {
  const next = { exchange: "bybit", event_time: 10_500 } as const;
  expect(fittingTimes([next, bybit, next, bybit])).toEqual([9750, 10_000, 10_250, 10_500]);
  expect(fittingTimes([bybit, bybit, next, next])).toEqual([9750, 10_000, 10_250, 10_500]);
});
