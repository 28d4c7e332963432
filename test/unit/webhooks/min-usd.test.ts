import { expect, test } from "vitest";
import { lowestMinUsd, minUsdOf } from "../../../src/webhooks/min-usd.ts";

test("a base asset has its own size, else that of all others, else none", () => {
  expect(minUsdOf(50_000, "BTC")).toBe(50_000);
  expect(minUsdOf({ BTC: 1e6, "*": 250_000 }, "BTC")).toBe(1e6);
  expect(minUsdOf({ BTC: 1e6, "*": 250_000 }, "ETH")).toBe(250_000);
  expect(minUsdOf({ BTC: 1e6 }, "ETH")).toBeNull();
  expect(minUsdOf(null, "BTC")).toBeNull();
  expect(minUsdOf({ BTC: 1e6 }, "constructor")).toBeNull();
});

test("the lowest size is that of the endpoint that asks for the smallest, whoever names the base asset", () => {
  expect(lowestMinUsd([])).toEqual({});
  expect(lowestMinUsd([{ symbols: [], min_usd: null }])).toEqual({});
  const high = { symbols: [], min_usd: { BTC: 1e6, "*": 250_000 } };
  const named = { symbols: [], min_usd: { ETH: 500_000 } };
  expect(lowestMinUsd([high, named])).toEqual({ BTC: 1e6, ETH: 250_000, "*": 250_000 });
  expect(lowestMinUsd([high, { symbols: ["BTC", "SOL"], min_usd: 100_000 }])).toEqual({ BTC: 100_000, SOL: 100_000, "*": 250_000 });
});
