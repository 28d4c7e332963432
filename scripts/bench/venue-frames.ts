import type { ExchangeName } from "../../src/liquidation.ts";

/** Time of the first frame, ms. */
export const START = 1_795_000_000_000;
export const COINS = [
  { coin: "BTC", price: 80_000, digits: 1 },
  { coin: "ETH", price: 2_750, digits: 2 },
  { coin: "SOL", price: 140, digits: 3 },
] as const;

type Coin = (typeof COINS)[number];

/** One moment of one coin, from which a frame is written. */
export interface Moment {
  readonly coin: Coin["coin"];
  readonly time: number;
  readonly long: boolean;
  readonly size: number;
  /** The price moved by some basis points, as the venue writes it. */
  price(bps: number): string;
}

export type Writer = (moment: Moment) => unknown;

/** Writers of one venue, each with its frames a second over three coins as the docs or the captures have them. */
interface Venue {
  readonly opening?: readonly unknown[];
  readonly liquidation?: Writer;
  readonly market: readonly (readonly [perSecond: number, write: Writer])[];
}

export const VENUES: Readonly<Record<ExchangeName, Venue>> = {
  binance: {
    liquidation: ({ coin, time, long, size, price }) => {
      const s = `${coin}USDT`;
      const q = String(size);
      const o = {
        s,
        S: long ? "SELL" : "BUY",
        o: "LIMIT",
        f: "IOC",
        q,
        p: price(-90),
        ap: price(-2),
        X: "FILLED",
        l: "0.001",
        z: q,
        T: time,
        ps: s,
        st: 1,
      };
      return { stream: `${s.toLowerCase()}@forceOrder`, data: { e: "forceOrder", E: time + 980, o } };
    },
    market: [
      [
        3,
        ({ coin, time, price }) => {
          const data = {
            e: "markPriceUpdate",
            E: time,
            s: `${coin}USDT`,
            p: price(0),
            ap: price(1),
            P: price(2),
            i: price(3),
            r: "0.00010000",
            T: START,
            st: 1,
          };
          return { stream: `${coin.toLowerCase()}usdt@markPrice@1s`, data };
        },
      ],
      [
        6,
        (moment) => {
          const s = `${moment.coin}USDT`;
          const { time } = moment;
          const data = {
            e: "depthUpdate",
            E: time,
            T: time - 3,
            s,
            ps: s,
            U: 1,
            u: 9,
            pu: 0,
            b: levels(moment, 20, -1),
            a: levels(moment, 20, 1),
            st: 1,
          };
          return { stream: `${s.toLowerCase()}@depth20@500ms`, data };
        },
      ],
    ],
  },
  bybit: {
    liquidation: ({ coin, time, long, size, price }) => ({
      topic: `allLiquidation.${coin}USDT`,
      type: "snapshot",
      ts: time + 300,
      data: [{ T: time, s: `${coin}USDT`, S: long ? "Buy" : "Sell", v: String(size), p: price(-30) }],
    }),
    market: [
      [
        30,
        ({ coin, time, price }) => ({
          topic: `tickers.${coin}USDT`,
          type: "delta",
          data: {
            symbol: `${coin}USDT`,
            markPrice: price(0),
            indexPrice: price(1),
            bid1Price: price(-0.1),
            bid1Size: "1.2",
            ask1Price: price(0.1),
            ask1Size: "3",
          },
          cs: time,
          ts: time,
        }),
      ],
      [
        150,
        (moment) => ({
          topic: `orderbook.50.${moment.coin}USDT`,
          type: "delta",
          ts: moment.time,
          data: { s: `${moment.coin}USDT`, b: levels(moment, 3, -1), a: levels(moment, 3, 1), u: moment.time, seq: moment.time },
          cts: moment.time,
        }),
      ],
    ],
  },
  okx: {
    liquidation: ({ coin, time, long, size, price }) => {
      const side = long ? "sell" : "buy";
      const detail = {
        bkLoss: "0",
        bkPx: price(0),
        ccy: "",
        posSide: long ? "long" : "short",
        side,
        sz: (size * 100).toFixed(2),
        ts: String(time),
      };
      const pair = `${coin}-USDT`;
      const data = [{ details: [detail], instFamily: pair, instId: `${pair}-SWAP`, instType: "SWAP", uly: pair }];
      return { arg: { channel: "liquidation-orders", instType: "SWAP" }, data };
    },
    market: [
      [15, ({ coin, time, price }) => okxPush("mark-price", `${coin}-USDT-SWAP`, { instType: "SWAP", markPx: price(0), ts: String(time) })],
      [
        30,
        ({ coin, time, price }) =>
          okxPush("index-tickers", `${coin}-USDT`, {
            idxPx: price(0),
            open24h: price(9),
            high24h: price(90),
            low24h: price(-90),
            sodUtc0: price(2),
            sodUtc8: price(3),
            ts: String(time),
          }),
      ],
      [
        1,
        ({ coin, time, size }) =>
          okxPush("open-interest", `${coin}-USDT-SWAP`, { instType: "SWAP", oi: "900000", oiCcy: String(size * 1e4), ts: String(time) }),
      ],
      [
        30,
        (moment) => {
          const rows = (sign: 1 | -1) => levels(moment, 5, sign).map((level) => [...level, "0", "4"]);
          return okxPush("books5", `${moment.coin}-USDT-SWAP`, {
            asks: rows(1),
            bids: rows(-1),
            ts: String(moment.time),
            seqId: moment.time,
          });
        },
      ],
    ],
  },
  kucoin: {
    market: [
      [
        3,
        ({ coin, time, price }) =>
          kucoinMessage("/contract/instrument", coin, "mark.index.price", {
            markPrice: Number(price(0)),
            indexPrice: Number(price(1)),
            granularity: 1000,
            timestamp: time,
          }),
      ],
      [
        20,
        ({ coin, time, price }) =>
          kucoinMessage("/contractMarket/tickerV2", coin, "tickerV2", {
            symbol: kucoinName(coin),
            sequence: time,
            bestBidSize: 713,
            bestBidPrice: price(-0.1),
            bestAskPrice: price(0.1),
            bestAskSize: 37,
            ts: time * 1e6,
          }),
      ],
      [
        30,
        (moment) => {
          const rows = (sign: 1 | -1) => levels(moment, 50, sign).map(([price]) => [price, 12]);
          return kucoinMessage("/contractMarket/level2Depth50", moment.coin, "level2", {
            bids: rows(-1),
            sequence: moment.time,
            timestamp: moment.time,
            ts: moment.time,
            asks: rows(1),
          });
        },
      ],
      [
        3,
        ({ coin, time, price }) => ({
          T: "mark-price",
          P: time * 1e6,
          d: { s: kucoinName(coin), mp: price(0), ip: price(1), oi: "11481754", ts: time },
        }),
      ],
    ],
  },
  bitfinex: {
    opening: [
      { event: "subscribed", channel: "status", chanId: 100, key: "liq:global" },
      ...COINS.flatMap(({ coin }, index) => [
        { event: "subscribed", channel: "status", chanId: 200 + index, key: `deriv:t${coin}F0:USTF0` },
        { event: "subscribed", channel: "book", chanId: 300 + index, symbol: `t${coin}F0:USTF0`, prec: "P0", freq: "F0", len: "25" },
      ]),
    ],
    liquidation: ({ coin, time, long, size, price }) => [
      100,
      [
        [
          "pos",
          187_000_000 + (time - START),
          time,
          null,
          `t${coin}F0:USTF0`,
          long ? size : -size,
          Number(price(300)),
          null,
          0,
          1,
          null,
          Number(price(0)),
        ],
      ],
      7,
      time,
    ],
    market: [
      [
        3,
        ({ coin, time, price }) => {
          const mark = Number(price(0));
          const row = [
            time,
            null,
            mark,
            mark + 0.5,
            null,
            62_210_384.9,
            null,
            time,
            0.00015,
            3873,
            null,
            0.0001,
            null,
            null,
            mark,
            null,
            null,
            8851.8,
          ];
          return [200 + indexOf(coin), row, 8, time];
        },
      ],
      [30, ({ coin, time, long, size, price }) => [300 + indexOf(coin), [Number(price(long ? -1 : 1)), 2, long ? size : -size], 9, time]],
      [1, ({ coin, time }) => [300 + indexOf(coin), "hb", 10, time]],
    ],
  },
};

function okxPush(channel: string, instId: string, row: object): unknown {
  return { arg: { channel, instId }, data: [{ instId, ...row }] };
}

function kucoinName(coin: Coin["coin"]): string {
  return `${coin === "BTC" ? "XBT" : coin}USDTM`;
}

function kucoinMessage(topic: string, coin: Coin["coin"], subject: string, data: object): unknown {
  return { topic: `${topic}:${kucoinName(coin)}`, type: "message", subject, sn: 1, data };
}

function indexOf(coin: Coin["coin"]): number {
  return COINS.findIndex((each) => each.coin === coin);
}

function levels(moment: Moment, count: number, sign: 1 | -1): [string, string][] {
  return Array.from({ length: count }, (_, depth) => [moment.price(sign * (0.1 + depth / 5)), (moment.size + depth).toFixed(3)]);
}
