import type { ExchangeName } from "../../src/liquidation.ts";
import { COINS, type Moment, START, VENUES } from "../bench/venue-frames.ts";
import type { Random } from "../simulator/random.ts";

/** Time between two frames of a session, ms. */
const FRAME_MS = 40;
/** From the venue's time of a frame to its arrival, ms. */
const DELAY_MS = 50;
/** Liquidations are one frame in three, because they are what is stored. */
const LIQUIDATION_SHARE = 0.33;
const CONTROL_SHARE = 0.1;

/** A valid frame of a venue and the time of its arrival, ms. A string is a frame that is not JSON. */
export interface Original {
  readonly frame: unknown;
  readonly receivedTime: number;
}

/** A frame that the venue may send at a moment: a liquidation, market data or an answer. */
export function originalFrame(exchange: ExchangeName, index: number, random: Random): Original {
  const moment = momentOf(index, random);
  const receivedTime = moment.time + DELAY_MS;
  if (random.chance(CONTROL_SHARE)) return { frame: random.weighted(CONTROL[exchange].map((frame) => [frame, 1] as const)), receivedTime };
  const { liquidation, market } = VENUES[exchange];
  const write = liquidation !== undefined && random.chance(LIQUIDATION_SHARE) ? liquidation : anyOf(market, random);
  return { frame: write(moment), receivedTime };
}

/** A frame of market data alone. */
export function originalMarketFrame(exchange: ExchangeName, index: number, random: Random): Original {
  const moment = momentOf(index, random);
  return { frame: anyOf(VENUES[exchange].market, random)(moment), receivedTime: moment.time + DELAY_MS };
}

/** The frames that a session of the venue begins with. */
export function openingFrames(exchange: ExchangeName): readonly string[] {
  return (VENUES[exchange].opening ?? []).map((frame) => JSON.stringify(frame));
}

/** Each kind of frame is as likely as the others, however often the venue sends it. */
function anyOf(market: (typeof VENUES)[ExchangeName]["market"], random: Random): (moment: Moment) => unknown {
  return random.weighted(market.map(([, write]) => [write, 1] as const));
}

function momentOf(index: number, random: Random): Moment {
  const { coin, price, digits } = random.weighted(COINS.map((each) => [each, 1] as const));
  const now = price * (1 + 0.01 * (random.uniform() - 0.5));
  return {
    coin,
    time: START + index * FRAME_MS,
    long: random.chance(0.6),
    size: Number((0.001 + 5 * random.uniform() ** 3).toFixed(3)),
    price: (bps) => (now * (1 + bps / 10_000)).toFixed(digits),
  };
}

const BYBIT_ANSWER = { success: true, ret_msg: "", conn_id: "3cd84cb1", req_id: "liquidation-1", op: "subscribe" };
const KUCOIN_MATCH = {
  symbol: "XBTUSDTM",
  side: "sell",
  size: 2,
  price: "76468.6",
  takerOrderId: "48459",
  tradeId: "1942648",
  ts: START * 1e6,
};

const DERIBIT_TRADE = {
  trade_seq: 1,
  trade_id: "66460463",
  timestamp: START,
  price: 80_000,
  instrument_name: "BTC-PERPETUAL",
  index_price: 80_001,
  direction: "sell",
  amount: 1120,
};

/** Answers, heartbeats, rarer rows and frames of many rows, which the frames for measuring leave out. */
const CONTROL: Readonly<Record<ExchangeName, readonly unknown[]>> = {
  binance: [
    { result: null, id: 1 },
    { result: ["!forceOrder@arr", "btcusdt@forceOrder"], id: 1 },
    { error: { code: 2, msg: "Invalid request" }, id: 1 },
    [
      { e: "markPriceUpdate", E: START, s: "ETHUSDT", p: "2750", i: "2751", r: "0.0001", T: START },
      {
        e: "forceOrder",
        E: START,
        o: { s: "BTCUSD_PERP", S: "BUY", o: "LIMIT", f: "IOC", q: "9", p: "1", ap: "80000", X: "NEW", l: "1", z: "9", T: START, st: 2 },
      },
    ],
  ],
  bybit: [
    BYBIT_ANSWER,
    { ...BYBIT_ANSWER, ret_msg: "pong", op: "ping" },
    { ...BYBIT_ANSWER, success: false, ret_msg: "error:handler not found,topic:allLiquidation.NOPEUSDT" },
    { ...BYBIT_ANSWER, op: "unsubscribe" },
    {
      topic: "tickers.BTCUSDT",
      type: "snapshot",
      data: {
        symbol: "BTCUSDT",
        markPrice: "80000",
        indexPrice: "80001",
        fundingRate: "0.0001",
        openInterest: "52000",
        singleOpenInterest: "26000",
        bid1Price: "79999",
        ask1Price: "80001",
      },
      ts: START,
    },
    {
      topic: "orderbook.200.BTCUSDT",
      type: "snapshot",
      ts: START,
      data: { s: "BTCUSDT", b: [["79999", "1"]], a: [["80001", "2"]], u: 1, seq: 1 },
    },
  ],
  okx: [
    "pong",
    { event: "subscribe", id: "liquidations", arg: { channel: "liquidation-orders", instType: "SWAP" }, connId: "1" },
    { event: "error", id: "liquidations", code: "60018", msg: "Wrong URL or channel", connId: "1" },
    { event: "notice", code: "64008", msg: "The connection will soon be closed for a service upgrade.", connId: "1" },
    {
      arg: { channel: "books", instId: "BTC-USDT-SWAP" },
      action: "snapshot",
      data: [
        { asks: [["80001", "2", "0", "1"]], bids: [["79999", "1", "0", "1"]], ts: String(START), checksum: 0, seqId: 10, prevSeqId: -1 },
      ],
    },
    {
      arg: { channel: "adl-warning", instType: "SWAP", instFamily: "BTC-USDT" },
      data: ["warning", "adl"].map((state) => ({
        instType: "SWAP",
        instFamily: "BTC-USDT",
        ccy: "USDT",
        state,
        bal: "280784384.95",
        ts: String(START),
      })),
    },
    {
      arg: { channel: "funding-rate", instId: "BTC-USDT-SWAP" },
      data: [{ instId: "BTC-USDT-SWAP", fundingRate: "0.0001", ts: String(START) }],
    },
  ],
  kucoin: [
    { id: "1", type: "welcome" },
    { id: "1", type: "ack" },
    { id: "1", type: "pong", timestamp: START * 1e3 },
    { id: "1", type: "error", code: 404, data: "topic does not exist" },
    { topic: "/contractMarket/execution:XBTUSDTM", type: "message", subject: "match", sn: 1, data: KUCOIN_MATCH },
    {
      topic: "/contract/instrument:XBTUSDTM",
      type: "message",
      subject: "funding.rate",
      data: { granularity: 60_000, fundingRate: -0.002, timestamp: START },
    },
  ],
  bitfinex: [
    { event: "info", version: 2, serverId: "fb5877a3", platform: { status: 1 } },
    { event: "info", code: 20_051, msg: "Stopping. Please try to reconnect" },
    { event: "conf", status: "OK", flags: 196_608 },
    { event: "subscribed", channel: "status", chanId: 100, key: "liq:global" },
    { event: "unsubscribed", status: "OK", chanId: 100 },
    { channel: "book", symbol: "tICPF0:USTF0", event: "error", msg: "subscribe: limit", code: 10_305, pair: "ICPF0:USTF0" },
    [100, "hb", 2043, START, "liquidations", "global"],
    [
      300,
      [
        [79_999, 1, 2],
        [80_001, 1, -2],
      ],
      4,
      START,
    ],
  ],
  deribit: [
    { jsonrpc: "2.0", id: "topics-1-2", result: ["trades.BTC-PERPETUAL.100ms", "ticker.BTC-PERPETUAL.100ms"] },
    { jsonrpc: "2.0", id: "topics-2-2", result: ["trades.ETH-PERPETUAL.100ms"] },
    { jsonrpc: "2.0", id: "topics-3-1", error: { code: 11_050, message: "bad_request" } },
    { jsonrpc: "2.0", id: "heartbeat", result: "ok" },
    { jsonrpc: "2.0", method: "heartbeat", params: { type: "test_request" } },
    {
      jsonrpc: "2.0",
      method: "subscription",
      params: { channel: "trades.BTC-PERPETUAL.100ms", data: [{ ...DERIBIT_TRADE, liquidation: "MT" }, DERIBIT_TRADE] },
    },
    {
      jsonrpc: "2.0",
      method: "subscription",
      params: {
        channel: "book.BTC-PERPETUAL.100ms",
        data: {
          type: "snapshot",
          timestamp: START,
          instrument_name: "BTC-PERPETUAL",
          change_id: 9,
          bids: [["new", 79_999, 10]],
          asks: [["new", 80_001, 20]],
        },
      },
    },
  ],
  bitmex: [
    "pong",
    { info: "Welcome to the BitMEX Realtime API.", version: "2.0.0", limit: { remaining: 719 } },
    { success: true, subscribe: "liquidation", request: { op: "subscribe", args: ["liquidation"] } },
    { status: 400, error: "Unknown or expired symbol.", meta: {}, request: { op: "subscribe", args: ["instrument:NOPE"] } },
    { table: "liquidation", action: "partial", data: [] },
    { table: "liquidation", action: "insert", data: [{ orderID: "a8", symbol: "XBTUSD", side: "Buy", price: 80_100, leavesQty: 12_900 }] },
    { table: "liquidation", action: "update", data: [{ orderID: "a8", symbol: "XBTUSD", price: 80_200, leavesQty: 21_600 }] },
    { table: "liquidation", action: "delete", data: [{ orderID: "a8", symbol: "XBTUSD" }] },
  ],
  aster: [
    { result: null, id: 1 },
    { result: ["btcusdt@forceOrder"], id: 1 },
    { error: { code: 2, msg: "Invalid request" }, id: 1 },
    ...["MARKET", "INSURANCE_FUND", "ADL"].map((X) => ({
      stream: "btcusdt@trade",
      data: { e: "trade", E: START, T: START, s: "BTCUSDT", t: 1, p: "80000", q: "0.1", X, m: true },
    })),
    { stream: "!markPrice@arr@1s", data: [{ e: "markPriceUpdate", E: START, s: "ETHUSDT", p: "2750", i: "2751", r: "0.0001", T: START }] },
  ],
  lighter: [
    { session_id: "1", type: "connected" },
    { type: "pong" },
    { type: "ping" },
    { error: { code: 30_005, message: "Invalid Channel: (trade/9999)" } },
    { type: "unsubscribed", channel: "trade:1" },
    { type: "subscribed/trade", channel: "trade:1", nonce: 1, trades: [], liquidation_trades: [] },
    {
      type: "subscribed/order_book",
      channel: "order_book:1",
      order_book: { code: 0, asks: [{ price: "80001", size: "1" }], bids: [{ price: "79999", size: "2" }], nonce: 1, begin_nonce: 0 },
      timestamp: START,
    },
  ],
  gate: [
    { time: START / 1000, channel: "futures.pong", event: "", result: null },
    { channel: "futures.public_liquidates", event: "subscribe", error: null, result: { status: "success" } },
    { channel: "futures.tickers", id: 101, event: "subscribe", error: { code: 2, message: "unknown contract NOPE_USDT" }, result: null },
    { channel: "futures.public_liquidates", event: "unsubscribe", result: { status: "success" } },
    {
      channel: "futures.public_liquidates",
      event: "update",
      result: [
        { price: "80000", size: "-12.5", time: START / 1000, contract: "BTC_USDT" },
        { price: "80000", size: -12, time: START, contract: "BTC_USDT" },
      ],
    },
  ],
  bitget: [
    "pong",
    { event: "subscribe", arg: { instType: "usdt-futures", topic: "liquidation" } },
    { event: "error", arg: { instType: "usdt-futures", topic: "ticker", symbol: "NOPEUSDT" }, code: "30001", msg: "doesn't exist" },
    { event: "unsubscribe", arg: { instType: "usdt-futures", topic: "liquidation" } },
    {
      action: "update",
      arg: { instType: "usdt-futures", topic: "books50", symbol: "BTCUSDT" },
      data: [{ a: [["80001", "0"]], b: [["79999", "1.5"]], checksum: 0, seq: 12, pseq: 11, ts: String(START) }],
      ts: START,
    },
  ],
  htx: [
    { op: "ping", ts: String(START) },
    { ping: START },
    { op: "sub", cid: "liquidations", topic: "public.*.liquidation_orders", ts: START, "err-code": 0 },
    { op: "sub", cid: "topics-1", topic: "public.NOPE-USDT.funding_rate", ts: START, "err-code": 2011, "err-msg": "Invalid topic" },
    { op: "unsub", topic: "public.*.liquidation_orders", "err-code": 0 },
    { op: "close", ts: START },
    { id: "index-1", status: "ok", subbed: "market.BTC-USDT.index.1min", ts: START },
    { op: "notify", topic: "public.BTC-USDT.funding_rate", ts: START, data: [{ contract_code: "BTC-USDT", funding_rate: "0.0001" }] },
  ],
};
