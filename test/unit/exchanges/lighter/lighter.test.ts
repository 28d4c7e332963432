import { describe, expect, test } from "vitest";
import type { Instrument } from "../../../../src/exchanges/exchange.ts";
import { lighter } from "../../../../src/exchanges/lighter/lighter.ts";
import {
  answering,
  captureLines,
  expectNoThrow,
  kindsOf,
  liquidationsOf,
  onlyLiquidation,
  onlyReason,
  readFrame,
  RECEIVED_TIME,
  scopeOf,
} from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };

/** As captured on 2026-04-20, without the fields that are not read. */
const SHORT = {
  trade_id: 18_237_797_923,
  trade_id_str: "18237797923",
  type: "liquidation",
  market_id: 1,
  size: "0.01664",
  price: "75602.8",
  usd_amount: "1258.030592",
  is_maker_ask: true,
  timestamp: 1_776_687_656_653,
  taker_position_size_before: "-0.01664",
  taker_entry_quote_before: "1247.585664",
  taker_initial_margin_fraction_before: 200,
};

const update = (...liquidation_trades: readonly object[]) => ({
  type: "update/trade",
  channel: "trade:1",
  nonce: 10_380_968_790,
  trades: [],
  liquidation_trades,
});

const error = (message: string) => readFrame(lighter, { error: { code: 30_005, message } });

describe("liquidations", () => {
  test("where the maker asked, the liquidated taker bought back a short; its entry and leverage are known", () => {
    expect(onlyLiquidation(readFrame(lighter, update(SHORT)))).toMatchObject({
      event_id: "lighter:BTC:1:18237797923",
      instrument: "BTC:1",
      symbol: "BTC",
      quote: "USDC",
      event_time: 1_776_687_656_653,
      position_side: "short",
      order_side: "buy",
      price: 75_602.8,
      price_kind: "fill",
      quantity: 0.01664,
      contracts: null,
      // 0.01664 × 75,602.8, which is the venue's own `usd_amount`
      usd_value: expect.closeTo(1258.030592, 6),
      // 1,247.585664 / 0.01664
      venue_entry_price: expect.closeTo(74_975.1, 6),
      // An initial margin of 2 %
      venue_leverage: 50,
      venue_position_quantity: 0.01664,
      coverage: "all_reported",
    });
  });

  test("where the maker bid, a long", () => {
    expect(onlyLiquidation(readFrame(lighter, update({ ...SHORT, is_maker_ask: false }))).position_side).toBe("long");
  });

  test("ordinary trades are not read, and forced ones of another kind are skipped", () => {
    const frame = { ...update(), trades: [{ ...SHORT, type: "trade" }] };
    expect(kindsOf(readFrame(lighter, frame))).toEqual(["heartbeat"]);
    expect(readFrame(lighter, { type: "update/trade", channel: "trade:1", trades: [] })).toEqual([]);
    expect(kindsOf(readFrame(lighter, update({ ...SHORT, type: "deleverage" })))).toEqual(["skipped"]);
  });

  test("a new subscription repeats old liquidations under the same ids", () => {
    const first = readFrame(lighter, { ...update(SHORT), type: "subscribed/trade" });
    expect(first[0]).toEqual({ kind: "subscribed", topic: "trade/1" });
    expect(liquidationsOf(first)).toEqual(liquidationsOf(readFrame(lighter, update(SHORT))));
  });

  test("without the account's state the entry, leverage and size are unknown", () => {
    const { taker_position_size_before: _size, taker_entry_quote_before: _cost, ...rest } = SHORT;
    const event = onlyLiquidation(readFrame(lighter, update({ ...rest, taker_initial_margin_fraction_before: 0 })));
    expect([event.venue_entry_price, event.venue_leverage, event.venue_position_quantity]).toEqual([null, null, null]);
    const flat = onlyLiquidation(readFrame(lighter, update({ ...SHORT, taker_position_size_before: "0" })));
    expect([flat.venue_entry_price, flat.venue_position_quantity]).toEqual([null, null]);
  });

  test("a multiplier in the name scales prices and sizes, also those of the position", () => {
    const pepe: Instrument = {
      instrument: "1000PEPE:4",
      symbol: "PEPE",
      quote: "USDC",
      scale: 1000,
      contract: { kind: "base", size: 1 },
      trading: true,
    };
    const row = { ...SHORT, market_id: 4, size: "100", price: "0.01", taker_position_size_before: "-200", taker_entry_quote_before: "1.8" };
    expect(onlyLiquidation(readFrame(lighter, update(row), scopeOf(lighter, "*", [pepe])))).toMatchObject({
      symbol: "PEPE",
      price: 0.00001,
      quantity: 100_000,
      usd_value: 1,
      venue_entry_price: expect.closeTo(0.000_009, 12),
      venue_position_quantity: 200_000,
    });
  });

  test("older frames have the number of the trade only", () => {
    const { trade_id_str: _text, ...row } = SHORT;
    expect(onlyLiquidation(readFrame(lighter, update(row))).event_id).toBe("lighter:BTC:1:18237797923");
    expect(onlyReason(readFrame(lighter, update({ ...row, trade_id: 2 ** 60 })))).toBe("malformed liquidation");
  });

  test.each([{ type: 7 }, { size: "x" }, { size: "-1" }, { is_maker_ask: "true" }, { timestamp: 0 }])("%o is a reject", (fault) => {
    expect(onlyReason(readFrame(lighter, update({ ...SHORT, ...fault })))).toBe("malformed liquidation");
  });

  test("a market that the table lacks is a reject: its number says nothing", () => {
    expect(onlyReason(readFrame(lighter, update({ ...SHORT, market_id: 999 })))).toBe("liquidation of an unknown market");
  });
});

describe("the session", () => {
  test("three channels of each market, one per request", async () => {
    const [plan, ...more] = lighter.sockets(scopeOf(lighter, ["BTC"]), ENDPOINTS);
    expect(more).toEqual([]);
    expect(await plan?.address(answering([]), "id")).toEqual({ url: "http://venue.test/stream?readonly=true" });
    expect([...(plan?.topics?.contracts.entries() ?? [])]).toEqual(
      ["trade/1", "market_stats/1", "order_book/1"].map((topic) => [topic, "BTC:1"]),
    );
    expect([...(plan?.confirmations ?? [])]).toEqual(["trade/1"]);
    expect(plan?.topics?.request(1, ["trade/1"])).toEqual({ id: "trade/1", frame: '{"type":"subscribe","channel":"trade/1"}' });
    expect(plan?.keepalive?.frame(1)).toBe('{"type":"ping"}');
  });

  test("more markets take more connections, each with mark prices, and none with more than can be requested in time", () => {
    const many = Array.from({ length: 70 }, (_, index): Instrument => {
      const contract = { kind: "base", size: 1 } as const;
      return { instrument: `X${index}:${index + 10}`, symbol: `X${index}`, quote: "USDC", scale: 1, contract, trading: true };
    });
    const plans = lighter.sockets(scopeOf(lighter, "*", many), ENDPOINTS);
    expect(plans.map(({ name }) => name)).toEqual(["stream", "stream-2", "stream-3"]);
    for (const { topics, sendIntervalMs } of plans) {
      const names = [...(topics?.contracts.keys() ?? [])];
      expect(names.some((name) => name.startsWith("market_stats/"))).toBe(true);
      expect(names.length * sendIntervalMs).toBeLessThan(15_000);
    }
  });

  test("the trades of the busiest market are missed after 30 s, on its own connection; without such a market none are", () => {
    const symbols = [["SOL", "ETH"], "*", ["XRP"]] as const;
    const plans = symbols.map((watched) => lighter.sockets(scopeOf(lighter, watched), ENDPOINTS));
    expect(plans.map((sockets) => sockets.map((plan) => plan.heartbeatTopic))).toEqual([["trade/0"], ["trade/1"], []]);
    const trades = [{ ...SHORT, type: "trade" }];
    expect(readFrame(lighter, { ...update(), trades })).toEqual([{ kind: "heartbeat", topic: "trade/1", time: RECEIVED_TIME }]);
    expect(readFrame(lighter, update())).toEqual([]);
  });

  test("a channel of trades that the venue unsubscribes is a reason for a new session, that of a book is our own doing", () => {
    expect(kindsOf(readFrame(lighter, { type: "unsubscribed", channel: "trade:1" }))).toEqual(["reconnect"]);
    expect(readFrame(lighter, { type: "unsubscribed", channel: "order_book:1" })).toEqual([]);
  });

  test("pings of both sides", () => {
    expect(readFrame(lighter, { type: "ping" })).toEqual([{ kind: "reply", frame: '{"type":"pong"}' }]);
    expect(readFrame(lighter, { type: "pong" })).toEqual([{ kind: "pong" }]);
    expect(readFrame(lighter, { type: "connected", session_id: "1" })).toEqual([{ kind: "welcome" }]);
  });

  test("errors name the channel that they are about", () => {
    expect(error("Invalid Channel: (trade/9999)")).toMatchObject([{ kind: "refused", request: "trade/9999", unknown: ["trade/9999"] }]);
    expect(error("Already Subscribed: trade:1")).toMatchObject([{ kind: "refused", request: "trade/1", unknown: [], held: ["trade/1"] }]);
    expect(kindsOf(error("Too Many Messages"))).toEqual(["error"]);
  });

  test("statistics: the rate is in percent an hour, the open interest in USDC", () => {
    const market_stats = {
      symbol: "BTC",
      market_id: 1,
      index_price: "75281.9",
      mark_price: "75000",
      open_interest: "150000000",
      current_funding_rate: "0.0012",
      daily_quote_token_volume: 686_539_466.3,
    };
    const frame = { type: "update/market_stats", channel: "market_stats:1", timestamp: 1_776_694_043_874, market_stats };
    const name = { instrument: "BTC:1" };
    expect(readFrame(lighter, frame)).toEqual([
      { kind: "mark", ...name, price: 75_000, time: 1_776_694_043_874 },
      { kind: "index", ...name, price: 75_281.9 },
      { kind: "funding", ...name, rate: expect.closeTo(0.000_012, 12) },
      { kind: "funding_interval", ...name, intervalMs: 3_600_000 },
      { kind: "open_interest", ...name, quantity: 2000 },
      { kind: "turnover", ...name, usd: 686_539_466.3 },
    ]);
  });

  test("a book is a snapshot and then changes, each with the number of the one before", () => {
    const order_book = {
      code: 0,
      asks: [{ price: "75001", size: "1" }],
      bids: [{ price: "74999", size: "0.0000" }],
      nonce: 12,
      begin_nonce: 9,
    };
    const book = { kind: "book", instrument: "BTC:1", bids: [["74999", "0.0000"]], asks: [["75001", "1"]], sequence: 12 };
    expect(readFrame(lighter, { type: "subscribed/order_book", channel: "order_book:1", order_book })).toEqual([
      { kind: "subscribed", topic: "order_book/1" },
      { ...book, action: "snapshot" },
    ]);
    expect(readFrame(lighter, { type: "update/order_book", channel: "order_book:1", order_book })).toEqual([
      { ...book, action: "delta", previousSequence: 9 },
    ]);
  });

  test("a market that is listed later is known to a running decoder", () => {
    const scope = scopeOf(lighter, "*");
    const decoder = lighter.createDecoder(scope);
    const frame = JSON.stringify(update({ ...SHORT, market_id: 77 }));
    expect(kindsOf(decoder.decode(frame, 0))).toEqual(["reject"]);
    const contract = { kind: "base", size: 1 } as const;
    const listed: Instrument = { instrument: "NEW:77", symbol: "NEW", quote: "USDC", scale: 1, contract, trading: true };
    (scope.instruments as Map<string, Instrument>).set(listed.instrument, listed);
    expect(kindsOf(decoder.decode(frame, 0))).toEqual(["liquidation"]);
  });

  test("the table has the active perpetuals with their numbers", async () => {
    const row = { symbol: "1000PEPE", market_id: 4, market_type: "perp", status: "active" };
    const body = {
      order_book_details: [row, { ...row, symbol: "OLD", market_id: 5, status: "inactive" }, { ...row, market_type: "spot" }],
    };
    const listed = await lighter.loadInstruments(answering([body]), ENDPOINTS);
    expect(listed.map(({ instrument, symbol, scale, trading }) => [instrument, symbol, scale, trading])).toEqual([
      ["1000PEPE:4", "PEPE", 1000, true],
      ["OLD:5", "OLD", 1, false],
    ]);
  });

  test("no frame, however broken, makes the decoder throw", () => {
    const frames = [update(SHORT), { ...update(SHORT), type: "subscribed/trade" }].map((frame) => JSON.stringify(frame));
    expectNoThrow(() => lighter.createDecoder(scopeOf(lighter, "*")), frames);
  });
});

describe.skipIf(captureLines("lighter-trade.jsonl") === null)("the captures", () => {
  test("two liquidations of the trade channel, one of them repeated, and only the confirmations beside", () => {
    const messages = (captureLines("lighter-trade.jsonl") ?? []).flatMap((line) => readFrame(lighter, line));
    const kinds = kindsOf(messages).filter((kind) => kind !== "heartbeat");
    expect(kinds).toEqual(["subscribed", "liquidation", "liquidation", "subscribed", "liquidation"]);
    expect(liquidationsOf(messages).map(({ event_id, position_side }) => [event_id, position_side])).toEqual([
      ["lighter:BTC:1:18237797923", "short"],
      ["lighter:BTC:1:18237797923", "short"],
      ["lighter:ETH:0:882932008", "short"],
    ]);
  });

  test("a long of market 36, at the entry that the venue says", () => {
    const [row = "{}"] = captureLines("lighter-liquidation-trades.jsonl") ?? [];
    const contract = { kind: "base", size: 1 } as const;
    const market: Instrument = { instrument: "M:36", symbol: "M", quote: "USDC", scale: 1, contract, trading: true };
    const event = onlyLiquidation(readFrame(lighter, update(JSON.parse(row) as object), scopeOf(lighter, "*", [market])));
    expect(event).toMatchObject({
      position_side: "long",
      usd_value: expect.closeTo(1646.263_967, 6),
      // 1,798.870797 / 8,432.2
      venue_entry_price: expect.closeTo(0.213_333_5, 6),
      venue_leverage: 10,
      venue_position_quantity: 8432.2,
    });
  });

  test("statistics of all markets at once", () => {
    const messages = (captureLines("lighter-market-stats.jsonl") ?? []).flatMap((line) => readFrame(lighter, line));
    expect(messages.filter(({ kind }) => kind === "mark")).toHaveLength(4);
    expect(messages.filter(({ kind }) => kind === "reject")).toEqual([]);
  });
});
