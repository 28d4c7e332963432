import { expect, test } from "vitest";
import { flowOfDay } from "../../../src/market-state/flow-of-day.ts";
import { STEP_MS } from "../../../src/market-state/lags.ts";
import { type StepMark, marketOfDay } from "../../../src/market-state/market-day.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";

const DAY = Date.UTC(2026, 10, 20);

/** The mark at the end of a step; step −1 is that of the day before. */
function mark(step: number, changes: Partial<StepMark> = {}): StepMark {
  return {
    exchange: "okx",
    minute: DAY + (step + 1) * STEP_MS - MINUTE_MS,
    close: 100,
    index_price: 100,
    open_interest_usd: 1_000,
    funding_rate: 0.0001,
    funding_interval_hours: 8,
    ...changes,
  };
}

test("open interest counts contracts, so that a fall of the price alone is no change, over venues known at both ends", () => {
  const { open_interest_change: change } = marketOfDay(DAY, [
    mark(-1),
    mark(0, { close: 90, open_interest_usd: 900 }),
    mark(1, { open_interest_usd: 990 }),
    mark(1, { exchange: "bybit", open_interest_usd: 5_000 }),
    mark(2, { exchange: "bybit", open_interest_usd: 5_500 }),
  ]);
  expect(change.slice(0, 4)).toEqual([0, -100, 1_000, null]);
});

test("funding is for 8 hours, and a venue that comes does not look like a move", () => {
  const { funding_rate: funding, basis } = marketOfDay(DAY, [
    mark(0),
    mark(1, { funding_rate: 0.0002, close: 101 }),
    mark(1, { exchange: "bybit", funding_rate: 0.005, funding_interval_hours: 4, index_price: 50 }),
    mark(2, { exchange: "gate", funding_interval_hours: null, index_price: null }),
  ]);
  // okx deviates by half a point of bps from its mean of both steps, and bybit by nothing from its own single one.
  expect(funding.slice(0, 3)).toEqual([-0.5, 0.25, null]);
  expect(basis.slice(0, 3)).toEqual([-50, 25, null]);
});

test("a step without liquidations is 0, and one in which over a tenth of the USD was not connected is unknown", () => {
  const rows = [
    { step: 0, exchange: "okx", position_side: "long", usd: 950 },
    { step: 1, exchange: "bybit", position_side: "short", usd: 49.6 },
  ] as const;
  const gap = (exchange: "okx" | "bybit", step: number) => ({
    exchange,
    from_time: DAY + step * STEP_MS,
    to_time: DAY + (step + 1) * STEP_MS,
    reason: "silent" as const,
  });
  const flow = flowOfDay(DAY, rows, ["okx", "bybit"], [gap("okx", 2), gap("bybit", 3)]);
  expect(flow.long.slice(0, 4)).toEqual([950, 0, null, 0]);
  expect(flow.short.slice(0, 4)).toEqual([0, 50, null, 0]);
  expect(flowOfDay(DAY, rows, ["okx", "bybit"], null).long.every((usd) => usd === null)).toBe(true);
});
