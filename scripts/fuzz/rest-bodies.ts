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
  deribit: {
    jsonrpc: "2.0",
    result: [
      {
        instrument_name: "BTC-PERPETUAL",
        settlement_period: "perpetual",
        instrument_type: "reversed",
        base_currency: "BTC",
        quote_currency: "USD",
        is_active: true,
      },
      {
        instrument_name: "SOL_USDC-PERPETUAL",
        settlement_period: "perpetual",
        instrument_type: "linear",
        base_currency: "SOL",
        quote_currency: "USDC",
        is_active: true,
      },
    ],
  },
  bitmex: [
    {
      symbol: "XBTUSD",
      typ: "FFWCSX",
      underlying: "XBT",
      quoteCurrency: "USD",
      isInverse: true,
      isQuanto: false,
      multiplier: -100_000_000,
      underlyingToSettleMultiplier: -100_000_000,
      state: "Open",
    },
    {
      symbol: "XBTUSDT",
      typ: "FFWCSX",
      underlying: "XBT",
      quoteCurrency: "USDT",
      isInverse: false,
      isQuanto: false,
      underlyingToPositionMultiplier: 1_000_000,
      state: "Open",
    },
  ],
  aster: { symbols: [{ symbol: "BTCUSDT", baseAsset: "BTC", quoteAsset: "USDT", contractType: "PERPETUAL", status: "TRADING" }] },
  lighter: { code: 200, order_book_details: [{ symbol: "BTC", market_id: 1, market_type: "perp", status: "active" }] },
  gate: [
    { name: "BTC_USDT", quanto_multiplier: "0.0001", in_delisting: false, status: "trading" },
    { name: "PEPE_USDT", quanto_multiplier: "10000000", in_delisting: true },
  ],
  bitget: {
    code: "00000",
    data: [
      { symbol: "BTCUSDT", baseCoin: "BTC", quoteCoin: "USDT", type: "perpetual", status: "online" },
      { symbol: "BTCUSDT-261225", baseCoin: "BTC", quoteCoin: "USDT", type: "delivery", status: "online" },
    ],
  },
  htx: {
    status: "ok",
    data: [
      { symbol: "BTC", contract_code: "BTC-USDT", contract_size: 0.001, contract_status: 1 },
      { symbol: "BTC", contract_code: "BTC-USDT-261225", contract_size: 0.001, contract_status: 1 },
    ],
  },
};

/** The REST answer with past liquidations, where the venue has one. */
export const HISTORIES: Readonly<Partial<Record<ExchangeName, unknown>>> = {
  deribit: {
    jsonrpc: "2.0",
    result: {
      trades: [
        {
          trade_id: "66460463",
          timestamp: START,
          price: 80_000,
          liquidation: "MT",
          instrument_name: "BTC-PERPETUAL",
          direction: "sell",
          amount: 1120,
        },
      ],
      has_more: false,
    },
  },
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
  gate: [
    {
      time: START / 1000,
      contract: "BTC_USDT",
      size: 600,
      order_size: -200,
      order_price: "79800",
      fill_price: "79900",
      left: 0,
    },
  ],
  bitget: {
    code: "00000",
    data: { list: [{ symbol: "BTCUSDT", side: "buy", price: "79012.5", amount: "987.65625", ts: String(START) }], cursor: "" },
  },
  htx: {
    code: 200,
    data: [
      {
        contract_code: "BTC-USDT",
        direction: "sell",
        offset: "close",
        volume: 227,
        price: 79_900.5,
        created_at: START,
        amount: 0.227,
        trade_turnover: 18_137.4135,
      },
    ],
  },
};
