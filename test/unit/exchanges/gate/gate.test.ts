import { describe, expect, test } from "vitest";
import { gate } from "../../../../src/exchanges/gate/gate.ts";
import type { FeedMessage, Instrument } from "../../../../src/exchanges/exchange.ts";
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
} from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };
const TIME = 1_795_000_000_123;
const SCOPE = scopeOf(gate, ["BTC"]);
const LIQUIDATIONS = "futures.public_liquidates";
const ROW = { price: "80000", size: "-124.5", time: TIME, contract: "BTC_USDT" };

const frame = (...result: readonly unknown[]) => ({
  time: 1_795_000_000,
  time_ms: 1_795_000_000_900,
  channel: LIQUIDATIONS,
  event: "update",
  result,
});

const ids = (messages: readonly FeedMessage[]) => liquidationsOf(messages).map(({ event_id }) => event_id);

describe("a liquidation order", () => {
  test("that sells closed a long; its size is contracts with a fraction and its price that of the order", () => {
    // 124.5 contracts of 0.0001 BTC at 80,000 USDT.
    expect(onlyLiquidation(readFrame(gate, frame(ROW)))).toEqual({
      event_id: "gate:BTC_USDT:1795000000000:sell:124.5:",
      exchange: "gate",
      instrument: "BTC_USDT",
      symbol: "BTC",
      quote: "USDT",
      event_time: TIME,
      time_kind: "venue",
      position_side: "long",
      order_side: "sell",
      price: 80_000,
      price_kind: "order",
      quantity: expect.closeTo(0.01245, 12) as number,
      contracts: 124.5,
      usd_value: expect.closeTo(996, 9) as number,
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
      coverage: "all_reported",
      adapter_version: 1,
    });
  });

  test("that buys closed a short, and integers of a server that ignores the header are read", () => {
    expect(onlyLiquidation(readFrame(gate, frame({ ...ROW, size: 10 })))).toMatchObject({ position_side: "short", contracts: 10 });
  });

  test("may say its time in milliseconds or in seconds, as it did before", () => {
    const inSeconds = onlyLiquidation(readFrame(gate, frame({ ...ROW, time: 1_795_000_000 })));
    expect([inSeconds.event_time, inSeconds.event_id]).toEqual([1_795_000_000_000, "gate:BTC_USDT:1795000000000:sell:124.5:"]);
  });

  test("of a contract whose size is unknown has contracts and no value; one out of scope is only counted", () => {
    const eth = onlyLiquidation(readFrame(gate, frame({ ...ROW, contract: "ETH_USDT" })));
    expect([eth.contracts, eth.quantity, eth.usd_value]).toEqual([124.5, null, null]);
    expect(kindsOf(readFrame(gate, frame({ ...ROW, contract: "DOGE_USDT" }), SCOPE))).toEqual(["skipped"]);
  });

  test.each([{ size: "0" }, { size: "x" }, { time: null }, { contract: "" }])("with %o is refused with its text", (part) => {
    expect(onlyReason(readFrame(gate, frame({ ...ROW, ...part })))).toBe("malformed liquidation");
  });
});

describe("orders that are equal in contract, second, side and size", () => {
  test("are numbered over the frames of a session, and keep their numbers where a frame comes again", () => {
    const decoder = gate.createDecoder(SCOPE);
    const later = { ...ROW, time: TIME + 100 };
    const idsOf = (...rows: readonly unknown[]) => ids(decoder.decode(JSON.stringify(frame(...rows)), RECEIVED_TIME));
    const [first, second, third] = ["", ":1", ":2"].map((end) => `gate:BTC_USDT:1795000000000:sell:124.5:${end}`);
    expect(idsOf(ROW, ROW)).toEqual([first, second]);
    // A full array is sent early, and the rest of its second follows.
    expect(idsOf(later)).toEqual([third]);
    expect(idsOf(ROW, ROW)).toEqual([first, second]);
    expect(idsOf({ ...ROW, size: "124.5" }, { ...ROW, time: TIME + 1000 })).toEqual([
      "gate:BTC_USDT:1795000000000:buy:124.5:",
      "gate:BTC_USDT:1795000001000:sell:124.5:",
    ]);
  });
});

const read = (...rows: readonly unknown[]) => gate.backfill.read(rows, SCOPE);

describe("the history", () => {
  const REST = {
    time: 1_795_000_000,
    contract: "BTC_USDT",
    size: 600,
    order_size: -124.5,
    order_price: "79900",
    fill_price: "79950",
    left: 0,
  };

  test("gives the ids of the stream, although its price and the resolution of its time differ", () => {
    expect(ids(read(REST, REST))).toEqual(ids(readFrame(gate, frame(ROW, ROW))));
  });

  test("counts what the order closed, and never the position, which each step of a liquidation repeats", () => {
    const step = onlyLiquidation(read({ ...REST, left: -24.5 }));
    expect(step).toMatchObject({
      position_side: "long",
      contracts: 100,
      quantity: expect.closeTo(0.01, 12) as number,
      price: 79_950,
      price_kind: "average_fill",
      average_price: 79_950,
      limit_price: 79_900,
    });
    expect(step.usd_value).toBeCloseTo(799.5, 9);
    expect(kindsOf(read({ ...REST, left: -124.5 }))).toEqual(["skipped"]);
  });

  test("is asked for as a whole, in seconds, and a full page is followed from its last second on, in either order", () => {
    const [url = ""] = gate.backfill.requests(SCOPE, ENDPOINTS, 1_795_000_000_500, 1_795_000_600_500);
    expect(url).toBe("http://rest.test/api/v4/futures/usdt/liq_orders?from=1795000000&to=1795000600&limit=1000");
    const page = (first: number, last: number) => Array.from({ length: 1000 }, (_, row) => ({ ...REST, time: row < 999 ? first : last }));
    const nextOf = (body: unknown) => gate.backfill.next(url, body, 0);
    expect(nextOf(page(1_795_000_600, 1_795_000_300))).toContain("from=1795000000&to=1795000300");
    expect(nextOf(page(1_795_000_000, 1_795_000_300))).toContain("from=1795000300&to=1795000600");
    expect([nextOf(page(1_795_000_300, 1_795_000_300)), nextOf([REST]), nextOf({})]).toEqual([null, null, null]);
  });

  test("that is refused says so", () => {
    expect(read({})).toMatchObject([{ kind: "reject" }]);
    expect(gate.backfill.read({ label: "TOO_MANY_REQUESTS" }, SCOPE)).toMatchObject([{ kind: "error" }]);
  });
});

describe("the socket", () => {
  const [plan] = gate.sockets(SCOPE, ENDPOINTS);

  test("asks for sizes with decimals, for the liquidations of the whole market, and dates each request", async () => {
    expect(await plan?.address(answering([]), "c")).toEqual({
      url: "http://venue.test/v4/ws/usdt",
      headers: { "X-Gate-Size-Decimal": "1" },
    });
    expect(plan?.stamp?.(plan.subscribe[0] ?? "", TIME)).toBe(
      `{"time":1795000000,"id":1,"channel":"${LIQUIDATIONS}","event":"subscribe","payload":["!all"]}`,
    );
    expect(plan?.topics?.request(2, ["futures.tickers:BTC_USDT"])).toEqual({
      id: "102",
      frame: '{"id":102,"channel":"futures.tickers","event":"subscribe","payload":["BTC_USDT"]}',
    });
    expect(plan?.keepalive?.intervalMs).toBeLessThan(18_000);
  });

  test("takes a confirmation by channel or id, and starts over where liquidations are refused or withdrawn", () => {
    const answer = (more: object) => readFrame(gate, { channel: LIQUIDATIONS, event: "subscribe", result: { status: "success" }, ...more });
    expect(answer({})).toEqual([{ kind: "subscribed", topic: LIQUIDATIONS }]);
    expect(answer({ channel: "futures.tickers", id: 102 })).toEqual([{ kind: "subscribed", topic: "102" }]);
    expect(kindsOf(answer({ error: { code: 2, message: "no" }, result: null }))).toEqual(["error", "reconnect"]);
    expect(kindsOf(answer({ event: "unsubscribe" }))).toEqual(["reconnect"]);
    expect(readFrame(gate, { channel: "futures.pong", event: "", result: null })).toEqual([{ kind: "pong" }]);
    expect(answer({ channel: "futures.tickers", id: 102, error: { code: 2, message: "unknown contract X_USDT" } })).toMatchObject([
      { kind: "refused", request: "102", unknown: ["futures.tickers:X_USDT"] },
    ]);
  });

  test("gives mark, index, funding and turnover of a ticker, each at the frame's time", () => {
    const row = { contract: "BTC_USDT", mark_price: "80001", index_price: "80002", funding_rate: "0.0001", volume_24h_quote: "5000000" };
    expect(readFrame(gate, { ...frame(row), channel: "futures.tickers" })).toEqual([
      { kind: "mark", instrument: "BTC_USDT", price: 80_001, time: 1_795_000_000_900 },
      { kind: "index", instrument: "BTC_USDT", price: 80_002 },
      { kind: "funding", instrument: "BTC_USDT", rate: 0.0001 },
      { kind: "turnover", instrument: "BTC_USDT", usd: 5_000_000 },
    ]);
  });

  test("survives garbled frames", () => {
    const ticker = { ...frame({ contract: "BTC_USDT", mark_price: "80001" }), channel: "futures.tickers" };
    expectNoThrow(
      () => exchanges.gate.createDecoder(SCOPE),
      [frame(ROW, ROW), ticker].map((each) => JSON.stringify(each)),
    );
  });
});

describe("contracts and polls", () => {
  const TABLE = [
    { name: "BTC_USDT", quanto_multiplier: "0.0001", in_delisting: false },
    { name: "SATS_USDT", quanto_multiplier: "1000000", in_delisting: true },
    { name: "BTC_USD", quanto_multiplier: "0" },
  ];

  test("are those in USDT, with the coins of a contract", async () => {
    const table: readonly Instrument[] = await gate.loadInstruments(answering([TABLE]), ENDPOINTS);
    expect(table).toEqual([
      { instrument: "BTC_USDT", symbol: "BTC", scale: 1, quote: "USDT", contract: { kind: "base", size: 0.0001 }, trading: true },
      { instrument: "SATS_USDT", symbol: "SATS", scale: 1, quote: "USDT", contract: { kind: "base", size: 1_000_000 }, trading: false },
    ]);
    await expect(gate.loadInstruments(answering([{}]), ENDPOINTS)).rejects.toThrow("lists no perpetual");
  });

  test("count one side of the open interest, in coins", () => {
    const body = JSON.stringify({ name: "BTC_USDT", position_size: 260_000_000, funding_interval: 28_800 });
    const polls = gate.polls(SCOPE, ENDPOINTS);
    const poll = (what: string, text: string) => polls.find((one) => one.what === what)?.read(text, RECEIVED_TIME);
    expect(poll("open_interest", body)).toEqual([
      { kind: "open_interest", instrument: "BTC_USDT", quantity: expect.closeTo(26_000, 6) },
      { kind: "funding_interval", instrument: "BTC_USDT", intervalMs: 28_800_000 },
    ]);
    // One request per address: the poller holds no two of the same.
    expect(new Set(polls.map(({ url }) => url)).size).toBe(polls.length);
    expect(poll("open_interest", "{}")).toMatchObject([{ kind: "reject" }]);
    expect(gate.readBook('{"asks":[{"s":5,"p":"80001"}],"bids":[{"s":"7.5","p":"80000"}]}')).toEqual({
      bids: [[80_000, 7.5]],
      asks: [[80_001, 5]],
    });
    expect([gate.readBook("{}"), gate.readBook('{"asks":[{}],"bids":[]}')]).toEqual([null, null]);
  });
});

const DOCS = captureLines("gate-liquidates-docs.jsonl");

test.skipIf(DOCS === null)("the documents' example has fractions of a contract with the header and none without", () => {
  const [exact, cut] = (DOCS ?? []).map((line) => liquidationsOf(readFrame(gate, line)).map(({ contracts }) => contracts));
  expect([exact, cut]).toEqual([
    [124.5, 10.5],
    [124, 10],
  ]);
});
