import { describe, expect, test } from "vitest";
import { binance } from "../../../../src/exchanges/binance/binance.ts";
import type { Instrument } from "../../../../src/exchanges/exchange.ts";
import { answering, scopeOf } from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };

const PEPE: Instrument = {
  instrument: "1000PEPEUSDT",
  symbol: "PEPE",
  quote: "USDT",
  scale: 1000,
  contract: { kind: "base", size: 1 },
  trading: true,
};

describe("sockets", () => {
  test("liquidations and marks go over the market route, books over the public one, all in the address", async () => {
    const plans = binance.sockets(scopeOf(binance, ["BTC", "SOL"]), ENDPOINTS);
    const addresses = await Promise.all(plans.map((plan) => plan.address(answering([]), "id")));
    expect(plans.map(({ name, role, subscribe }) => [name, role, subscribe])).toEqual([
      ["market", "liquidations", ['{"method":"LIST_SUBSCRIPTIONS","id":1}']],
      ["public", "market", []],
    ]);
    expect(addresses.map(({ url }) => url)).toEqual([
      "http://venue.test/market/stream?streams=btcusdt@forceOrder/btcusdt@markPrice@1s/btcusdc@forceOrder/btcusdc@markPrice@1s/solusdt@forceOrder/solusdt@markPrice@1s/solusdc@forceOrder/solusdc@markPrice@1s",
      "http://venue.test/public/stream?streams=btcusdt@depth20@500ms/btcusdc@depth20@500ms/solusdt@depth20@500ms/solusdc@depth20@500ms",
    ]);
    expect(plans.map(({ control }) => [...control])).toEqual([["mark"], ["book_text"]]);
    const streams = ["btcusdt@forceOrder", "btcusdc@forceOrder", "solusdt@forceOrder", "solusdc@forceOrder"];
    expect(plans.map(({ confirmations }) => [...confirmations])).toEqual([streams, []]);
  });

  test("all symbols need one market socket, and books of the three large ones only", async () => {
    const plans = binance.sockets(scopeOf(binance, "*", [PEPE]), ENDPOINTS);
    const addresses = await Promise.all(plans.map((plan) => plan.address(answering([]), "id")));
    expect(addresses[0]?.url).toBe("http://venue.test/market/stream?streams=!forceOrder@arr/!markPrice@arr@1s");
    expect(addresses[1]?.url).not.toContain("pepe");
    expect(addresses[1]?.url.match(/@depth20@500ms/g)).toHaveLength(6);
  });

  test("no connection carries 200 streams, and none of them is lost", async () => {
    const many = Array.from({ length: 250 }, (_, index): Instrument => ({
      ...PEPE,
      instrument: `C${index}USDT`,
      symbol: `C${index}`,
      scale: 1,
    }));
    const plans = binance.sockets(
      scopeOf(
        binance,
        many.map(({ symbol }) => symbol),
        many,
      ),
      ENDPOINTS,
    );
    const addresses = await Promise.all(plans.map((plan) => plan.address(answering([]), "id")));
    const streams = addresses.map(({ url }) => url.slice(url.indexOf("=") + 1).split("/"));
    expect(plans.map(({ name }) => name)).toEqual(["market", "market-2", "market-3", "public", "public-2"]);
    expect(Math.max(...streams.map((names) => names.length))).toBeLessThan(200);
    expect(new Set(streams.flat()).size).toBe(750);
    expect(streams.slice(0, 3).every((names) => names.some((name) => name.endsWith("@markPrice@1s")))).toBe(true);
  });

  test("a contract that is not trading, or in no table, is not asked for", () => {
    expect(binance.sockets(scopeOf(binance, ["PEPE"], [{ ...PEPE, trading: false }]), ENDPOINTS)).toEqual([]);
  });
});

describe("instrument table", () => {
  const ROW = { symbol: "BTCUSDT", contractType: "PERPETUAL", status: "TRADING", baseAsset: "BTC", quoteAsset: "USDT" };

  test("takes perpetuals whatever their quote, those on traditional assets too, and leaves futures", async () => {
    const rows = [
      ROW,
      { ...ROW, symbol: "1000PEPEUSDC", baseAsset: "1000PEPE", quoteAsset: "USDC" },
      { ...ROW, symbol: "XAUUSDT", baseAsset: "XAU", contractType: "TRADIFI_PERPETUAL", status: "SETTLING" },
      { ...ROW, symbol: "BTCUSDT_270326", contractType: "CURRENT_QUARTER" },
      { ...ROW, symbol: "ETHBTC", baseAsset: "ETH", quoteAsset: "BTC" },
      { ...ROW, baseAsset: 7 },
      null,
    ];
    const asked: string[] = [];
    const table = await binance.loadInstruments(answering([{ symbols: rows }], asked), ENDPOINTS);
    expect(asked).toEqual(["http://rest.test/fapi/v1/exchangeInfo"]);
    expect(table.map(({ instrument, symbol, quote, scale, trading }) => [instrument, symbol, quote, scale, trading])).toEqual([
      ["BTCUSDT", "BTC", "USDT", 1, true],
      ["1000PEPEUSDC", "PEPE", "USDC", 1000, true],
      ["XAUUSDT", "XAU", "USDT", 1, false],
      ["ETHBTC", "ETH", "BTC", 1, true],
    ]);
  });

  test.each([[null], [{}], [{ symbols: [] }], [{ symbols: "x" }], [{ code: -1003, msg: "Too many requests" }]])(
    "%j is refused",
    async (body) => {
      await expect(binance.loadInstruments(answering([body]), ENDPOINTS)).rejects.toThrow(/Binance/);
    },
  );
});
