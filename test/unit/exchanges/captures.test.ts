import { describe, expect, test } from "vitest";
import type { ExchangeName, VenueLiquidation } from "../../../src/liquidation.ts";
import type { Instrument, FeedMessage } from "../../../src/exchanges/exchange.ts";
import { binance } from "../../../src/exchanges/binance/binance.ts";
import { bybit } from "../../../src/exchanges/bybit/bybit.ts";
import { okx } from "../../../src/exchanges/okx/okx.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { answering, captureLines, liquidationsOf, readFrame, scopeOf } from "./frame-reading.ts";

/** Runs over the real frames where they are at hand; each trap in them has a frame of its own in the other tests. */
const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };

/** Without their bounds, which leave out market data of instruments that are in no table, as most of these are. */
const ADAPTERS = { binance, bybit, okx } as const;

function readCapture(venue: keyof typeof ADAPTERS, file: string, extra: readonly Instrument[] = []): readonly FeedMessage[] {
  const exchange = ADAPTERS[venue];
  return (captureLines(file) ?? []).flatMap((line) => readFrame(exchange, line, scopeOf(exchange, "*", extra)));
}

function inBrief({ symbol, position_side, usd_value }: VenueLiquidation): readonly unknown[] {
  return [symbol, position_side, usd_value === null ? null : Number(usd_value.toFixed(2))];
}

function tableOf(venue: ExchangeName, file: string): Promise<readonly Instrument[]> {
  return exchanges[venue].loadInstruments(answering([JSON.parse(captureLines(file)?.[0] ?? "null")]), ENDPOINTS);
}

describe.skipIf(captureLines("binance-liquidation.jsonl") === null)("Binance", () => {
  test("liquidations are worth the average fill times the filled quantity", () => {
    expect(liquidationsOf(readCapture("binance", "binance-liquidation.jsonl")).map(inBrief)).toEqual([
      ["ILV", "long", 449.27],
      ["XRP", "short", 21.63],
      ["AIN", "long", 72.1],
      ["RAYSOL", "long", 98.08],
      ["IOTX", "long", 244.15],
      ["BTC", "short", 65.88],
    ]);
  });

  test("COIN-M is worth 300 USD, not 3 BTC", () => {
    expect(liquidationsOf(readCapture("binance", "binance-liquidation-coinm.jsonl")).map(inBrief)).toEqual([["BTC", "long", 300]]);
  });

  test("the documents' examples are one event with and without the new fields", () => {
    const [plain, extended, coinMargined] = liquidationsOf(readCapture("binance", "binance-liquidation-docs.jsonl"));
    expect(plain).toEqual(extended);
    expect(coinMargined).toMatchObject({ usd_value: 100, position_side: "long" });
  });
});

describe.skipIf(captureLines("bybit-liquidation.jsonl") === null)("Bybit", () => {
  test("Buy is a liquidated long", () => {
    expect(liquidationsOf(readCapture("bybit", "bybit-liquidation.jsonl")).map(inBrief)).toEqual([
      ["ICP", "long", 50.92],
      ["MARSCOIN", "short", 303.07],
      ["COTI", "short", 142.89],
      ["ROSE", "short", 899.8],
    ]);
  });

  test("the retired topic gives no events", () => {
    const kinds = readCapture("bybit", "bybit-liquidation-legacy.jsonl").map(({ kind }) => kind);
    expect(kinds).toEqual(["reject", "reject", "reject", "reject", "reject"]);
  });
});

describe.skipIf(captureLines("okx-liquidation.jsonl") === null)("OKX", () => {
  test("without the contract's size an event has contracts but no value", () => {
    const events = liquidationsOf(readCapture("okx", "okx-liquidation.jsonl"));
    expect(
      events.map(({ symbol, position_side, contracts, quantity, usd_value }) => [symbol, position_side, contracts, quantity, usd_value]),
    ).toEqual([
      ["CELO", "short", 19_979, null, null],
      ["CNPY", "short", 2137, null, null],
      ["MINA", "short", 10_975, null, null],
      ["LA", "long", 508, null, null],
      ["IOST", "short", 13, null, null],
    ]);
  });

  test("with the size it has both", () => {
    const iost: Instrument = {
      instrument: "IOST-USDT-SWAP",
      symbol: "IOST",
      quote: "USDT",
      scale: 1,
      contract: { kind: "base", size: 1000 },
      trading: true,
    };
    const events = liquidationsOf(readCapture("okx", "okx-liquidation.jsonl", [iost]));
    expect(events.map(inBrief).at(-1)).toEqual(["IOST", "short", 101.8]);
  });
});

/** Bybit's tickers are deltas, which are kept for listed contracts only. */
const LISTED = ["BTCUSD"].map((instrument): Instrument => ({
  instrument,
  symbol: instrument,
  quote: "USDT",
  scale: 1,
  contract: { kind: "base", size: 1 },
  trading: true,
}));

describe("every other line reads as what it is", () => {
  test.skipIf(captureLines("binance-markprice.jsonl") === null).each([
    ["binance", "binance-markprice.jsonl", { mark: 4, index: 3, funding: 4 }],
    ["binance", "binance-control.jsonl", { subscribed: 1, subscriptions: 1 }],
    ["binance", "binance-depth.jsonl", { reject: 43 }],
    ["binance", "binance-bookticker.jsonl", { reject: 42 }],
    ["binance", "binance-trade.jsonl", { reject: 26 }],
    ["binance", "binance-depth-rest.jsonl", { reject: 2 }],
    ["binance", "binance-exchangeinfo.jsonl", { reject: 1 }],
    ["bybit", "bybit-ticker.jsonl", { mark: 3, index: 3, funding: 3, open_interest: 3, turnover: 2, quote: 3 }],
    ["bybit", "bybit-orderbook.jsonl", { book: 5, reject: 3 }],
    ["bybit", "bybit-control.jsonl", { subscribed: 2, pong: 1, refused: 2 }],
    ["bybit", "bybit-trade.jsonl", { reject: 2 }],
    ["bybit", "bybit-instruments.jsonl", { reject: 1 }],
    ["okx", "okx-markprice.jsonl", { mark: 1 }],
    ["okx", "okx-indextickers.jsonl", { index: 4 }],
    ["okx", "okx-fundingrate.jsonl", { funding: 1 }],
    ["okx", "okx-openinterest.jsonl", { open_interest: 1 }],
    ["okx", "okx-control.jsonl", { subscribed: 6, pong: 1 }],
    ["okx", "okx-bbo.jsonl", { reject: 1 }],
    ["okx", "okx-books.jsonl", { subscribed: 1, book: 11 }],
    ["okx", "okx-tickers.jsonl", { subscribed: 3, reject: 11 }],
    ["okx", "okx-instruments-swap.jsonl", { reject: 1 }],
  ] as const)("%s: %s", (venue, file, expected) => {
    const counts: Record<string, number> = {};
    for (const { kind } of readCapture(venue, file, LISTED)) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual(expected);
  });
});

describe.skipIf(captureLines("bybit-instruments.jsonl") === null)("instrument tables", () => {
  test.each([
    ["binance", "binance-exchangeinfo.jsonl", { instrument: "BTCUSDT", contract: { kind: "base", size: 1 } }],
    ["bybit", "bybit-instruments.jsonl", { instrument: "BTCUSDT", contract: { kind: "base", size: 1 } }],
    ["okx", "okx-instruments-swap.jsonl", { instrument: "BTC-USD-SWAP", contract: { kind: "inverse", usd: 100 } }],
  ] as const)("of %s names Bitcoin's perpetual", async (venue, file, expected) => {
    const table = await tableOf(venue, file);
    expect(table.find(({ instrument }) => instrument === expected.instrument)).toMatchObject({ ...expected, symbol: "BTC", trading: true });
  });
});
