import { describe, expect, test } from "vitest";
import { bitget } from "../../../../src/exchanges/bitget/bitget.ts";
import { exchanges } from "../../../../src/exchanges/registry.ts";
import {
  RECEIVED_TIME,
  answering,
  captureLines,
  expectNoThrow,
  kindsOf,
  liquidationsOf,
  onlyLiquidation,
  onlyReason,
  readFrame,
  scopeOf,
  subscribingFrames,
} from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };
const TIME = 1_795_000_000_000;
const SCOPE = scopeOf(bitget, ["BTC"]);
/** 0.25 BTC at 79,600 USDT. */
const ROW = { symbol: "BTCUSDT", side: "buy", price: "79600", amount: "19900", ts: String(TIME) };

const frame = (...data: readonly unknown[]) => ({
  action: "update",
  arg: { instType: "usdt-futures", topic: "liquidation" },
  data,
  ts: TIME + 15_000,
});
const push = (topic: string, action: string, row: unknown) => ({
  action,
  arg: { instType: "usdt-futures", topic, symbol: "BTCUSDT" },
  data: [row],
  ts: TIME + 5,
});

describe("a liquidation", () => {
  test("of side buy is a long; its amount is USDT, and its time the row's, however late the frame", () => {
    expect(onlyLiquidation(readFrame(bitget, frame(ROW)))).toEqual({
      event_id: "bitget:BTCUSDT:1795000000000:buy::79600",
      exchange: "bitget",
      instrument: "BTCUSDT",
      symbol: "BTC",
      quote: "USDT",
      event_time: TIME,
      time_kind: "venue",
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
      coverage: "largest_per_side_second",
      adapter_version: 1,
    });
  });

  test("of side sell is a short; without a price its value is known and its quantity is not", () => {
    const short = onlyLiquidation(readFrame(bitget, frame({ ...ROW, side: "sell", price: "" })));
    expect(short).toMatchObject({ position_side: "short", price: null, quantity: null, usd_value: 19_900 });
  });

  test("of 1000PEPE is counted in PEPE, and its value stays", () => {
    const pepe = onlyLiquidation(readFrame(bitget, frame({ ...ROW, symbol: "1000PEPEUSDT", price: "0.01", amount: "50" })));
    expect(pepe).toMatchObject({ symbol: "PEPE", quantity: 5_000_000, usd_value: 50 });
    expect(pepe.price).toBeCloseTo(0.00001, 12);
  });

  test.each([{ side: "long" }, { amount: "x" }, { ts: "" }, { symbol: "" }])("with %o is refused with its text", (part) => {
    expect(onlyReason(readFrame(bitget, frame({ ...ROW, ...part })))).toBe("malformed liquidation");
  });

  test("out of scope is only counted", () => {
    expect(kindsOf(readFrame(bitget, frame({ ...ROW, symbol: "DOGEUSDT" }), SCOPE))).toEqual(["skipped"]);
  });
});

const read = (...list: readonly unknown[]) => bitget.backfill.read({ code: "00000", data: { list } }, SCOPE);

const page = (cursor: string, ts: number) => ({ code: "00000", data: { list: [{ ...ROW, ts: String(ts) }], cursor } });

describe("the history", () => {
  test("has the ids of the stream, whatever its amounts count", () => {
    const streamed = onlyLiquidation(readFrame(bitget, frame({ ...ROW, price: "79612.55", amount: "1234.5678" })));
    const [past] = liquidationsOf(read({ ...ROW, price: "79612.55", amount: "0.0155" }));
    expect(past?.event_id).toBe(streamed.event_id);
  });

  test("counts USDT where all amounts divide into whole steps by their price, and coins where all are steps themselves", () => {
    // 0.25 and 0.031 BTC.
    const inUsdt = [
      { ...ROW, price: "79612.5551", amount: "19903.138775" },
      { ...ROW, side: "sell", price: "80012.3337", amount: "2480.3823447" },
    ];
    expect(liquidationsOf(read(...inUsdt)).map(({ quantity, usd_value }) => [quantity?.toFixed(6), usd_value])).toEqual([
      ["0.250000", 19_903.138775],
      ["0.031000", 2480.3823447],
    ]);
    const coins = onlyLiquidation(read({ ...ROW, price: "79612.5551", amount: "0.25" }));
    expect([coins.quantity, coins.usd_value]).toEqual([0.25, expect.closeTo(19_903.138775, 6)]);
  });

  test("that allows both readings or neither has neither quantity nor value", () => {
    // 800 USDT are 0.01 BTC at 80,000; 800 BTC would be a step too.
    const both = onlyLiquidation(read({ ...ROW, price: "80000", amount: "800" }));
    const neither = onlyLiquidation(read({ ...ROW, price: "79612.5551", amount: "7.123456789" }));
    for (const { price, quantity, usd_value } of [both, neither])
      expect([price === null, quantity, usd_value]).toEqual([false, null, null]);
  });

  test("is asked for by contract and followed by its cursor until the range is over", () => {
    const [url = "", usdc] = bitget.backfill.requests(SCOPE, ENDPOINTS, TIME, TIME + 1);
    expect([url, usdc]).toEqual([
      "http://rest.test/api/v3/market/liquidations?category=USDT-FUTURES&symbol=BTCUSDT&limit=100",
      "http://rest.test/api/v3/market/liquidations?category=USDC-FUTURES&symbol=BTCPERP&limit=100",
    ]);
    expect(bitget.backfill.next(url, page("c1", TIME), TIME - 1)).toBe(`${url}&cursor=c1`);
    expect(bitget.backfill.next(`${url}&cursor=c1`, page("c1", TIME), TIME - 1)).toBeNull();
    expect(bitget.backfill.next(url, page("c1", TIME - 5), TIME - 1)).toBeNull();
    expect(bitget.backfill.next(url, page("", TIME), TIME - 1)).toBeNull();
    expect(bitget.backfill.read({ code: "40017", msg: "Parameter verification failed" }, SCOPE)).toMatchObject([{ kind: "error" }]);
  });
});

describe("the sockets", () => {
  test("ask for both kinds of liquidations in one frame, on v3, and have fewer than 50 channels each", async () => {
    const [plan] = bitget.sockets(SCOPE, ENDPOINTS);
    expect(await plan?.address(answering([]), "c")).toEqual({ url: "http://venue.test/v3/ws/public" });
    expect(plan?.subscribe).toEqual([
      '{"op":"subscribe","args":[{"instType":"usdt-futures","topic":"liquidation"},{"instType":"usdc-futures","topic":"liquidation"}]}',
    ]);
    expect(plan?.confirmations).toEqual(new Set(["usdt-futures:liquidation", "usdc-futures:liquidation"]));
    const many = Array.from({ length: 60 }, (_, index) => {
      const one = { instrument: `A${index}XUSDT`, symbol: "BTC", quote: "USDT", scale: 1, trading: true };
      return { ...one, contract: { kind: "base", size: 1 } as const };
    });
    const plans = bitget.sockets(scopeOf(bitget, ["BTC"], many), ENDPOINTS);
    const channels = plans.map((each) =>
      subscribingFrames(each).reduce((sum, text) => sum + (JSON.parse(text) as { args: unknown[] }).args.length, 0),
    );
    expect(channels.every((count) => count < 50)).toBe(true);
    expect(plans.map(({ name, role }) => [name, role])).toEqual([
      ["public", "liquidations"],
      ["public-2", "market"],
      ["public-3", "market"],
      ["public-4", "market"],
    ]);
  });

  test("take a confirmation by its topic, and start over where liquidations are refused or withdrawn", () => {
    const arg = { instType: "usdt-futures", topic: "liquidation" };
    expect(readFrame(bitget, { event: "subscribe", arg })).toEqual([{ kind: "subscribed", topic: "usdt-futures:liquidation" }]);
    expect(kindsOf(readFrame(bitget, { event: "error", arg, code: "30001", msg: "no" }))).toEqual(["error", "reconnect"]);
    expect(kindsOf(readFrame(bitget, { event: "error", arg: { ...arg, topic: "ticker", symbol: "X" }, code: "30001", msg: "no" }))).toEqual(
      ["error"],
    );
    expect(kindsOf(readFrame(bitget, { event: "unsubscribe", arg }))).toEqual(["reconnect"]);
    expect(readFrame(bitget, "pong")).toEqual([{ kind: "pong" }]);
  });

  test("give all of a ticker, and books whose changes name the one before", () => {
    const ticker = {
      markPrice: "80001",
      indexPrice: "80002",
      fundingRate: "-0.00003",
      openInterest: "29539.5",
      turnover24h: "2914473798.9",
    };
    const touch = { bid1Price: "80000", ask1Price: "80003" };
    expect(readFrame(bitget, push("ticker", "snapshot", { ...ticker, ...touch }))).toEqual([
      { kind: "mark", instrument: "BTCUSDT", price: 80_001, time: TIME + 5 },
      { kind: "index", instrument: "BTCUSDT", price: 80_002 },
      { kind: "funding", instrument: "BTCUSDT", rate: -0.00003 },
      { kind: "open_interest", instrument: "BTCUSDT", quantity: 29_539.5 },
      { kind: "turnover", instrument: "BTCUSDT", usd: 2_914_473_798.9 },
      { kind: "quote", instrument: "BTCUSDT", bid: 80_000, ask: 80_003 },
    ]);
    const levels = { a: [["80003", "1"]], b: [["80000", "2"]] };
    expect(readFrame(bitget, push("books50", "update", { ...levels, seq: 12, pseq: 11 }))).toMatchObject([
      { kind: "book", action: "delta", sequence: 12, previousSequence: 11 },
    ]);
    expect(readFrame(bitget, push("books50", "snapshot", { ...levels, seq: 12, pseq: 0 }))).toMatchObject([
      { kind: "book", action: "snapshot", sequence: 12 },
    ]);
  });

  test("survive garbled frames", () => {
    const frames = [
      frame(ROW, ROW),
      push("ticker", "snapshot", { markPrice: "1" }),
      push("books50", "update", { a: [], b: [], seq: 1, pseq: 0 }),
    ];
    expectNoThrow(
      () => exchanges.bitget.createDecoder(SCOPE),
      frames.map((each) => JSON.stringify(each)),
    );
  });
});

const row = (symbol: string, quoteCoin: string, more: object = {}) => ({
  symbol,
  baseCoin: "BTC",
  quoteCoin,
  type: "perpetual",
  status: "online",
  ...more,
});

test("the tables are those of both products, without dated contracts", async () => {
  const bodies = [
    { data: [row("BTCUSDT", "USDT"), row("BTCUSDT_261225", "USDT", { type: "delivery" })] },
    { data: [row("BTCPERP", "USDC", { status: "offline" })] },
  ];
  const table = await bitget.loadInstruments(answering(bodies), ENDPOINTS);
  expect(table.map(({ instrument, quote, trading }) => [instrument, quote, trading])).toEqual([
    ["BTCUSDT", "USDT", true],
    ["BTCPERP", "USDC", false],
  ]);
  await expect(bitget.loadInstruments(answering([{}, {}]), ENDPOINTS)).rejects.toThrow("lists no perpetual");
});

const CAPTURE = captureLines("bitget-liquidation.jsonl");

describe.skipIf(CAPTURE === null)("the captures", () => {
  test("of liquidations are 83.1 APE and 286.5 IP, so that the amount is USDT", () => {
    const events = (CAPTURE ?? []).flatMap((line) => liquidationsOf(readFrame(bitget, line)));
    expect(
      events.map(({ symbol, position_side, quantity, usd_value }) => [symbol, position_side, quantity?.toFixed(6), usd_value]),
    ).toEqual([
      ["APE", "long", "83.100000", 13.70319],
      ["IP", "long", "286.500000", 143.330431857868],
    ]);
  });

  test("of the market give mark, index, funding, open interest and quote", () => {
    const messages = (captureLines("bitget-market.jsonl") ?? []).flatMap((line) =>
      exchanges.bitget.createDecoder(SCOPE).decode(line, RECEIVED_TIME),
    );
    expect(kindsOf(messages).filter((kind) => kind !== "reject")).toEqual([
      "mark",
      "index",
      "funding",
      "open_interest",
      "turnover",
      "quote",
    ]);
  });
});

test("the funding interval is requested of each contract once an hour, in hours", () => {
  const [poll] = bitget.polls(SCOPE, ENDPOINTS);
  expect(poll).toMatchObject({
    what: "funding_interval",
    contracts: ["BTCUSDT"],
    url: "http://rest.test/api/v3/market/current-fund-rate?symbol=BTCUSDT",
    intervalMs: 3_600_000,
  });
  const current = { symbol: "BTCUSDT", fundingRate: "0.000071", fundingRateInterval: "4", nextUpdate: "1743062400000" };
  const answer = (changes: object) => JSON.stringify({ code: "00000", data: [{ ...current, ...changes }] });
  expect(poll?.read(answer({}), RECEIVED_TIME)).toEqual([{ kind: "funding_interval", instrument: "BTCUSDT", intervalMs: 4 * 3_600_000 }]);
  for (const wrong of [{ symbol: "ETHUSDT" }, { fundingRateInterval: "" }, { fundingRateInterval: "0" }]) {
    expect(poll?.read(answer(wrong), RECEIVED_TIME)).toMatchObject([{ kind: "reject" }]);
  }
});
