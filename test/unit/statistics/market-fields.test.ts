import { expect, test } from "vitest";
import { measureMarketFields } from "../../../scripts/measure/market-fields.ts";

test("at the venues' own intervals every market field is known, and impacts are those of all marks", async () => {
  const venues = await measureMarketFields(1, 2, 10);
  expect(venues.map(({ exchange }) => exchange)).toEqual(["binance", "bybit", "okx", "bitfinex"]);
  for (const { exchange, rows, fundingNull, openInterestNull, indexNull, depthNull, impacts, impactsDiffering } of venues) {
    expect(rows, exchange).toBeGreaterThan(20);
    for (const share of [fundingNull, openInterestNull, indexNull, depthNull]) expect(share, exchange).toBeLessThan(0.05);
    expect(impacts, exchange).toBeGreaterThan(20);
    expect(impactsDiffering, exchange).toBe(0);
  }
  const [okx, bybit] = [venues[2], venues[1]];
  // A rule of 10 s for every kind would lose most of OKX's funding rates.
  expect(okx?.fundingNullFormerly).toBeGreaterThan(0.5);
  // Bankruptcy prices are under the mark for longs and over it for shorts.
  expect(bybit?.longShareReported).toBeLessThan(bybit?.longShareFlow ?? 0);
});
