import { expect, test } from "vitest";
import { listedSymbols } from "../../src/listed-symbol.ts";

const instrument = (name: string, symbol: string, trading = true) =>
  ({ instrument: name, symbol, quote: "USDT", scale: 1, contract: { kind: "base", size: 1 }, trading }) as const;

test("contracts are grouped by base asset, those that trade apart from those that do not", () => {
  const table = [
    instrument("ETHUSDT", "ETH"),
    instrument("BTCUSDT", "BTC"),
    instrument("BTCUSD", "BTC", false),
    instrument("BTCUSDC", "BTC"),
  ];
  expect(listedSymbols(table, "*")).toEqual([
    { symbol: "BTC", trading: ["BTCUSDT", "BTCUSDC"], halted: ["BTCUSD"] },
    { symbol: "ETH", trading: ["ETHUSDT"], halted: [] },
  ]);
  expect(listedSymbols(table, new Set(["ETH", "SOL"])).map(({ symbol }) => symbol)).toEqual(["ETH"]);
});
