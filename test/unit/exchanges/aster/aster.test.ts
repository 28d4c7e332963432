import { describe, expect, test } from "vitest";
import { aster } from "../../../../src/exchanges/aster/aster.ts";
import {
  answering,
  captureLines,
  expectNoThrow,
  kindsOf,
  liquidationsOf,
  onlyLiquidation,
  onlyReason,
  readFrame,
  scopeOf,
} from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };

/** As captured on 2026-09-18. */
const ORDER = {
  s: "PAIRUSDT",
  S: "SELL",
  o: "LIMIT",
  f: "IOC",
  q: "28448",
  p: "0.0040681",
  ap: "0.0044461",
  X: "FILLED",
  l: "12417",
  z: "28448",
  T: 1_789_672_621_550,
};

const forceOrder = (fields: object = {}) => ({
  stream: "!forceOrder@arr",
  data: { e: "forceOrder", E: 1_789_672_621_589, o: { ...ORDER, ...fields } },
});

describe("liquidations", () => {
  test("price and size are the average fill and the filled quantity, in coins; a sell liquidates a long", () => {
    expect(onlyLiquidation(readFrame(aster, forceOrder()))).toMatchObject({
      event_id: "aster:PAIRUSDT:1789672621550:SELL:28448:0.0044461",
      symbol: "PAIR",
      quote: "USDT",
      event_time: 1_789_672_621_550,
      position_side: "long",
      order_side: "sell",
      price: 0.0044461,
      price_kind: "average_fill",
      limit_price: 0.0040681,
      quantity: 28_448,
      last_filled_quantity: 12_417,
      contracts: null,
      // 28,448 × 0.0044461
      usd_value: expect.closeTo(126.482_652_8, 6),
      order_type: "LIMIT",
      time_in_force: "IOC",
      order_status: "FILLED",
      coverage: "sampled",
    });
    expect(onlyLiquidation(readFrame(aster, forceOrder({ S: "BUY" }))).position_side).toBe("short");
  });

  test("a multiplier in the name is removed, and the value stays", () => {
    const event = onlyLiquidation(readFrame(aster, forceOrder({ s: "1000PEPEUSDT" })));
    expect(event).toMatchObject({ symbol: "PEPE", quantity: 28_448_000, usd_value: expect.closeTo(126.482_652_8, 6) });
  });

  test("several orders in one frame are several events, and twins have ids of their own", () => {
    const { data } = forceOrder();
    const events = liquidationsOf(readFrame(aster, { stream: "!forceOrder@arr", data: [data, data] }));
    expect(events.map(({ event_id }) => event_id.split(":").length)).toEqual([6, 7]);
  });

  test.each([{ S: "SIDEWAYS" }, { T: 0 }, { q: "x", z: "x" }, { s: "" }, { z: "-1" }])("%o is a reject", (fault) => {
    expect(onlyReason(readFrame(aster, forceOrder(fault)))).toBe("malformed liquidation");
  });

  test("another coin is skipped", () => {
    expect(kindsOf(readFrame(aster, forceOrder(), scopeOf(aster, ["BTC"])))).toEqual(["skipped"]);
  });
});

describe("the session", () => {
  test("the streams of a contract are in the address, and the venue is asked which it serves", async () => {
    const [plan, ...more] = aster.sockets(scopeOf(aster, ["BTC"]), ENDPOINTS);
    expect(more).toEqual([]);
    const streams = "btcusdt@forceOrder/btcusdt@markPrice@1s/btcusdt@depth20@500ms";
    expect(await plan?.address(answering([]), "id")).toEqual({ url: `http://venue.test/stream?streams=${streams}` });
    expect([...(plan?.confirmations ?? [])]).toEqual(["btcusdt@forceOrder"]);
    expect(JSON.parse(plan?.subscribe[0] ?? "")).toEqual({ method: "LIST_SUBSCRIPTIONS", id: 1 });
    expect(JSON.parse(plan?.subscribe[1] ?? "")).toEqual({ method: "SUBSCRIBE", params: ["btcusdt@trade"], id: 999_999 });
    expect(plan?.maxAgeMs).toBe(86_400_000);
  });

  test("all coins come as one stream, with books of the large ones", () => {
    const [plan] = aster.sockets(scopeOf(aster, "*"), ENDPOINTS);
    expect(plan?.topicsInAddress).toEqual([
      "!forceOrder@arr",
      "!markPrice@arr@1s",
      ...["btc", "eth", "sol"].map((coin) => `${coin}usdt@depth20@500ms`),
    ]);
  });

  test("marks, books and answers", () => {
    const mark = { e: "markPriceUpdate", E: 1_789_672_621_000, s: "BTCUSDT", p: "80000.1", i: "80001", P: "0", r: "-0.0002", T: 1 };
    expect(readFrame(aster, { stream: "btcusdt@markPrice@1s", data: mark })).toEqual([
      { kind: "mark", instrument: "BTCUSDT", price: 80_000.1, time: 1_789_672_621_000 },
      { kind: "index", instrument: "BTCUSDT", price: 80_001 },
      { kind: "funding", instrument: "BTCUSDT", rate: -0.0002 },
    ]);
    const depth = JSON.stringify({ stream: "btcusdt@depth20@500ms", data: { s: "BTCUSDT", b: [["79999", "1"]], a: [["80001", "2"]] } });
    expect(readFrame(aster, depth)).toEqual([{ kind: "book_text", instrument: "BTCUSDT", text: depth }]);
    expect(aster.readBook(depth)).toEqual({ bids: [["79999", "1"]], asks: [["80001", "2"]] });
    expect(readFrame(aster, { result: ["btcusdt@forceOrder"], id: 1 })).toEqual([
      { kind: "subscriptions", topics: ["btcusdt@forceOrder"] },
    ]);
    expect(kindsOf(readFrame(aster, { error: { code: 2, msg: "no" }, id: 1 }))).toEqual(["error"]);
  });

  test("an interval that the list lacks stays unknown", () => {
    const polls = aster.polls(scopeOf(aster, ["BTC", "ETH"]), ENDPOINTS);
    const funding = polls.find(({ what }) => what === "funding_interval");
    const list = JSON.stringify([{ symbol: "ETHUSDT", fundingIntervalHours: 4 }]);
    expect(funding?.read(list, 0)).toEqual([{ kind: "funding_interval", instrument: "ETHUSDT", intervalMs: 14_400_000 }]);
    expect(polls.map(({ what }) => what)).toEqual(["book", "book", "turnover", "turnover", "funding_interval"]);
    const turnover = polls.find(({ what }) => what === "turnover");
    expect(turnover?.read('{"symbol":"BTCUSDT","quoteVolume":"123.5"}', 0)).toEqual([
      { kind: "turnover", instrument: "BTCUSDT", usd: 123.5 },
    ]);
    expect(kindsOf(turnover?.read('{"symbol":"ETHUSDT","quoteVolume":"123.5"}', 0) ?? [])).toEqual(["reject"]);
  });

  test("the table has perpetuals only", async () => {
    const row = { symbol: "BTCUSDT", baseAsset: "BTC", quoteAsset: "USDT", contractType: "PERPETUAL", status: "TRADING" };
    const body = {
      symbols: [row, { ...row, symbol: "OLDUSDT", baseAsset: "OLD", status: "SETTLING" }, { ...row, contractType: "CURRENT_QUARTER" }],
    };
    const listed = await aster.loadInstruments(answering([body]), ENDPOINTS);
    expect(listed.map(({ instrument, trading }) => [instrument, trading])).toEqual([
      ["BTCUSDT", true],
      ["OLDUSDT", false],
    ]);
  });

  test("no frame, however broken, makes the decoder throw", () => {
    const frames = [forceOrder(), { result: ["btcusdt@forceOrder"], id: 1 }].map((frame) => JSON.stringify(frame));
    expectNoThrow(() => aster.createDecoder(scopeOf(aster, "*")), frames);
  });
});

test.skipIf(captureLines("aster-forceorder.jsonl") === null)("the capture is pushed 39 ms after the order", () => {
  const [line = ""] = captureLines("aster-forceorder.jsonl") ?? [];
  const event = onlyLiquidation(readFrame(aster, line));
  expect([event.usd_value, JSON.parse(line).E - event.event_time]).toEqual([expect.closeTo(126.482_652_8, 6), 39]);
});
