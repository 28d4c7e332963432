import { expect, test } from "vitest";
import type { Liquidation } from "../../../dashboard/src/api/schema.ts";
import { alertUsdOf } from "../../../dashboard/src/store/alert-rule.ts";

const NOW = 1_000_000;
function event(fields: Partial<Liquidation> = {}): Liquidation {
  return { event_time: NOW - 1_000, notional_mark_usd: 200_000, usd_value: null, coverage: "all_reported", ...fields } as Liquidation;
}

test("a large liquidation that just happened is worth a sound", () => {
  expect(alertUsdOf(event(), 100_000, NOW)).toBe(200_000);
});

test.each([
  ["a small one", event({ notional_mark_usd: 99_999 })],
  ["one of unknown value", event({ notional_mark_usd: null })],
  ["one that the stream sends again after a cut", event({ event_time: NOW - 31_000 })],
  ["an inferred one", event({ coverage: "inferred" })],
])("%s is not", (_what, quiet) => {
  expect(alertUsdOf(quiet, 100_000, NOW)).toBeNull();
});

test("nothing sounds while alerts are off", () => {
  expect(alertUsdOf(event(), null, NOW)).toBeNull();
});
