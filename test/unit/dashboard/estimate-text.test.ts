import { expect, test } from "vitest";
import { estimateSentence, eventsText, reportedUsd, statusReasons } from "../../../dashboard/src/parts/estimate-text.ts";
import { ESTIMATE_METHODS, type Estimate, withheld } from "../../../src/estimates/estimate.ts";

const REPORTED = { reported_usd: 1_000_000, reported_events: 61 };
const EXPERIMENTAL: Estimate = {
  ...REPORTED,
  estimated_usd: 1_500_000,
  low_usd: 1_200_000,
  high_usd: 2_000_000,
  estimated_events: 118.4,
  method: ESTIMATE_METHODS.largest_per_second,
  status: "experimental",
  reason: "only one venue is complete",
};
const WITHHELD = withheld(REPORTED, ESTIMATE_METHODS.one_per_second, "13 days are fitted, and it takes 14");
const VALIDATED: Estimate = { ...EXPERIMENTAL, status: "validated", reason: null };

test("an estimate names its interval, its method and its status, and a withheld one its reason and no number", () => {
  expect(estimateSentence(EXPERIMENTAL)).toBe(
    "Of $1.00M reported, all is estimated at $1.50M, between $1.20M and $2.00M, the sum of intervals of 80 %. An estimate by largest_per_second.v1, experimental: only one venue is complete.",
  );
  expect(estimateSentence(VALIDATED)).toMatch(/by largest_per_second\.v1, validated\.$/);
  expect(estimateSentence(WITHHELD)).toBe("No estimate of what was not reported: 13 days are fitted, and it takes 14.");
  expect([eventsText(EXPERIMENTAL), eventsText(WITHHELD)]).toEqual(["61 of about 118", "61"]);
});

test("a zero of an estimate without minutes is unknown, and what was reported is not", () => {
  const none = { ...WITHHELD, reported_usd: 0 };
  expect([reportedUsd(none, true), reportedUsd(none, false), reportedUsd(WITHHELD, false)]).toEqual([0, null, 1_000_000]);
});

test("venues of the same reason are named together, the withheld ones first, and validated ones not at all", () => {
  const rows = [
    { exchange: "binance", estimate: EXPERIMENTAL },
    { exchange: "bybit", estimate: VALIDATED },
    { exchange: "okx", estimate: WITHHELD },
    { exchange: "kucoin", estimate: EXPERIMENTAL },
  ];
  expect(statusReasons(rows)).toEqual([
    { status: "withheld", reason: WITHHELD.reason, exchanges: ["okx"] },
    { status: "experimental", reason: EXPERIMENTAL.reason, exchanges: ["binance", "kucoin"] },
  ]);
});
