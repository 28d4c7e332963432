import { describe, expect, test } from "vitest";
import { bitmex } from "../../../../src/exchanges/bitmex/bitmex.ts";
import type { FeedMessage } from "../../../../src/exchanges/exchange.ts";
import { answering, captureLines, expectNoThrow, kindsOf, liquidationsOf, readFrame, RECEIVED_TIME, scopeOf } from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };
const ORDER = "e42d57c2-977f-4535-8428-608a379cebdf";

const table = (action: string, ...data: readonly object[]) => ({ table: "liquidation", action, data });
const inserted = (fields: object = {}) => ({
  orderID: ORDER,
  symbol: "XBTUSD",
  side: "Buy",
  price: 88_635.6,
  leavesQty: 12_900,
  ...fields,
});
const updated = (fields: object) => ({ orderID: ORDER, symbol: "XBTUSD", ...fields });

/** Frames of one session, a second apart. */
function session(...frames: readonly unknown[]): readonly FeedMessage[] {
  const decoder = bitmex.createDecoder(scopeOf(bitmex, "*"));
  return frames.flatMap((frame, index) => decoder.decode(JSON.stringify(frame), RECEIVED_TIME + 1000 * index));
}

const refusal = (topic: string) => readFrame(bitmex, { status: 400, error: "No.", meta: {}, request: { op: "subscribe", args: [topic] } });
const level = (side: string, price: number, size: number) => ({ symbol: "XBTUSD", id: price, side, size, price });

describe("liquidation orders", () => {
  test("a buy liquidates a short, and the time is that of receipt", () => {
    const [event] = liquidationsOf(session(table("insert", inserted())));
    expect(event).toMatchObject({
      event_id: `bitmex:XBTUSD:${ORDER}`,
      symbol: "BTC",
      quote: "USD",
      event_time: RECEIVED_TIME,
      time_kind: "receipt",
      position_side: "short",
      order_side: "buy",
      price: 88_635.6,
      price_kind: "order",
      limit_price: 88_635.6,
      // 12,900 contracts of 1 USD
      contracts: 12_900,
      usd_value: 12_900,
      quantity: expect.closeTo(0.145_539_7, 7),
      coverage: "all_reported",
    });
    expect(liquidationsOf(session(table("insert", inserted({ side: "Sell" }))))[0]?.position_side).toBe("long");
  });

  test("an update that raises the size is another liquidation, of the difference, at the new price", () => {
    const events = liquidationsOf(session(table("insert", inserted()), table("update", updated({ price: 88_753.4, leavesQty: 21_600 }))));
    expect(events.map(({ event_id, contracts, price, event_time }) => [event_id, contracts, price, event_time])).toEqual([
      [`bitmex:XBTUSD:${ORDER}`, 12_900, 88_635.6, RECEIVED_TIME],
      [`bitmex:XBTUSD:${ORDER}:12900:21600`, 8_700, 88_753.4, RECEIVED_TIME + 1000],
    ]);
  });

  test("an update that lowers the size is a fill: detail of the order, and no event", () => {
    const messages = session(table("insert", inserted()), table("update", updated({ leavesQty: 9_000 })), table("delete", updated({})));
    expect(kindsOf(messages)).toEqual(["liquidation", "execution", "execution"]);
    expect(messages.at(-1)).toMatchObject({ eventIdPrefix: `bitmex:XBTUSD:${ORDER}`, time: RECEIVED_TIME + 1000 });
  });

  test("an order that is filled and raised again counts each rise once, also between the same sizes", () => {
    const rises = [9_000, 12_900, 9_000, 12_900].map((leavesQty) => table("update", updated({ leavesQty })));
    const events = liquidationsOf(session(table("insert", inserted()), ...rises));
    expect(events.map(({ event_id, contracts }) => [event_id.slice(`bitmex:XBTUSD:${ORDER}`.length), contracts])).toEqual([
      ["", 12_900],
      [":9000:12900", 3_900],
      [":9000:12900:1", 3_900],
    ]);
  });

  test("a new price alone changes the price of the next rise", () => {
    const events = liquidationsOf(
      session(table("insert", inserted()), table("update", updated({ price: 88_700 })), table("update", updated({ leavesQty: 13_000 }))),
    );
    expect(events.at(-1)).toMatchObject({ contracts: 100, price: 88_700 });
  });

  test("the table of a new subscription repeats open orders under the ids that they have", () => {
    const [first] = liquidationsOf(session(table("insert", inserted())));
    const [again] = liquidationsOf(session(table("partial", inserted({ leavesQty: 4_000 }))));
    expect(again?.event_id).toBe(first?.event_id);
  });

  test("it replaces the orders of before: an update of one that is gone is a reject", () => {
    const messages = session(table("insert", inserted()), table("partial"), table("update", updated({ leavesQty: 20_000 })));
    expect(messages.at(-1)).toMatchObject({ kind: "reject", reason: "update of an unknown order" });
  });

  test("a contract of XBTUSDT is a millionth of a coin; a quanto contract has no fixed size", () => {
    const linear = liquidationsOf(session(table("insert", inserted({ symbol: "XBTUSDT", price: 87_785.3, leavesQty: 39_700 }))))[0];
    expect([linear?.quantity, linear?.usd_value]).toEqual([expect.closeTo(0.0397, 10), expect.closeTo(3485.076, 3)]);
    const quanto = liquidationsOf(session(table("insert", inserted({ symbol: "ETHUSD", price: 3208.61, leavesQty: 40 }))))[0];
    expect([quanto?.symbol, quanto?.contracts, quanto?.quantity, quanto?.usd_value]).toEqual(["ETH", 40, null, null]);
  });

  test.each([{ side: "Up" }, { leavesQty: "many" }, { leavesQty: -1 }, { orderID: 7 }, { symbol: "" }])("%o is a reject", (fault) => {
    const [message] = session(table("insert", inserted(fault)));
    expect(message).toMatchObject({ kind: "reject", reason: "malformed liquidation" });
  });

  test("rises of other coins' orders are skipped too", () => {
    const decoder = bitmex.createDecoder(scopeOf(bitmex, ["SOL"]));
    const read = (frame: object) => kindsOf(decoder.decode(JSON.stringify(frame), RECEIVED_TIME));
    expect(read(table("insert", inserted()))).toEqual(["skipped"]);
    expect(read(table("update", updated({ leavesQty: 1 })))).toEqual([]);
    expect(read(table("update", updated({ leavesQty: 50 })))).toEqual(["skipped"]);
  });
});

describe("market data", () => {
  const name = { instrument: "XBTUSD" };

  test("the first row has all fields, later ones those that changed", () => {
    const first = {
      symbol: "XBTUSD",
      markPrice: 80_000,
      indicativeSettlePrice: 80_010,
      fundingRate: 0.0001,
      fundingInterval: "2000-01-01T08:00:00.000Z",
      openInterest: 400_000_000,
      foreignNotional24h: 512_000_000,
      bidPrice: 79_999.5,
      askPrice: 80_000.5,
      timestamp: "2026-11-18T14:13:20.000Z",
    };
    const decoder = bitmex.createDecoder(scopeOf(bitmex, ["BTC"]));
    const read = (row: object) => decoder.decode(JSON.stringify({ table: "instrument", action: "update", data: [row] }), RECEIVED_TIME);
    expect(read(first)).toEqual([
      { kind: "mark", ...name, price: 80_000, time: Date.UTC(2026, 10, 18, 14, 13, 20) },
      { kind: "index", ...name, price: 80_010 },
      { kind: "funding", ...name, rate: 0.0001 },
      { kind: "funding_interval", ...name, intervalMs: 28_800_000 },
      // 400 million contracts of 1 USD at 80,000
      { kind: "open_interest", ...name, quantity: 5000 },
      { kind: "turnover", ...name, usd: 512_000_000 },
      { kind: "quote", ...name, bid: 79_999.5, ask: 80_000.5 },
    ]);
    expect(read({ symbol: "XBTUSD", askPrice: 80_001 })).toEqual([{ kind: "quote", ...name, bid: 79_999.5, ask: 80_001 }]);
    expect(read({ symbol: "XBTUSD", openInterest: 480_000_000 })).toEqual([{ kind: "open_interest", ...name, quantity: 6000 }]);
    expect(read({ symbol: "NOPE", markPrice: 1 })).toEqual([]);
  });

  test("a polled book is sorted, best first", () => {
    const text = JSON.stringify([level("Sell", 80_002, 2), level("Sell", 80_001, 1), level("Buy", 79_998, 4), level("Buy", 79_999, 3)]);
    expect(bitmex.readBook(text)).toEqual({
      bids: [
        [79_999, 3],
        [79_998, 4],
      ],
      asks: [
        [80_001, 1],
        [80_002, 2],
      ],
    });
    expect(bitmex.readBook('{"error":{}}')).toBeNull();
    const polls = bitmex.polls(scopeOf(bitmex, "*"), ENDPOINTS);
    expect(polls.map(({ url }) => url)).toEqual(
      ["XBTUSD", "XBTUSDT"].map((symbol) => `http://rest.test/api/v1/orderBook/L2?symbol=${symbol}&depth=500`),
    );
  });
});

describe("the session", () => {
  test("liquidations are one topic for all contracts, market data one per contract and request", async () => {
    const [plan] = bitmex.sockets(scopeOf(bitmex, ["SOL"]), ENDPOINTS);
    expect(await plan?.address(answering([]), "id")).toEqual({ url: "http://venue.test/realtime" });
    expect(plan?.subscribe).toEqual(['{"op":"subscribe","args":["liquidation"]}']);
    expect([...(plan?.topics?.contracts.keys() ?? [])]).toEqual(["instrument:SOLUSD", "instrument:SOLUSDT"]);
    expect(plan?.topics?.request(1, ["instrument:SOLUSD"])).toEqual({
      id: "instrument:SOLUSD",
      frame: '{"op":"subscribe","args":["instrument:SOLUSD"]}',
    });
    expect([plan?.keepalive?.frame(1), plan?.keepalive?.intervalMs]).toEqual(["ping", 25_000]);
  });

  test("where nothing is watched Bitcoin's mark price still shows that the socket delivers", () => {
    const [plan] = bitmex.sockets(scopeOf(bitmex, ["DOGE"]), ENDPOINTS);
    expect([...(plan?.topics?.contracts.keys() ?? [])]).toEqual(["instrument:XBTUSD"]);
  });

  test("a refused contract is omitted alone; without liquidations the feed reconnects", () => {
    const request = "instrument:NOPE";
    expect(refusal(request)).toEqual([{ kind: "refused", request, reason: "No.", unknown: [request], held: [] }]);
    expect(kindsOf(refusal("liquidation"))).toEqual(["error", "reconnect"]);
    expect(kindsOf(readFrame(bitmex, { status: 429, error: "Rate limit exceeded" }))).toEqual(["error"]);
  });

  test("no frame, however broken, makes the decoder throw", () => {
    const frames = [table("insert", inserted()), table("update", updated({ leavesQty: 99_999 })), table("partial", inserted())];
    expectNoThrow(
      () => bitmex.createDecoder(scopeOf(bitmex, "*")),
      frames.map((frame) => JSON.stringify(frame)),
    );
  });
});

describe("the table of contracts", () => {
  const row = {
    symbol: "XBTUSD",
    typ: "FFWCSX",
    state: "Open",
    underlying: "XBT",
    quoteCurrency: "USD",
    isInverse: true,
    isQuanto: false,
    multiplier: -100_000_000,
    underlyingToSettleMultiplier: -100_000_000,
  };
  const linear = { ...row, isInverse: false, quoteCurrency: "USDT", multiplier: 1, underlyingToPositionMultiplier: 1_000_000 };

  test.each([
    [row, { instrument: "XBTUSD", symbol: "BTC", contract: { kind: "inverse", usd: 1 } }],
    [{ ...row, quoteCurrency: "EUR" }, { contract: { kind: "inverse", usd: null } }],
    [
      { ...linear, symbol: "XBTUSDT" },
      { instrument: "XBTUSDT", symbol: "BTC", contract: { kind: "base", size: 1e-6 } },
    ],
    [
      { ...linear, symbol: "ETHUSD", underlying: "ETH", isQuanto: true },
      { symbol: "ETH", contract: { kind: "base", size: null } },
    ],
  ])("%o", async (listed, expected) => {
    const future = { ...row, symbol: "XBTZ26", typ: "FFCCSX" };
    const contracts = await bitmex.loadInstruments(answering([[listed, future]]), ENDPOINTS);
    expect(contracts).toEqual([expect.objectContaining(expected)]);
  });
});

test.skipIf(captureLines("bitmex-liquidation.jsonl") === null)("the captured session: every insert and the two rises", () => {
  const decoder = bitmex.createDecoder(scopeOf(bitmex, "*"));
  const lines = captureLines("bitmex-liquidation.jsonl") ?? [];
  const messages = lines.flatMap((line) => decoder.decode(line, RECEIVED_TIME));
  expect(messages.filter(({ kind }) => kind === "reject" || kind === "error")).toEqual([]);
  expect(kindsOf(messages).slice(0, 2)).toEqual(["welcome", "subscribed"]);
  const events = liquidationsOf(messages);
  const inserts = lines.filter((line) => line.includes('"action":"insert"')).length;
  const rises = events.filter(({ event_id }) => event_id.split(":").length > 3);
  expect(events).toHaveLength(inserts + rises.length);
  expect(rises.map(({ event_id, contracts }) => [event_id, contracts])).toContainEqual([`bitmex:XBTUSD:${ORDER}:12900:21600`, 8_700]);
  expect(events.every(({ position_side }) => position_side === "short")).toBe(true);
});
