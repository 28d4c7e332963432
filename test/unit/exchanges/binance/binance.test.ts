import { describe, expect, test } from "vitest";
import { binance } from "../../../../src/exchanges/binance/binance.ts";
import type { Instrument } from "../../../../src/exchanges/exchange.ts";
import {
  RECEIVED_TIME,
  expectNoThrow,
  expectSameWhenParsed,
  kindsOf,
  liquidationsOf,
  onlyLiquidation,
  onlyReason,
  readFrame,
  scopeOf,
} from "../frame-reading.ts";

const ORDER = {
  s: "BTCUSDT",
  S: "SELL",
  o: "LIMIT",
  f: "IOC",
  q: "0.800",
  p: "79000.00",
  ap: "80000.50",
  X: "FILLED",
  l: "0.100",
  z: "0.500",
  T: 1_795_000_000_000,
};

function forceOrder(changes: object = {}, beside: object = {}): object {
  return { e: "forceOrder", E: 1_795_000_001_000, o: { ...ORDER, ...changes }, ...beside };
}

function wrapped(data: unknown, stream = "btcusdt@forceOrder"): object {
  return { stream, data };
}

const PEPE: Instrument = {
  instrument: "1000PEPEUSDT",
  symbol: "PEPE",
  quote: "USDT",
  scale: 1000,
  contract: { kind: "base", size: 1 },
  trading: true,
};

describe("a liquidation order", () => {
  test("is priced at the average fill and counted by the filled quantity, not by limit, last fill or original size", () => {
    expect(onlyLiquidation(readFrame(binance, wrapped(forceOrder({ ps: "BTCUSDT", st: 1 }))))).toEqual({
      event_id: "binance:BTCUSDT:1795000000000:SELL:0.5:80000.5",
      exchange: "binance",
      instrument: "BTCUSDT",
      symbol: "BTC",
      quote: "USDT",
      event_time: 1_795_000_000_000,
      position_side: "long",
      order_side: "sell",
      price: 80_000.5,
      price_kind: "average_fill",
      quantity: 0.5,
      contracts: null,
      usd_value: 40_000.25,
      order_type: "LIMIT",
      time_in_force: "IOC",
      order_status: "FILLED",
      average_price: 80_000.5,
      limit_price: 79_000,
      last_filled_quantity: 0.1,
      bankruptcy_loss: null,
      venue_entry_price: null,
      venue_leverage: null,
      venue_position_quantity: null,
      time_kind: "venue",
      coverage: "largest_per_second",
      adapter_version: 2,
    });
  });

  test("that buys closes a short", () => {
    expect(onlyLiquidation(readFrame(binance, forceOrder({ S: "BUY" })))).toMatchObject({ position_side: "short", order_side: "buy" });
  });

  test("has the same id and value wrapped, bare, in an array and spelled in another key order", () => {
    const reversed = Object.fromEntries(Object.entries(ORDER).toReversed());
    const frames = [
      wrapped(forceOrder()),
      forceOrder(),
      [forceOrder()],
      wrapped([forceOrder()], "!forceOrder@arr"),
      { data: { o: reversed, e: "forceOrder" }, stream: "x" },
    ];
    const events = frames.map((frame) => onlyLiquidation(readFrame(binance, frame)));
    expect(new Set(events.map((event) => JSON.stringify(event))).size).toBe(1);
  });

  test("has an id that does not depend on how its numbers are spelled", () => {
    const [one, other] = [{}, { z: "0.5", ap: "80000.500" }].map((spelling) => onlyLiquidation(readFrame(binance, forceOrder(spelling))));
    expect(one?.event_id).toBe(other?.event_id);
  });

  test("falls back to the original quantity where none is filled in", () => {
    const { z: _, ...order } = ORDER;
    expect(onlyLiquidation(readFrame(binance, { e: "forceOrder", o: order })).quantity).toBe(0.8);
  });

  test("with nothing filled is kept with quantity 0", () => {
    expect(onlyLiquidation(readFrame(binance, forceOrder({ z: "0" })))).toMatchObject({ quantity: 0, usd_value: 0 });
  });

  test.each([["0"], [""], [undefined]])("with average price %j has no price rather than the limit price", (ap) => {
    expect(onlyLiquidation(readFrame(binance, forceOrder({ ap })))).toMatchObject({
      event_id: "binance:BTCUSDT:1795000000000:SELL:0.5:",
      price: null,
      price_kind: "average_fill",
      average_price: null,
      limit_price: 79_000,
      quantity: 0.5,
      usd_value: null,
    });
  });

  test("of a status other than filled is kept too", () => {
    expect(onlyLiquidation(readFrame(binance, forceOrder({ X: "PARTIALLY_FILLED" }))).order_status).toBe("PARTIALLY_FILLED");
  });

  test("of a multiplied contract is rescaled to the coin, and is worth the same", () => {
    const frame = forceOrder({ s: "1000PEPEUSDT", z: "500", l: "20", ap: "0.5", p: "0.25" });
    expect(onlyLiquidation(readFrame(binance, frame, scopeOf(binance, ["PEPE"], [PEPE])))).toMatchObject({
      symbol: "PEPE",
      price: 0.0005,
      quantity: 500_000,
      usd_value: 250,
      limit_price: 0.000_25,
      last_filled_quantity: 20_000,
    });
  });

  test("of a contract the table lacks counts coins where the name is plain USD-M, also with non-ASCII names", () => {
    const events = ["牛来USDT", "1000BONKUSDC", "BTCUSDT_270326"].map((s) => onlyLiquidation(readFrame(binance, forceOrder({ s }))));
    expect(events.map(({ symbol, quote, quantity, usd_value }) => [symbol, quote, quantity, usd_value])).toEqual([
      ["牛来", "USDT", 0.5, 40_000.25],
      ["BONK", "USDC", 500, 40_000.25],
      ["BTC", "USDT", 0.5, 40_000.25],
    ]);
  });

  test("of a contract nothing is known of has neither quantity nor value", () => {
    expect(onlyLiquidation(readFrame(binance, forceOrder({ s: "ETHBTC" })))).toMatchObject({
      instrument: "ETHBTC",
      quantity: null,
      usd_value: null,
    });
  });

  test("of another coin than asked for is skipped", () => {
    expect(kindsOf(readFrame(binance, forceOrder({ s: "XRPUSDT" }), scopeOf(binance, ["BTC"])))).toEqual(["skipped"]);
  });

  test("and its identical twin in one array are two, but a repeated frame is the same two", () => {
    const twins = [forceOrder(), forceOrder(), forceOrder({ z: "9" })];
    const ids = [1, 2].map(() => liquidationsOf(readFrame(binance, twins)).map(({ event_id }) => event_id));
    expect(ids[0]).toEqual([
      "binance:BTCUSDT:1795000000000:SELL:0.5:80000.5",
      "binance:BTCUSDT:1795000000000:SELL:0.5:80000.5:1",
      "binance:BTCUSDT:1795000000000:SELL:9:80000.5",
    ]);
    expect(ids[1]).toEqual(ids[0]);
  });
});

describe("a COIN-M order counts contracts of dollars, never coins", () => {
  test.each([
    ["by its name", forceOrder({ s: "BTCUSD_PERP", z: "2304", ap: "76800" })],
    ["by st inside the order", forceOrder({ s: "BTCUSD_PERP", z: "2304", ap: "76800", ps: "BTCUSD", st: 2 })],
    ["by st beside the order", forceOrder({ s: "BTCUSD_PERP", z: "2304", ap: "76800" }, { ps: "BTCUSD", st: 2 })],
  ])("%s", (_, frame) => {
    expect(onlyLiquidation(readFrame(binance, frame, scopeOf(binance, ["BTC"])))).toMatchObject({
      symbol: "BTC",
      quote: "USD",
      contracts: 2304,
      usd_value: 230_400,
      quantity: 3,
      last_filled_quantity: (0.1 * 100) / 76_800,
    });
  });

  test("of 100 USD for BTC and 10 USD for others, perpetual or dated", () => {
    const dated = onlyLiquidation(readFrame(binance, forceOrder({ s: "ETHUSD_270326", z: "7", ap: "3500" })));
    expect(dated).toMatchObject({ symbol: "ETH", usd_value: 70, quantity: 0.02 });
  });

  test("and where the name and st disagree nothing is guessed", () => {
    expect(onlyLiquidation(readFrame(binance, forceOrder({ st: 2 })))).toMatchObject({ contracts: 0.5, quantity: null, usd_value: null });
  });
});

describe("malformed orders are rejected, their neighbours read", () => {
  test.each([
    ["no symbol", { s: undefined }],
    ["an empty symbol", { s: "" }],
    ["no side", { S: undefined }],
    ["an unknown side", { S: "sell" }],
    ["time zero", { T: 0 }],
    ["a negative time", { T: -5 }],
    ["no time", { T: null }],
    ["no quantity", { z: "", q: "x" }],
    ["a negative quantity", { z: "-1" }],
  ])("%s", (_, changes) => {
    const messages = readFrame(binance, [forceOrder({ z: "1" }), forceOrder(changes), forceOrder({ z: "2" })]);
    expect(kindsOf(messages)).toEqual(["liquidation", "reject", "liquidation"]);
  });

  test.each([
    ["not JSON"],
    ["{"],
    [""],
    ["null"],
    ["1"],
    ['"pong"'],
    ["{}"],
    ["[1]"],
    ['{"e":"forceOrder"}'],
    ['{"stream":"x","data":null}'],
  ])("%s", (text) => {
    const messages = readFrame(binance, text);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ kind: "reject", text });
  });

  test("a stream nobody asked for is named", () => {
    expect(onlyReason(readFrame(binance, wrapped({ e: "aggTrade", s: "BTCUSDT" }, "btcusdt@aggTrade")))).toBe("unexpected topic aggTrade");
  });

  test("a book of changes is not taken for a whole book", () => {
    expect(onlyReason(readFrame(binance, wrapped({ e: "depthUpdate", s: "BTCUSDT", b: [], a: [] }, "btcusdt@depth@100ms")))).toBe(
      "unexpected topic depthUpdate",
    );
  });
});

describe("market streams", () => {
  const MARK = {
    e: "markPriceUpdate",
    E: 1_795_000_000_001,
    s: "BTCUSDT",
    p: "80001.5",
    ap: "1",
    P: "2",
    i: "80002.5",
    r: "-0.0001",
    T: 3,
    st: 1,
  };

  test("mark price, index and funding come from one frame; the moving average is not the mark", () => {
    expect(readFrame(binance, wrapped(MARK, "btcusdt@markPrice@1s"))).toEqual([
      { kind: "mark", instrument: "BTCUSDT", price: 80_001.5, time: 1_795_000_000_001 },
      { kind: "index", instrument: "BTCUSDT", price: 80_002.5 },
      { kind: "funding", instrument: "BTCUSDT", rate: -0.0001 },
    ]);
  });

  test("the all-market array is read item by item", () => {
    const items = [MARK, { ...MARK, s: "1000PEPEUSDT", p: "0.5", i: "", r: "" }, { ...MARK, p: "0" }];
    const messages = readFrame(binance, wrapped(items, "!markPrice@arr@1s"));
    expect(kindsOf(messages)).toEqual(["mark", "index", "funding", "mark", "reject"]);
    expect(messages[3]).toMatchObject({ instrument: "1000PEPEUSDT", price: 0.0005 });
  });

  test("where the venue's time is missing the time of receipt stands in", () => {
    expect(readFrame(binance, { ...MARK, E: null })[0]).toMatchObject({ time: RECEIVED_TIME });
  });

  const BOOK = { e: "depthUpdate", E: 1, T: 1, s: "BTCUSDT", U: 1, u: 2, pu: 0, b: [["80000.0", "1.5"]], a: [["80000.1", "0.5"]] };

  test("a depth frame is handed on as text, in the usual spelling or another", () => {
    const usual = JSON.stringify(wrapped(BOOK, "btcusdt@depth20@500ms"));
    const unusual = JSON.stringify({ data: BOOK, stream: "btcusdt@depth20@500ms" });
    for (const text of [usual, unusual, ` ${usual}`]) {
      expect(readFrame(binance, text)).toEqual([{ kind: "book_text", instrument: "BTCUSDT", text }]);
      expect(binance.readBook(text)).toEqual({ bids: [["80000.0", "1.5"]], asks: [["80000.1", "0.5"]] });
    }
  });

  test("a depth frame that was cut off is rejected", () => {
    expect(onlyReason(readFrame(binance, JSON.stringify(wrapped(BOOK, "btcusdt@depth20@500ms")).slice(0, -5)))).toBe("malformed frame");
  });

  test.each([["{"], ["null"], ["{}"], ['{"data":{"b":[["1","2"]]}}'], ['{"data":{"b":[["1"]],"a":[]}}'], ['{"data":{"b":[1],"a":[]}}']])(
    "%s is no book",
    (text) => {
      expect(binance.readBook(text)).toBeNull();
    },
  );
});

test("acknowledgements, stream lists and errors are distinguished", () => {
  const frames = [
    { result: null, id: 1 },
    { result: ["!forceOrder@arr"], id: 1 },
    { error: { code: 2 }, id: 1 },
    { code: 3, msg: "bad" },
  ];
  expect(frames.map((frame) => readFrame(binance, frame)[0]?.kind)).toEqual(["subscribed", "subscriptions", "error", "error"]);
});

describe("a liquidation frame in its usual spelling reads as the parser reads it", () => {
  test.each([
    ["with the new fields", { ps: "BTCUSDT", st: 1 }],
    ["of COIN-M", { ps: "BTCUSD", st: 2 }],
    ["without them", {}],
  ])("%s", (_, added) => {
    expectSameWhenParsed(binance, (field) =>
      wrapped(forceOrder({ q: field(), p: field(), ap: field(), l: field(), z: field(), ...added })),
    );
  });

  test("whatever stands in its texts", () => {
    expectSameWhenParsed(binance, (field) => wrapped(forceOrder({ s: field(), o: field(), f: field(), X: field(), T: field() })));
  });

  test.each([[0], [-1], [1.5], [1e21]])("at time %d", (T) => {
    expectSameWhenParsed(binance, () => wrapped(forceOrder({ T })));
  });
});

test("no garbled frame throws", () => {
  const frames = [
    wrapped(forceOrder({ st: 1 })),
    [forceOrder()],
    wrapped({ e: "markPriceUpdate", E: 1, s: "BTCUSDT", p: "1", i: "2", r: "3" }, "x"),
    { result: null },
  ];
  expectNoThrow(
    () => binance.createDecoder(scopeOf(binance, "*", [PEPE])),
    frames.map((frame) => JSON.stringify(frame)),
  );
});
