import { expect, test } from "vitest";
import { correlationText, shownCorrelations, squeezeText } from "../../../dashboard/src/screens/venues/market-state-text.ts";

const ENTRY = {
  measure: "basis",
  position_side: "short",
  lag_minutes: 15,
  correlation: -0.214,
  low: -0.3,
  high: -0.12,
  distinguishable: true,
  pairs: 4_000,
  effective_pairs: 600,
  blocks: 56,
} as const;

test("a correlation names what came first, and one that is not distinguishable from none has no number", () => {
  expect(correlationText(ENTRY)).toBe("short liquidations 15 min after the basis: −0.21 (−0.30 to −0.12)");
  expect(correlationText({ ...ENTRY, measure: "funding_rate", lag_minutes: -60, correlation: 0.2, low: 0.1, high: 0.3 })).toBe(
    "short liquidations 60 min before the funding: +0.20 (+0.10 to +0.30)",
  );
  expect(correlationText({ ...ENTRY, lag_minutes: 0, correlation: null, low: -0.1, high: 0.2, distinguishable: false })).toBe(
    "short liquidations in the same 5 min as the basis: not distinguishable from none (−0.10 to +0.20)",
  );
});

test("those that chance explains are not listed, and the strongest comes first", () => {
  const weak = { ...ENTRY, correlation: 0.1 };
  const none = { ...ENTRY, correlation: null, distinguishable: false };
  const correlations = { status: "published", reason: null, from_time: 0, to_time: 1, computed_time: 1 } as const;
  expect(shownCorrelations({ ...correlations, entries: [weak, none, ENTRY] })).toEqual([ENTRY, weak]);
});

test("a reading that is unknown is not called calm", () => {
  const squeeze = { funding_8h_bps: 1, funding_percentile: 0.9, open_interest_percentile: 0.9, basis_bps: 1 };
  expect(squeezeText({ ...squeeze, reading: "long_crowded" })).toMatch(/^Longs are crowded/u);
  expect(squeezeText({ ...squeeze, reading: "none" })).toBe("Neither side is crowded.");
  expect(squeezeText({ ...squeeze, basis_bps: null, reading: null })).toMatch(/unknown/u);
});
