import { expect, test } from "vitest";
import type { VenuePair, VenueStanding } from "../../../dashboard/src/api/schema.ts";
import { lagMatrix } from "../../../dashboard/src/screens/venues/lag-matrix.ts";

const standing = (exchange: string, median_lag_ms: number | null) => ({ exchange, median_lag_ms }) as VenueStanding;
const counts = { shared_bursts: 24, first_count: 17, other_first_count: 6 };
const pair: VenuePair = { exchange: "bybit", other_exchange: "okx", ...counts, median_lag_ms: -1_600, lag_resolution_ms: 1_500 };

test("each pair stands on both sides of the diagonal, turned, and the venues that lead come first", () => {
  const rows = lagMatrix([standing("okx", 900), standing("htx", null), standing("bybit", -900), standing("gate", 3_000)], [pair]);
  const cell = { resolution: 1_500, bursts: 24, isWithin: false };
  expect(rows).toEqual([
    { exchange: "bybit", cells: [null, { ...cell, lag: -1_600, before: 17, after: 6 }, null] },
    { exchange: "okx", cells: [{ ...cell, lag: 1_600, before: 6, after: 17 }, null, null] },
    { exchange: "gate", cells: [null, null, null] },
  ]);
});

test("a lag of exactly the resolution cannot be told from zero", () => {
  const [row] = lagMatrix([standing("bybit", -1), standing("okx", 1)], [{ ...pair, median_lag_ms: -1_500 }]);
  expect(row?.cells[1]?.isWithin).toBe(true);
});
