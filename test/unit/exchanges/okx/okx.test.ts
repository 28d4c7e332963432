import { describe, expect, test } from "vitest";
import { okx } from "../../../../src/exchanges/okx/okx.ts";
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

const DETAIL = { bkLoss: "0", bkPx: "80000.5", ccy: "", posSide: "long", side: "sell", sz: "12.5", ts: "1795000000000" };

function group(instId: string, ...details: readonly unknown[]): object {
  const family = instId.replace("-SWAP", "");
  return { details, instFamily: family, instId, instType: "SWAP", uly: family };
}

function liquidations(...data: readonly unknown[]): object {
  return { arg: { channel: "liquidation-orders", instType: "SWAP" }, data };
}

describe("a liquidation", () => {
  test("counts contracts, which are worth their size in coins", () => {
    expect(onlyLiquidation(readFrame(okx, liquidations(group("BTC-USDT-SWAP", DETAIL))))).toEqual({
      event_id: "okx:BTC-USDT-SWAP:1795000000000:long-sell:12.5:80000.5",
      exchange: "okx",
      instrument: "BTC-USDT-SWAP",
      symbol: "BTC",
      quote: "USDT",
      event_time: 1_795_000_000_000,
      position_side: "long",
      order_side: "sell",
      price: 80_000.5,
      price_kind: "liquidation_mark",
      quantity: 0.125,
      contracts: 12.5,
      usd_value: 10_000.0625,
      order_type: null,
      time_in_force: null,
      order_status: null,
      average_price: null,
      limit_price: null,
      last_filled_quantity: null,
      bankruptcy_loss: 0,
      venue_entry_price: null,
      venue_leverage: null,
      venue_position_quantity: null,
      time_kind: "venue",
      coverage: "sampled",
      adapter_version: 2,
    });
  });

  test("of an inverse swap is worth contracts times their dollars, whatever the price", () => {
    const [btc, eth] = liquidationsOf(
      readFrame(
        okx,
        liquidations(
          group("BTC-USD-SWAP", { ...DETAIL, sz: "40", bkPx: "80000" }),
          group("ETH-USD-SWAP", { ...DETAIL, sz: "40", bkPx: "3200" }),
        ),
      ),
    );
    expect(btc).toMatchObject({ quote: "USD", contracts: 40, usd_value: 4000, quantity: 0.05 });
    expect(eth).toMatchObject({ quote: "USD", contracts: 40, usd_value: 400, quantity: 0.125 });
  });

  test.each([
    ["DOGE-USDT-SWAP", "USDT"],
    ["DOGE-USD-SWAP", "USD"],
  ])("of %s, whose size is unknown, keeps its contracts and has no value", (instId, quote) => {
    expect(onlyLiquidation(readFrame(okx, liquidations(group(instId, DETAIL))))).toMatchObject({
      symbol: "DOGE",
      quote,
      contracts: 12.5,
      quantity: null,
      usd_value: null,
      price: 80_000.5,
    });
  });

  test.each([
    ["long", "sell", "long"],
    ["short", "buy", "short"],
    ["net", "sell", "long"],
    ["net", "buy", "short"],
  ])("of posSide %s and side %s closes a %s", (posSide, side, expected) => {
    const event = onlyLiquidation(readFrame(okx, liquidations(group("BTC-USDT-SWAP", { ...DETAIL, posSide, side }))));
    expect(event.position_side).toBe(expected);
    expect(event.order_side).toBe(expected === "long" ? "sell" : "buy");
  });

  test("that is minutes late keeps its own time", () => {
    const late = { ...DETAIL, ts: String(RECEIVED_TIME - 8 * 60_000) };
    expect(onlyLiquidation(readFrame(okx, liquidations(group("BTC-USDT-SWAP", late)))).event_time).toBe(RECEIVED_TIME - 480_000);
  });

  test("and its twin under one instrument or another entry of the frame are two", () => {
    const frame = liquidations(group("BTC-USDT-SWAP", DETAIL, { ...DETAIL, sz: "12.50" }), group("BTC-USDT-SWAP", DETAIL));
    const ids = liquidationsOf(readFrame(okx, frame)).map(({ event_id }) => event_id.replace("okx:BTC-USDT-SWAP:1795000000000:", ""));
    expect(ids).toEqual(["long-sell:12.5:80000.5", "long-sell:12.5:80000.5:1", "long-sell:12.5:80000.5:2"]);
  });

  test("carries the venue's bankruptcy loss", () => {
    expect(onlyLiquidation(readFrame(okx, liquidations(group("BTC-USDT-SWAP", { ...DETAIL, bkLoss: "3.5" })))).bankruptcy_loss).toBe(3.5);
  });

  test.each([["BTC-USDT_UM-SWAP"], ["BTC-USD_UM_XPERP-310404"], ["BTC-USDT-261225"], ["X-BTC-USDT-SWAP"]])(
    "of %s, another family, is skipped",
    (instId) => {
      expect(kindsOf(readFrame(okx, liquidations(group(instId, DETAIL, DETAIL))))).toEqual(["skipped", "skipped"]);
    },
  );

  test("of another coin than asked for is skipped", () => {
    expect(kindsOf(readFrame(okx, liquidations(group("XRP-USDT-SWAP", DETAIL)), scopeOf(okx, ["BTC"])))).toEqual(["skipped"]);
  });

  test.each([
    ["no object", 7],
    ["an unknown position side", { ...DETAIL, posSide: "both" }],
    ["a net position and no side", { ...DETAIL, posSide: "net", side: "" }],
    ["no size", { ...DETAIL, sz: "" }],
    ["a negative size", { ...DETAIL, sz: "-1" }],
    ["no time", { ...DETAIL, ts: "" }],
    ["time zero", { ...DETAIL, ts: "0" }],
  ])("with %s is rejected alone", (_, detail) => {
    const frame = liquidations(group("BTC-USDT-SWAP", DETAIL, detail), { instId: 5 }, group("ETH-USDT-SWAP", DETAIL));
    expect(kindsOf(readFrame(okx, frame))).toEqual(["liquidation", "reject", "reject", "liquidation"]);
  });
});

const push = (channel: string, row: object, instId = "BTC-USDT-SWAP") => ({ arg: { channel, instId }, data: [{ instId, ...row }] });

describe("market channels", () => {
  test.each([
    [
      "mark-price",
      push("mark-price", { markPx: "80000.5", ts: "1795000000009" }),
      { kind: "mark", instrument: "BTC-USDT-SWAP", price: 80_000.5, time: 1_795_000_000_009 },
    ],
    [
      "mark-price without a time",
      push("mark-price", { markPx: "80000.5" }),
      { kind: "mark", instrument: "BTC-USDT-SWAP", price: 80_000.5, time: RECEIVED_TIME },
    ],
    [
      "index-tickers, named by index",
      push("index-tickers", { idxPx: "80001.5" }, "BTC-USDT"),
      { kind: "index", instrument: "BTC-USDT-SWAP", price: 80_001.5 },
    ],
    [
      "funding-rate",
      push("funding-rate", { fundingRate: "-0.0001", nextFundingRate: "" }),
      { kind: "funding", instrument: "BTC-USDT-SWAP", rate: -0.0001 },
    ],
    [
      "open-interest, in coins and not in contracts",
      push("open-interest", { oi: "2500000", oiCcy: "25000", ts: "1" }),
      { kind: "open_interest", instrument: "BTC-USDT-SWAP", quantity: 25_000 },
    ],
  ])("%s", (_, frame, expected) => {
    expect(readFrame(okx, frame)).toEqual([expected]);
  });

  test.each([["funding-rate"], ["open-interest"]])("a %s row without its value says nothing", (channel) => {
    expect(readFrame(okx, push(channel, {}))).toEqual([]);
  });

  test.each([
    [push("mark-price", { markPx: "" }), "malformed mark-price"],
    [push("mark-price", { markPx: "0" }), "malformed mark-price"],
    [push("index-tickers", {}), "malformed index-tickers"],
    [{ arg: { channel: "mark-price" }, data: [{ markPx: "1" }] }, "malformed mark-price"],
    [{ arg: { channel: "mark-price" }, data: [null] }, "malformed mark-price"],
    [push("bbo-tbt", {}), "unexpected topic bbo-tbt"],
    [{ arg: { channel: "mark-price" } }, "unknown frame"],
    [{ event: "unsubscribe" }, "unexpected event unsubscribe"],
  ])("%j is rejected", (frame, reason) => {
    expect(onlyReason(readFrame(okx, frame))).toBe(reason);
  });
});

describe("the book of 400 levels", () => {
  const levels = { asks: [["80000.1", "50", "0", "2"]], bids: [["80000.0", "150", "0", "4"]] };
  const book = (action: string, numbers: object) => ({
    arg: { channel: "books", instId: "BTC-USDT-SWAP" },
    action,
    data: [{ ...levels, ts: "1", checksum: 0, ...numbers }],
  });

  test("is a snapshot and updates that name the one before, its sizes in contracts", () => {
    const message = { kind: "book", instrument: "BTC-USDT-SWAP", ...levels };
    expect(readFrame(okx, book("snapshot", { seqId: 100, prevSeqId: -1 }))).toEqual([{ ...message, action: "snapshot", sequence: 100 }]);
    const update = { kind: "book", instrument: "BTC-USDT-SWAP", asks: [[80_000.1, 50]], bids: [[80_000, 150]], action: "delta" };
    for (const numbers of [
      { seqId: 117, prevSeqId: 100 },
      { prevSeqId: 100, seqId: 117 },
    ]) {
      expect(readFrame(okx, book("update", numbers))).toEqual([{ ...update, sequence: 117, previousSequence: 100 }]);
    }
  });

  test("without numbers, as in 2022, is taken in order", () => {
    expect(readFrame(okx, book("update", {}))).toEqual([
      { kind: "book", instrument: "BTC-USDT-SWAP", ...levels, action: "delta", sequence: null },
    ]);
  });

  test.each([
    ["cut off", JSON.stringify(book("update", {})).slice(0, -3), "malformed frame"],
    ["of an unknown action", book("other", {}), "malformed book"],
    ["without rows", { ...book("update", {}), data: [] }, "malformed book"],
    ["without an instrument", { ...book("update", {}), arg: { channel: "books" } }, "malformed book"],
    ["with something else as levels", { ...book("update", {}), data: [{ asks: 1, bids: [] }] }, "malformed book"],
  ])("%s is rejected", (_, frame, reason) => {
    expect(onlyReason(readFrame(okx, frame))).toBe(reason);
  });

  test("the answer to a renewal of a book is none of the venue's own", () => {
    const arg = { channel: "books", instId: "BTC-USDT-SWAP" };
    expect(readFrame(okx, { id: "renew1", event: "unsubscribe", arg, connId: "c" })).toEqual([]);
    expect(readFrame(okx, { event: "unsubscribe", arg, connId: "c" })).toEqual([
      { kind: "error", message: "books:BTC-USDT-SWAP unsubscribed by the venue" },
    ]);
  });

  test("of a response of books-full has its levels", () => {
    const text = JSON.stringify({
      code: "0",
      msg: "",
      data: [{ asks: [["80000.1", "50", "2"]], bids: [["80000.0", "150", "4"]], ts: "1" }],
    });
    expect(okx.readBook(text)).toEqual({ asks: [["80000.1", "50", "2"]], bids: [["80000.0", "150", "4"]] });
  });

  test.each([["{"], ["null"], ["{}"], ['{"data":[]}'], ['{"data":[{"bids":[]}]}'], ['{"data":[{"bids":[],"asks":[[]]}]}']])(
    "%s is no book",
    (text) => {
      expect(okx.readBook(text)).toBeNull();
    },
  );
});

describe("answers", () => {
  test.each([
    ["a text pong", "pong", { kind: "pong" }],
    [
      "an acknowledgement per argument",
      { id: "1", event: "subscribe", arg: { channel: "mark-price", instId: "BTC-USDT-SWAP" }, connId: "c" },
      { kind: "subscribed", topic: "mark-price:BTC-USDT-SWAP" },
    ],
    [
      "that of the liquidations",
      { event: "subscribe", arg: { channel: "liquidation-orders", instType: "SWAP" } },
      { kind: "subscribed", topic: "liquidation-orders:SWAP" },
    ],
    ["an error", { event: "error", code: "60018", msg: "doesn't exist" }, { kind: "error", message: "60018 doesn't exist" }],
    [
      "the notice of a service upgrade",
      { event: "notice", code: "64008", msg: "will soon be closed" },
      { kind: "reconnect", reason: "will soon be closed" },
    ],
    ["another notice", { event: "notice", code: "1", msg: "hello" }, { kind: "error", message: "1 hello" }],
  ])("%s", (_, frame, expected) => {
    expect(readFrame(okx, frame)).toEqual([expected]);
  });
});

describe("a liquidation frame in its usual spelling reads as the parser reads it", () => {
  test("whatever stands in its row", () => {
    expectSameWhenParsed(okx, (field) =>
      liquidations(group("BTC-USDT-SWAP", { ...DETAIL, bkLoss: field(), bkPx: field(), sz: field(), ts: field() })),
    );
  });

  test("with several rows, of another family or of an odd name", () => {
    expectSameWhenParsed(okx, (field) => liquidations(group("BTC-USDT-SWAP", DETAIL, { ...DETAIL, sz: field() })));
    expectSameWhenParsed(okx, () => liquidations(group("BTC-USDT_UM-SWAP", DETAIL)));
    expectSameWhenParsed(okx, (field) => liquidations({ ...group("BTC-USDT-SWAP", DETAIL), instId: field() }));
  });
});

test("no garbled frame throws", () => {
  const frames = [
    liquidations(group("BTC-USDT-SWAP", DETAIL, DETAIL), group("BTC-USD-SWAP", DETAIL)),
    { arg: { channel: "mark-price", instId: "BTC-USDT-SWAP" }, data: [{ instId: "BTC-USDT-SWAP", markPx: "1", ts: "1" }] },
    { arg: { channel: "books", instId: "BTC-USDT-SWAP" }, action: "update", data: [{ asks: [], bids: [] }] },
    { event: "notice", code: "64008", msg: "m" },
  ];
  expectNoThrow(
    () => okx.createDecoder(scopeOf(okx, "*")),
    frames.map((frame) => JSON.stringify(frame)),
  );
});
