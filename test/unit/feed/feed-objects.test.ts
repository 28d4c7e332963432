import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { feedObjectName, formerObjects, tablePrefixOf } from "../../../src/feed-objects.ts";

describe("the objects of the venues", () => {
  test("without a setting each venue has an object, a place and tables of its own, but those that say they share one", () => {
    const config = parseConfig({});
    expect(config.LIQUIDATION_EXCHANGES.slice(0, 5).map((exchange) => feedObjectName(exchange, config))).toEqual([
      "binance@1",
      "bybit@1",
      "okx@1",
      "kucoin@1",
      "bitfinex@1",
    ]);
    const sharing = config.LIQUIDATION_EXCHANGES.filter((exchange) => exchanges[exchange].sharesObject === true);
    expect(new Set(sharing.map((exchange) => feedObjectName(exchange, config)))).toEqual(new Set([`${sharing[0]}@1`]));
    expect(tablePrefixOf("okx", feedObjectName("okx", parseConfig({ LIQUIDATION_OBJECTS: "bybit" })))).toBe("");
    expect(tablePrefixOf("okx", "okx@1")).toBe("");
  });

  test("venues joined by + share the object of the first, in tables of their own; the others stay alone", () => {
    const config = parseConfig({ LIQUIDATION_OBJECTS: " OKX+kucoin + bitfinex", LIQUIDATION_PLACEMENT_GENERATION: "3" });
    expect(config.LIQUIDATION_EXCHANGES.slice(0, 5).map((exchange) => feedObjectName(exchange, config))).toEqual([
      "binance@3",
      "bybit@3",
      "okx@3",
      "okx@3",
      "okx@3",
    ]);
    // Those that it does not name keep what they have without it.
    expect((["gate", "bitget", "htx"] as const).map((exchange) => feedObjectName(exchange, config))).toEqual([
      "gate@3",
      "gate@3",
      "gate@3",
    ]);
    expect(["okx", "kucoin"].map((exchange) => tablePrefixOf(exchange as "okx" | "kucoin", "okx@3"))).toEqual(["", "kucoin_"]);
  });

  test("an object asks those that may have had the venue before: its own, and those that run, of this generation and the last", () => {
    const shared = parseConfig({
      LIQUIDATION_EXCHANGES: "okx,kucoin",
      LIQUIDATION_OBJECTS: "okx+kucoin",
      LIQUIDATION_PLACEMENT_GENERATION: "2",
    });
    expect(formerObjects("kucoin", shared)).toEqual([
      { name: "kucoin@2", host: "kucoin" },
      { name: "kucoin@1", host: "kucoin" },
      { name: "okx@1", host: "okx" },
    ]);
    const alone = parseConfig({ LIQUIDATION_EXCHANGES: "okx,kucoin" });
    expect(formerObjects("kucoin", alone)).toEqual([{ name: "okx@1", host: "okx" }]);
    expect(formerObjects("okx", parseConfig({ LIQUIDATION_EXCHANGES: "okx" }))).toEqual([]);
  });
});
