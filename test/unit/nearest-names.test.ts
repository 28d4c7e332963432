import { expect, test } from "vitest";
import { nearestNames } from "../../src/nearest-names.ts";

const KNOWN = ["BTC", "ETH", "SOL", "DOGE", "PEPE", "XRP", "1INCH", "AVAX", "BCH", "ETC"];

test.each([
  ["BTCUSDT", "BTC"],
  ["1000PEPEUSDT", "PEPE"],
  ["XBT", "BTC"],
  ["DGOE", "DOGE"],
  ["AVA", "AVAX"],
  ["ETHUSD", "ETH"],
  ["DOGGE", "DOGE"],
])("%s first suggests %s", (asked, meant) => {
  expect(nearestNames(asked, KNOWN)[0]).toBe(meant);
});

test("suggests at most three names, and none for a name that is like no other", () => {
  expect(nearestNames("BTH", KNOWN).length).toBeLessThanOrEqual(3);
  expect(nearestNames("QQQQQQ", KNOWN)).toEqual([]);
  expect(nearestNames("", KNOWN)).toEqual([]);
});
