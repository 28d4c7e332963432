import { expect, test } from "vitest";
import { type VenueCrowding, squeezeOf } from "../../../src/market-state/squeeze.ts";

function venue(changes: Partial<VenueCrowding> = {}): VenueCrowding {
  return {
    funding_rate: 0.0003,
    funding_interval_hours: 8,
    funding_percentile: 0.95,
    open_interest_usd: 1_000,
    open_interest_percentile: 0.9,
    basis_bps: 3,
    ...changes,
  };
}
const SHORT = { funding_rate: -0.0003, funding_percentile: 0.05, basis_bps: -3 };

test("names the side that pays for an unusually large position", () => {
  expect(squeezeOf([venue()]).reading).toBe("long_crowded");
  expect(squeezeOf([venue(SHORT)]).reading).toBe("short_crowded");
});

test.each([
  { open_interest_percentile: 0.79 },
  { basis_bps: -1 },
  { funding_percentile: 0.89 },
  { ...SHORT, funding_rate: 0.0001 },
  { ...SHORT, funding_percentile: 0.11 },
  { ...SHORT, basis_bps: 0 },
])("names none where one of the four is as usual: %j", (changes) => {
  expect(squeezeOf([venue(changes)]).reading).toBe("none");
});

test.each([{ basis_bps: null }, { funding_interval_hours: null }, { open_interest_percentile: null }, { open_interest_usd: null }])(
  "is unknown where one of the four is: %j",
  (changes) => {
    expect(squeezeOf([venue(changes)]).reading).toBeNull();
  },
);

test("venues weigh by their open interest", () => {
  const found = squeezeOf([venue({ open_interest_usd: 3_000 }), venue({ basis_bps: -5, funding_interval_hours: 4 })]);
  expect(found).toMatchObject({ reading: "long_crowded", basis_bps: 1, funding_8h_bps: expect.closeTo(3.75, 9) as number });
});
