import { expect, test } from "vitest";
import type { Instrument } from "../../../src/exchanges/exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { marketFields, MarketContext, withMarkPrice } from "../../../src/market/market-context.ts";
import { answering, liquidationsOf, onlyLiquidation, RECEIVED_TIME } from "./frame-reading.ts";

const TIME = 1_795_000_000_000;
const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };

interface Case {
  readonly exchange: ExchangeName;
  /** The venue's answer that lists the contract, and its frames up to the liquidation of a long. */
  readonly table: unknown;
  readonly frames: readonly unknown[];
  readonly instrument: string;
  readonly quote: string;
}

const CASES: readonly Case[] = [
  {
    exchange: "binance",
    table: { symbols: [{ symbol: "ETHBTC", contractType: "PERPETUAL", status: "TRADING", baseAsset: "ETH", quoteAsset: "BTC" }] },
    frames: [{ e: "forceOrder", o: { s: "ETHBTC", S: "SELL", q: "3.25", p: "0.035", ap: "0.0361", z: "3.25", T: TIME } }],
    instrument: "ETHBTC",
    quote: "BTC",
  },
  {
    exchange: "binance",
    table: { symbols: [{ symbol: "ETHBUSD", contractType: "PERPETUAL", status: "TRADING", baseAsset: "ETH", quoteAsset: "BUSD" }] },
    frames: [{ e: "forceOrder", o: { s: "ETHBUSD", S: "SELL", q: "3.25", p: "0.035", ap: "0.0361", z: "3.25", T: TIME } }],
    instrument: "ETHBUSD",
    quote: "BUSD",
  },
  {
    exchange: "bybit",
    table: {
      retCode: 0,
      result: {
        list: [{ symbol: "ETHBTC", contractType: "LinearPerpetual", status: "Trading", baseCoin: "ETH", quoteCoin: "BTC" }],
        nextPageCursor: "",
      },
    },
    frames: [
      { topic: "allLiquidation.ETHBTC", type: "snapshot", ts: TIME, data: [{ T: TIME, s: "ETHBTC", S: "Buy", v: "3.25", p: "0.0361" }] },
    ],
    instrument: "ETHBTC",
    quote: "BTC",
  },
  {
    exchange: "okx",
    table: {
      code: "0",
      data: [{ instId: "ETH-BTC-SWAP", ctVal: "0.01", ctMult: "1", ctValCcy: "ETH", ctType: "linear", state: "live" }],
    },
    frames: [
      {
        arg: { channel: "liquidation-orders", instType: "SWAP" },
        data: [
          { instId: "ETH-BTC-SWAP", details: [{ posSide: "long", side: "sell", sz: "325", bkPx: "0.0361", bkLoss: "0", ts: `${TIME}` }] },
        ],
      },
    ],
    instrument: "ETH-BTC-SWAP",
    quote: "BTC",
  },
  {
    exchange: "bitfinex",
    table: [["ETHF0:BTCF0"]],
    frames: [
      { event: "subscribed", channel: "status", chanId: 1, key: "liq:global" },
      [1, [["pos", 7, TIME, null, "tETHF0:BTCF0", 3.25, 0.05, null, 0, 1, null, 0.0361]]],
    ],
    instrument: "tETHF0:BTCF0",
    quote: "BTC",
  },
];

async function tableOf({ exchange, table }: Case): Promise<ReadonlyMap<string, Instrument>> {
  const instruments = await exchanges[exchange].loadInstruments(answering([table]), ENDPOINTS);
  return new Map(instruments.map((one) => [one.instrument, one]));
}

async function liquidationOf(venue: Case) {
  const decoder = exchanges[venue.exchange].createDecoder({ symbols: "*", instruments: await tableOf(venue) });
  const messages = venue.frames.flatMap((frame) => decoder.decode(JSON.stringify(frame), RECEIVED_TIME));
  return onlyLiquidation(messages.filter(({ kind }) => kind !== "subscribed"));
}

test.each(CASES)("$exchange, $quote: base, quantity and price are known, only the USD value is not", async (venue) => {
  const liquidation = await liquidationOf(venue);
  expect(liquidation).toMatchObject({ symbol: "ETH", quote: venue.quote, price: 0.0361, quantity: 3.25, usd_value: null });
});

test.each(CASES)("$exchange, $quote: a mark price that is not in dollars makes no dollars", async (venue) => {
  const table = await tableOf(venue);
  const liquidation = await liquidationOf(venue);
  const context = new MarketContext((text) => JSON.parse(text), table);
  const { instrument } = venue;
  context.apply({ kind: "mark", instrument, price: 0.036, time: TIME }, RECEIVED_TIME);
  context.apply({ kind: "open_interest", instrument, quantity: 1000 }, RECEIVED_TIME);
  context.apply({ kind: "book_text", instrument, text: '{"bids":[[0.0359,1]],"asks":[[0.0361,1]]}' }, RECEIVED_TIME);
  expect(marketFields([context], liquidation, RECEIVED_TIME)).toMatchObject({
    mark_price: 0.036,
    best_bid: 0.0359,
    notional_mark_usd: null,
    open_interest_usd: null,
    bid_depth_usd: null,
    ask_depth_usd: null,
    depth_share: null,
  });
  const unpriced = { ...liquidation, price: null, price_kind: "mark" } as const;
  expect(withMarkPrice(unpriced, [context], RECEIVED_TIME)).toMatchObject({ price: 0.036, usd_value: null });
});

test("a dated future on Binance is worth dollars by its name", () => {
  const decoder = exchanges.binance.createDecoder({ symbols: "*", instruments: new Map() });
  const order = { s: "BTCUSDT_261225", S: "SELL", q: "0.5", p: "80000", ap: "80500", z: "0.5", T: TIME };
  expect(liquidationsOf(decoder.decode(JSON.stringify({ e: "forceOrder", o: order }), RECEIVED_TIME))).toMatchObject([
    { symbol: "BTC", quantity: 0.5, usd_value: 40_250 },
  ]);
});
