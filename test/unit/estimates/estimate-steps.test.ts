import { expect, test } from "vitest";
import { estimateOfVenue } from "../../../src/estimates/estimate-by-side.ts";
import { estimateStep } from "../../../src/estimates/estimate-steps.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";

test.each([
  ["htx", "experimental"],
  ["okx", "experimental"],
  ["binance", "validated"],
  ["bybit", "validated"],
] as const)("of %s, from which nothing came, zero is %s", (exchange, status) => {
  const step = estimateStep({ start: 0, end: MINUTE_MS }, { entries: [], gaps: [], lost: [], exchanges: [exchange] });
  const reason = status === "validated" ? null : expect.stringContaining("reported nothing");
  const expected = { reported_usd: 0, estimated_usd: 0, high_usd: 0, status, reason };
  expect(step.total).toMatchObject(expected);
  expect(step.sides.short).toMatchObject(expected);
  expect(estimateOfVenue(step, exchange)).toMatchObject(expected);
  expect(step.venues).toEqual([]);
});
