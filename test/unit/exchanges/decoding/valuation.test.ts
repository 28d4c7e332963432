import { describe, expect, test } from "vitest";
import type { Instrument } from "../../../../src/exchanges/exchange.ts";
import { basePrice, valuate } from "../../../../src/exchanges/decoding/valuation.ts";

const COINS: Instrument = {
  instrument: "BTCUSDT",
  symbol: "BTC",
  quote: "USDT",
  scale: 1,
  contract: { kind: "base", size: 1 },
  trading: true,
};

describe("linear contracts", () => {
  test("coins times price", () => {
    expect(valuate(COINS, 0.5, 80_000)).toEqual({ price: 80_000, quantity: 0.5, usd_value: 40_000 });
  });

  test("contracts count by their size in coins", () => {
    const contracts: Instrument = { ...COINS, contract: { kind: "base", size: 0.25 } };
    expect(valuate(contracts, 8, 1_000)).toEqual({ price: 1_000, quantity: 2, usd_value: 2_000 });
  });

  test("a multiplier rescales price and quantity, not the value", () => {
    const pepe: Instrument = { ...COINS, instrument: "1000PEPEUSDT", symbol: "PEPE", scale: 1000 };
    expect(valuate(pepe, 500, 0.5)).toEqual({ price: 0.0005, quantity: 500_000, usd_value: 250 });
  });

  test("an unknown contract size leaves the price alone known", () => {
    const unknown: Instrument = { ...COINS, contract: { kind: "base", size: null } };
    expect(valuate(unknown, 8, 1_000)).toEqual({ price: 1_000, quantity: null, usd_value: null });
  });

  test("a quote that is no dollar has no USD value", () => {
    expect(valuate({ ...COINS, quote: "BTC" }, 2, 0.05)).toEqual({ price: 0.05, quantity: 2, usd_value: null });
  });

  test.each([null, 0, -1])("a price of %j is none, and there is no value", (price) => {
    expect(valuate(COINS, 2, price)).toEqual({ price: null, quantity: 2, usd_value: null });
  });

  test("a measured zero stays zero", () => {
    expect(valuate(COINS, 0, 80_000)).toEqual({ price: 80_000, quantity: 0, usd_value: 0 });
  });
});

describe("inverse contracts", () => {
  const inverse: Instrument = { ...COINS, instrument: "BTC-USD-SWAP", quote: "USD", contract: { kind: "inverse", usd: 100 } };

  test("are worth contracts times their dollars, coins follow from the price", () => {
    expect(valuate(inverse, 40, 80_000)).toEqual({ price: 80_000, quantity: 0.05, usd_value: 4_000 });
  });

  test("keep their value without a price", () => {
    expect(valuate(inverse, 40, null)).toEqual({ price: null, quantity: null, usd_value: 4_000 });
  });

  test("of unknown size have neither", () => {
    expect(valuate({ ...inverse, contract: { kind: "inverse", usd: null } }, 40, 80_000)).toEqual({
      price: 80_000,
      quantity: null,
      usd_value: null,
    });
  });
});

test("prices of market streams are rescaled too", () => {
  expect(basePrice({ ...COINS, scale: 1000 }, 12)).toBe(0.012);
});
