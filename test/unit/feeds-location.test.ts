import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { feedsLocation } from "../../src/feeds-location.ts";

test("what all feeds talk to belongs where most of them run", () => {
  expect(feedsLocation(parseConfig({}))).toBe("apac");
  expect(feedsLocation(parseConfig({ LIQUIDATION_LOCATION_HINTS: "binance=apac-ne,bybit=apac-se,okx=apac-se,bitfinex=weur" }))).toBe(
    "apac-se",
  );
});

test("venues that are not configured do not count, and the first hint wins where several are as frequent", () => {
  const hints = "binance=apac,bybit=apac,okx=oc,bitfinex=weur";
  expect(feedsLocation(parseConfig({ LIQUIDATION_EXCHANGES: "okx,bitfinex", LIQUIDATION_LOCATION_HINTS: hints }))).toBe("oc");
  expect(feedsLocation(parseConfig({ LIQUIDATION_EXCHANGES: "kucoin", LIQUIDATION_LOCATION_HINTS: hints }))).toBeNull();
});
