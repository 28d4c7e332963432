import type { ExchangeName } from "../../src/liquidation.ts";
import { START } from "../bench/venue-frames.ts";

/** The REST answer with a venue's contracts; the same for each page. */
export const TABLES: Readonly<Record<ExchangeName, unknown>> = {
  binance: {
    symbols: [
      { symbol: "BTCUSDT", baseAsset: "BTC", quoteAsset: "USDT", contractType: "PERPETUAL", status: "TRADING" },
      { symbol: "1000PEPEUSDT", baseAsset: "1000PEPE", quoteAsset: "USDT", contractType: "PERPETUAL", status: "TRADING" },
      { symbol: "ETHUSDT_261225", baseAsset: "ETH", quoteAsset: "USDT", contractType: "CURRENT_QUARTER", status: "TRADING" },
    ],
  },
  bybit: {
    retCode: 0,
    result: {
      category: "linear",
      list: [
        { symbol: "BTCUSDT", contractType: "LinearPerpetual", baseCoin: "BTC", quoteCoin: "USDT", status: "Trading" },
        { symbol: "SHIB1000USDT", contractType: "LinearPerpetual", baseCoin: "SHIB1000", quoteCoin: "USDT", status: "Closed" },
      ],
      nextPageCursor: "first%3DBTCUSDT%26last%3DSHIB1000USDT",
    },
  },
  okx: {
    code: "0",
    data: [
      { instId: "BTC-USDT-SWAP", ctMult: "1", ctVal: "0.01", ctValCcy: "BTC", ctType: "linear", state: "live" },
      { instId: "BTC-USD-SWAP", ctMult: "1", ctVal: "100", ctValCcy: "USD", ctType: "inverse", state: "live" },
    ],
  },
  kucoin: {
    code: "200000",
    data: [
      {
        symbol: "XBTUSDTM",
        type: "FFWCSX",
        baseCurrency: "XBT",
        quoteCurrency: "USDT",
        multiplier: 0.001,
        isInverse: false,
        status: "Open",
      },
      { symbol: "XBTUSDM", type: "FFWCSX", baseCurrency: "XBT", quoteCurrency: "USD", multiplier: -1, isInverse: true, status: "Open" },
    ],
  },
  bitfinex: [
    ["BTCF0:USTF0", "ATOF0:USTF0", "ETHF0:BTCF0"],
    [
      ["ATO", "ATOM"],
      ["UST", "USDt"],
      ["AMPF0", "AMPLF0"],
    ],
  ],
};

/** The REST answer with past liquidations, where the venue has one. */
export const HISTORIES: Readonly<Partial<Record<ExchangeName, unknown>>> = {
  okx: {
    code: "0",
    data: [
      {
        instId: "BTC-USDT-SWAP",
        instType: "SWAP",
        uly: "BTC-USDT",
        details: [{ bkLoss: "0", bkPx: "80000", ccy: "", posSide: "long", side: "sell", sz: "13.4", ts: String(START) }],
      },
    ],
  },
  bitfinex: [
    [["pos", 187_000_000, START, null, "tBTCF0:USTF0", -0.5, 82_000, null, 0, 1, null, 80_000]],
    [["pos", 187_000_001, START, null, "tETHF0:BTCF0", 3, 0.034, null, 1, 1, null, null]],
  ],
};
