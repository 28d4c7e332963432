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
        // Two topics of 1,000 levels every 200 ms and one of 200 every 100 ms.
        20,
        (moment) => ({
          topic: `orderbook.${moment.coin === "SOL" ? 200 : 1000}.${moment.coin}USDT`,
          type: "delta",
          ts: moment.time,
          data: { s: `${moment.coin}USDT`, b: levels(moment, 15, -1), a: levels(moment, 15, 1), u: moment.time, seq: moment.time },
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
          const rows = (sign: 1 | -1) => levels(moment, 15, sign).map((level) => [...level, "0", "4"]);
          const numbers = { ts: String(moment.time), checksum: 0, seqId: moment.time, prevSeqId: moment.time - 1 };
          const arg = { channel: "books", instId: `${moment.coin}-USDT-SWAP` };
          return { arg, action: "update", data: [{ asks: rows(1), bids: rows(-1), ...numbers }] };
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
  deribit: {
    liquidation: (moment) => deribitPush("trades", moment, [deribitTrade(moment, { liquidation: "T" })]),
    market: [
      [10, (moment) => deribitPush("trades", moment, [deribitTrade(moment, {})])],
      [
        30,
        (moment) =>
          deribitPush("ticker", moment, {
            funding_8h: 0.0001,
            best_bid_price: Number(moment.price(-0.1)),
            best_ask_price: Number(moment.price(0.1)),
            open_interest: 1_000_000,
            mark_price: Number(moment.price(0)),
            index_price: Number(moment.price(1)),
            instrument_name: deribitName(moment.coin),
            stats: { volume_usd: 2e8 },
            timestamp: moment.time,
          }),
      ],
      [
        30,
        (moment) => {
          const rows = (sign: 1 | -1) => levels(moment, 8, sign).map(([price, size]) => ["change", Number(price), Number(size)]);
          const numbers = { timestamp: moment.time, change_id: moment.time, prev_change_id: moment.time - 1 };
          const book = { type: "change", ...numbers, instrument_name: deribitName(moment.coin), bids: rows(-1), asks: rows(1) };
          return deribitPush("book", moment, book);
        },
      ],
    ],
  },
  bitmex: {
    liquidation: ({ coin, time, long, size, price }) => {
      const row = { orderID: `9a519e00-4fe7-4f17-9629-${time}`, symbol: bitmexName(coin), side: long ? "Sell" : "Buy" };
      return { table: "liquidation", action: "insert", data: [{ ...row, price: Number(price(-60)), leavesQty: Math.ceil(size * 1e5) }] };
    },
    market: [
      [
        20,
        ({ coin, time, price }) => {
          const prices = {
            markPrice: Number(price(0)),
            indicativeSettlePrice: Number(price(1)),
            bidPrice: Number(price(-0.1)),
            askPrice: Number(price(0.1)),
          };
          return {
            table: "instrument",
            action: "update",
            data: [{ symbol: bitmexName(coin), ...prices, timestamp: new Date(time).toISOString() }],
          };
        },
      ],
    ],
  },
  aster: {
    liquidation: ({ coin, time, long, size, price }) => {
      const [s, q] = [`${coin}USDT`, String(size)];
      const prices = { q, p: price(-90), ap: price(-2), X: "FILLED", l: "0.001", z: q, T: time };
      const o = { s, S: long ? "SELL" : "BUY", o: "LIMIT", f: "IOC", ...prices };
      return { stream: `${s.toLowerCase()}@forceOrder`, data: { e: "forceOrder", E: time + 39, o } };
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
            P: price(2),
            i: price(3),
            r: "0.00010000",
            T: START,
          };
          return { stream: `${coin.toLowerCase()}usdt@markPrice@1s`, data };
        },
      ],
      [
        6,
        (moment) => {
          const sides = { b: levels(moment, 20, -1), a: levels(moment, 20, 1) };
          const data = { e: "depthUpdate", E: moment.time, T: moment.time - 3, s: `${moment.coin}USDT`, U: 1, u: 9, pu: 0, ...sides };
          return { stream: `${moment.coin.toLowerCase()}usdt@depth20@500ms`, data };
        },
      ],
    ],
  },
  lighter: {
    liquidation: (moment) =>
      lighterPush("trade", moment, { nonce: moment.time, trades: [], liquidation_trades: [lighterTrade(moment, "liquidation")] }),
    market: [
      [
        5,
        (moment) => lighterPush("trade", moment, { nonce: moment.time, trades: [lighterTrade(moment, "trade")], liquidation_trades: [] }),
      ],
      [
        6,
        (moment) =>
          lighterPush("market_stats", moment, {
            market_stats: {
              symbol: moment.coin,
              market_id: LIGHTER_IDS[moment.coin],
              index_price: moment.price(1),
              mark_price: moment.price(0),
              open_interest: "124496091.756091",
              current_funding_rate: "0.0012",
              daily_quote_token_volume: 686_539_466.3,
            },
          }),
      ],
      [
        30,
        (moment) => {
          const rows = (sign: 1 | -1) => levels(moment, 8, sign).map(([price, size]) => ({ price, size }));
          const numbers = { offset: moment.time, nonce: moment.time, begin_nonce: moment.time - 1 };
          return lighterPush("order_book", moment, { order_book: { code: 0, asks: rows(1), bids: rows(-1), ...numbers } });
        },
      ],
    ],
  },
  bitget: {
    liquidation: ({ coin, time, long, size, price }) => {
      const row = { symbol: `${coin}USDT`, side: long ? "buy" : "sell", price: price(-90), amount: String(size * Number(price(-90))) };
      return {
        action: "update",
        arg: { instType: "usdt-futures", topic: "liquidation" },
        data: [{ ...row, ts: String(time) }],
        ts: time + 900,
      };
    },
    market: [
      [
        9,
        ({ coin, time, size, price }) =>
          bitgetPush("ticker", coin, time, {
            lastPrice: price(0),
            turnover24h: "2914473798.93",
            volume24h: "37764.7894",
            bid1Price: price(-0.1),
            ask1Price: price(0.1),
            bid1Size: "1.2",
            ask1Size: "3",
            indexPrice: price(1),
            markPrice: price(0),
            fundingRate: "0.0001",
            openInterest: String(size * 1e4),
            nextFundingTime: String(START),
          }),
      ],
      [
        15,
        (moment) =>
          bitgetPush("books50", moment.coin, moment.time, {
            a: levels(moment, 50, 1),
            b: levels(moment, 50, -1),
            checksum: 0,
            seq: moment.time,
            pseq: 0,
            ts: String(moment.time),
          }),
      ],
    ],
  },
  htx: {
    liquidation: ({ coin, time, long, size, price }) => {
      const row = { symbol: coin, contract_code: `${coin}-USDT`, direction: long ? "sell" : "buy", offset: "close", volume: size * 1000 };
      const value = { price: Number(price(-30)), created_at: time, amount: size, trade_turnover: size * Number(price(-30)) };
      return {
        op: "notify",
        topic: `public.${coin}-USDT.liquidation_orders`,
        ts: time + 5,
        data: [{ ...row, ...value, business_type: "swap" }],
      };
    },
    market: [
      [
        6,
        ({ coin, time, price }) => ({
          ch: `market.${coin}-USDT.mark_price.1min`,
          ts: time,
          tick: { id: Math.floor(time / 60_000) * 60, open: price(0), close: price(0), high: price(9), low: price(-9), amount: "0" },
        }),
      ],
      [0.2, ({ time }) => ({ op: "ping", ts: String(time) })],
    ],
  },
  gate: {
    liquidation: ({ coin, time, long, size, price }) =>
      gatePush("futures.public_liquidates", time, [
        { price: price(-30), size: `${long ? "-" : ""}${(size * 1000).toFixed(1)}`, time, contract: `${coin}_USDT` },
      ]),
    market: [
      [
        6,
        ({ coin, time, price }) =>
          gatePush("futures.tickers", time, [
            {
              contract: `${coin}_USDT`,
              last: price(0),
              change_percentage: "0.77",
              funding_rate: "0.0001",
              funding_rate_indicative: "0.0001",
              mark_price: price(0),
              index_price: price(1),
              total_size: "73648",
              volume_24h: "745487577",
              volume_24h_quote: "1665006",
              low_24h: price(-200),
              high_24h: price(200),
            },
          ]),
      ],
    ],
  },
};

function deribitName(coin: Coin["coin"]): string {
  return coin === "SOL" ? "SOL_USDC-PERPETUAL" : `${coin}-PERPETUAL`;
}

function deribitPush(channel: string, { coin }: Moment, data: unknown): unknown {
  return { jsonrpc: "2.0", method: "subscription", params: { channel: `${channel}.${deribitName(coin)}.100ms`, data } };
}

function deribitTrade({ coin, time, long, size, price }: Moment, flag: object): object {
  return {
    trade_seq: time,
    trade_id: String(time),
    timestamp: time,
    price: Number(price(-2)),
    mark_price: Number(price(0)),
    ...flag,
    instrument_name: deribitName(coin),
    index_price: Number(price(1)),
    direction: long ? "sell" : "buy",
    amount: coin === "SOL" ? size : Math.ceil(size * 100) * 10,
  };
}

function bitmexName(coin: Coin["coin"]): string {
  return coin === "BTC" ? "XBTUSD" : `${coin}USDT`;
}

const LIGHTER_IDS: Readonly<Record<Coin["coin"], number>> = { ETH: 0, BTC: 1, SOL: 2 };

function lighterPush(kind: string, { coin, time }: Moment, body: object): unknown {
  return { type: `update/${kind}`, channel: `${kind}:${LIGHTER_IDS[coin]}`, ...body, timestamp: time };
}

function lighterTrade({ coin, time, long, size, price }: Moment, type: "trade" | "liquidation"): object {
  return {
    trade_id: time,
    trade_id_str: String(time),
    type,
    market_id: LIGHTER_IDS[coin],
    size: String(size),
    price: price(-2),
    usd_amount: (size * Number(price(-2))).toFixed(6),
    is_maker_ask: !long,
    timestamp: time,
    taker_position_size_before: String(long ? size : -size),
    taker_entry_quote_before: (size * Number(price(200))).toFixed(6),
    taker_initial_margin_fraction_before: 500,
  };
}

function bitgetPush(topic: string, coin: Coin["coin"], time: number, row: object): object {
  return { action: "snapshot", arg: { instType: "usdt-futures", topic, symbol: `${coin}USDT` }, data: [row], ts: time };
}

function gatePush(channel: string, time: number, result: unknown): object {
  return { time: Math.floor(time / 1000), time_ms: time, channel, event: "update", result };
}

function okxPush(channel: string, instId: string, row: object): object {
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
