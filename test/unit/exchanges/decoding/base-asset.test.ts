import { describe, expect, test } from "vitest";
import { baseAsset } from "../../../../src/exchanges/decoding/base-asset.ts";

describe("multipliers are taken off", () => {
  test.each([
    ["1000PEPE", "PEPE", 1_000],
    ["1000X", "X", 1_000],
    ["10000SATS", "SATS", 10_000],
    ["1000000MOG", "MOG", 1_000_000],
    ["1MBABYDOGE", "BABYDOGE", 1_000_000],
    ["10000000AIDOGE", "AIDOGE", 10_000_000],
    ["SHIB1000", "SHIB", 1_000],
    ["1000牛来", "牛来", 1_000],
  ])("%s is %s times %d", (venueBase, symbol, scale) => {
    expect(baseAsset(venueBase)).toEqual({ symbol, scale });
  });
});

describe("names that only look like a multiplier stay whole", () => {
  test.each(["BTC", "1INCH", "10SET", "100X", "0G", "4", "1000", "SPX6900", "1MX", "牛来", ""])("%j", (venueBase) => {
    expect(baseAsset(venueBase)).toEqual({ symbol: venueBase, scale: 1 });
  });
});
