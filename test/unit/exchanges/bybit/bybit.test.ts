import { describe, expect, test } from "vitest";
import { bybit } from "../../../../src/exchanges/bybit/bybit.ts";
import {
  expectNoThrow,
  expectSameWhenParsed,
  kindsOf,
  liquidationsOf,
  onlyLiquidation,
  onlyReason,
  readFrame,
  scopeOf,
} from "../frame-reading.ts";

const ROW = { T: 1_795_000_000_000, s: "BTCUSDT", S: "Buy", v: "0.250", p: "79600.00" };

function liquidations(...rows: readonly unknown[]): object {
  return { topic: "allLiquidation.BTCUSDT", type: "snapshot", ts: 1_795_000_000_400, data: rows };
}

describe("a liquidation", () => {
  test("with S Buy is a long that was liquidated, priced at its bankruptcy price", () => {
    expect(onlyLiquidation(readFrame(bybit, liquidations(ROW)))).toEqual({
      event_id: "bybit:BTCUSDT:1795000000000:Buy:0.25:79600",
      exchange: "bybit",
      instrument: "BTCUSDT",
      symbol: "BTC",
      quote: "USDT",
      event_time: 1_795_000_000_000,
      position_side: "long",
      order_side: "sell",
      price: 79_600,
      price_kind: "bankruptcy",
      quantity: 0.25,
      contracts: null,
      usd_value: 19_900,
      order_type: null,
      time_in_force: null,
      order_status: null,
      average_price: null,
      limit_price: null,
      last_filled_quantity: null,
      bankruptcy_loss: null,
      venue_entry_price: null,
      venue_leverage: null,
      venue_position_quantity: null,
      time_kind: "venue",
      coverage: "all_reported",
      adapter_version: 3,
    });
  });

  test("with S Sell is a short", () => {
    expect(onlyLiquidation(readFrame(bybit, liquidations({ ...ROW, S: "Sell" })))).toMatchObject({
      position_side: "short",
      order_side: "buy",
    });
  });

  test("comes in batches, twins in one batch are two, and the batch again is the same", () => {
    const batch = liquidations(ROW, { ...ROW, s: "ETHUSDT" }, ROW, { ...ROW, v: "0.2500" });
    const ids = liquidationsOf(readFrame(bybit, batch)).map(({ event_id }) => event_id);
    expect(ids).toEqual([
      "bybit:BTCUSDT:1795000000000:Buy:0.25:79600",
      "bybit:ETHUSDT:1795000000000:Buy:0.25:79600",
      "bybit:BTCUSDT:1795000000000:Buy:0.25:79600:1",
      "bybit:BTCUSDT:1795000000000:Buy:0.25:79600:2",
    ]);
    expect(liquidationsOf(readFrame(bybit, batch)).map(({ event_id }) => event_id)).toEqual(ids);
  });

  test.each([
    ["1000PEPEUSDT", "PEPE"],
    ["SHIB1000USDT", "SHIB"],
  ])("of %s is rescaled to %s", (s, symbol) => {
    expect(onlyLiquidation(readFrame(bybit, liquidations({ ...ROW, s, v: "500", p: "0.5" })))).toMatchObject({
      symbol,
      price: 0.0005,
      quantity: 500_000,
      usd_value: 250,
    });
  });

  test("of a USDC perpetual is quoted in USDC", () => {
    expect(onlyLiquidation(readFrame(bybit, liquidations({ ...ROW, s: "BTCPERP" })))).toMatchObject({ symbol: "BTC", quote: "USDC" });
  });

  test("of a contract nothing is known of has neither quantity nor value", () => {
    expect(onlyLiquidation(readFrame(bybit, liquidations({ ...ROW, s: "BTC-26MAR27" })))).toMatchObject({
      quantity: null,
      usd_value: null,
    });
  });

  test.each([["0"], [""], [undefined]])("with price %j has none", (p) => {
    expect(onlyLiquidation(readFrame(bybit, liquidations({ ...ROW, p })))).toMatchObject({ price: null, quantity: 0.25, usd_value: null });
  });

  test("of another coin than asked for is skipped", () => {
    expect(kindsOf(readFrame(bybit, liquidations(ROW, { ...ROW, s: "XRPUSDT" }), scopeOf(bybit, ["XRP"])))).toEqual([
      "skipped",
      "liquidation",
    ]);
  });

  test.each([
    ["no object", 7],
    ["no symbol", { ...ROW, s: undefined }],
    ["an unknown side", { ...ROW, S: "buy" }],
    ["no time", { ...ROW, T: "" }],
    ["time zero", { ...ROW, T: 0 }],
    ["no size", { ...ROW, v: "" }],
    ["a negative size", { ...ROW, v: "-1" }],
  ])("with %s is rejected alone", (_, row) => {
    expect(kindsOf(readFrame(bybit, liquidations(ROW, row, ROW)))).toEqual(["liquidation", "reject", "liquidation"]);
  });

  test("in the retired topic is not taken", () => {
    const retired = { topic: "liquidation.BTCUSDT", data: { symbol: "BTCUSDT", side: "Sell", price: "1", qty: "1", time: 1 } };
    expect(onlyReason(readFrame(bybit, retired))).toBe("unexpected topic liquidation.BTCUSDT");
  });
});

describe("answers", () => {
  test.each([
    ["a pong, whose op stays ping", { success: true, ret_msg: "pong", conn_id: "c", req_id: "1", op: "ping" }, "pong"],
    ["a pong of other sockets", { op: "pong", args: ["1"] }, "pong"],
    ["an acknowledgement", { success: true, ret_msg: "", conn_id: "c", req_id: "1", op: "subscribe" }, "subscribed"],
    ["a refused topic", { success: false, ret_msg: "error:handler not found,topic:X", op: "subscribe" }, "refused"],
    ["a refused ping", { success: false, ret_msg: "error:invalid op", op: "pong" }, "error"],
    ["anything else", { hello: 1 }, "reject"],
  ])("%s", (_, frame, kind) => {
    expect(kindsOf(readFrame(bybit, frame))).toEqual([kind]);
  });

  test.each([["{"], [""], ["null"], ["[]"], ["pong"]])("%j is rejected", (text) => {
    expect(readFrame(bybit, text)).toMatchObject([{ kind: "reject", text }]);
  });
});

describe("a liquidation frame in its usual spelling reads as the parser reads it", () => {
  test("with one row or several", () => {
    expectSameWhenParsed(bybit, (field) => liquidations({ ...ROW, v: field(), p: field() }));
    expectSameWhenParsed(bybit, (field) => liquidations(ROW, { ...ROW, v: field(), p: field() }, ROW, { ...ROW, s: field(), S: "Sell" }));
  });

  test.each([[0], [-1], [1.5], [1e21]])("at time %d", (T) => {
    expectSameWhenParsed(bybit, () => liquidations({ ...ROW, T }));
  });

  test("with rows of other fields, or none", () => {
    expectSameWhenParsed(bybit, (field) => liquidations(ROW, { ...ROW, L: field() }));
    expectSameWhenParsed(bybit, () => liquidations());
  });
});

test("no garbled frame throws", () => {
  const frames = [
    liquidations(ROW, ROW),
    { topic: "tickers.BTCUSDT", type: "delta", ts: 1, data: { symbol: "BTCUSDT", markPrice: "1", bid1Price: "1", ask1Price: "2" } },
    { topic: "orderbook.50.BTCUSDT", type: "delta", ts: 1, data: { s: "BTCUSDT", b: [["1", "2"]], a: [], u: 5 } },
    { success: true, ret_msg: "pong", op: "ping" },
  ];
  expectNoThrow(
    () => bybit.createDecoder(scopeOf(bybit, "*")),
    frames.map((frame) => JSON.stringify(frame)),
  );
});
