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
      topic: "orderbook.50.BTCUSDT",
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
};
