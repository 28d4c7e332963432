import { describe, expect, test } from "vitest";
import { htx } from "../../../../src/exchanges/htx/htx.ts";
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
const TIME = 1_795_000_000_000;
const SCOPE = scopeOf(htx, ["BTC"]);
const TOPIC = "public.*.liquidation_orders";
/** 227 contracts of 0.001 BTC at 79,900.5 USDT. */
const ROW = {
  symbol: "BTC",
  contract_code: "BTC-USDT",
  direction: "sell",
  offset: "close",
  volume: 227,
  price: 79_900.5,
  created_at: TIME,
  amount: 0.227,
  trade_turnover: 18_137.4135,
  business_type: "swap",
};

const frame = (...data: readonly unknown[]) => ({ op: "notify", topic: "public.BTC-USDT.liquidation_orders", ts: TIME + 5, data });
const answer = (code: number, more: object = {}) => ({ op: "sub", cid: "liquidations", topic: TOPIC, ts: TIME, "err-code": code, ...more });

describe("a liquidation order", () => {
  test("that sells closed a long; its coins are taken as given", () => {
    expect(onlyLiquidation(readFrame(htx, frame(ROW)))).toEqual({
      event_id: "htx:BTC-USDT:1795000000000:sell:227:79900.5",
      exchange: "htx",
      instrument: "BTC-USDT",
      symbol: "BTC",
      quote: "USDT",
      event_time: TIME,
      time_kind: "venue",
      position_side: "long",
      order_side: "sell",
      price: 79_900.5,
      price_kind: "order",
      quantity: 0.227,
      contracts: 227,
      usd_value: expect.closeTo(18_137.4135, 6) as number,
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
      coverage: "unknown",
      adapter_version: 1,
    });
  });

  test("that buys closed a short, and quoted numbers are read", () => {
    const quoted = { ...ROW, direction: "buy", volume: "227", price: "79900.5", amount: "0.227", created_at: String(TIME) };
    expect(onlyLiquidation(readFrame(htx, frame(quoted)))).toMatchObject({ position_side: "short", contracts: 227, quantity: 0.227 });
  });

  test("without coins is counted by the contract's size, and of an unknown size by nothing", () => {
    const { amount: _amount, ...bare } = ROW;
    expect(onlyLiquidation(readFrame(htx, frame(bare))).quantity).toBeCloseTo(0.227, 12);
    const sol = onlyLiquidation(readFrame(htx, frame({ ...bare, contract_code: "SOL-USDT" })));
    expect([sol.contracts, sol.quantity, sol.usd_value]).toEqual([227, null, null]);
    // The venue's coins need no table.
    expect(onlyLiquidation(readFrame(htx, frame({ ...ROW, contract_code: "SOL-USDT" }))).quantity).toBe(0.227);
  });

  test("equal to another of its frame is numbered; dated, inverse and other contracts are only counted", () => {
    expect(liquidationsOf(readFrame(htx, frame(ROW, ROW))).map(({ event_id }) => event_id)).toEqual([
      "htx:BTC-USDT:1795000000000:sell:227:79900.5",
      "htx:BTC-USDT:1795000000000:sell:227:79900.5:1",
    ]);
    const others = ["BTC-USDT-261225", "BTC-USD", "BTC200703"].map((contract_code) => ({ ...ROW, contract_code }));
    expect(kindsOf(readFrame(htx, frame(...others)))).toEqual(["skipped", "skipped", "skipped"]);
    expect(kindsOf(readFrame(htx, frame({ ...ROW, contract_code: "DOGE-USDT" }), SCOPE))).toEqual(["skipped"]);
  });

  test.each([{ direction: "long" }, { offset: "open" }, { volume: null }, { created_at: 0 }])(
    "with %o is refused with its text",
    (part) => {
      expect(onlyReason(readFrame(htx, frame({ ...ROW, ...part })))).toBe("malformed liquidation");
    },
  );
});

describe("the sockets", () => {
  const [plan, index] = htx.sockets(SCOPE, ENDPOINTS);

  test("ask for the liquidations of all contracts; pings of the venue show that they deliver", async () => {
    expect(await plan?.address(answering([]), "c")).toEqual({ url: "http://venue.test/linear-swap-notification" });
    expect(plan?.subscribe).toEqual([`{"op":"sub","topic":"${TOPIC}","cid":"liquidations"}`]);
    expect([plan?.confirmations, plan?.control]).toEqual([new Set([TOPIC]), new Set(["heartbeat"])]);
    expect(await index?.address(answering([]), "c")).toEqual({ url: "http://venue.test/ws_index" });
    expect(index?.topics?.request(3, ["market.BTC-USDT.index.1min"])).toEqual({
      id: "index-3",
      frame: '{"sub":"market.BTC-USDT.index.1min","id":"index-3"}',
    });
  });

  test("answer a ping with its own text, and never with a number made of it", () => {
    expect(readFrame(htx, '{"op":"ping","ts":"1795000000123"}')).toEqual([
      { kind: "reply", frame: '{"op":"pong","ts":"1795000000123"}' },
      { kind: "heartbeat", topic: TOPIC, time: 1_795_000_000_123 },
    ]);
    expect(readFrame(htx, '{"op":"ping","ts":"00123"}')[0]).toEqual({ kind: "reply", frame: '{"op":"pong","ts":"00123"}' });
    const nested = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    for (const ping of [`{"op":"ping","ts":${nested}}`, `{"ping":${nested}}`, '{"op":"ping"}']) {
      expect(readFrame(htx, ping)).toEqual([{ kind: "reject", reason: "malformed ping", text: ping }]);
    }
    expect(readFrame(htx, '{"ping":1795000000123}')).toEqual([{ kind: "reply", frame: '{"pong":1795000000123}' }]);
  });

  test("take a repeated subscription for one, and start over where liquidations are refused, withdrawn or the venue closes", () => {
    expect(readFrame(htx, answer(0))).toEqual([{ kind: "subscribed", topic: TOPIC }]);
    expect(readFrame(htx, answer(2014, { "err-msg": "Repeated subscription." }))).toEqual([{ kind: "subscribed", topic: TOPIC }]);
    expect(kindsOf(readFrame(htx, answer(1002, { "err-msg": "not authorized" })))).toEqual(["error", "reconnect"]);
    expect(kindsOf(readFrame(htx, { op: "unsub", topic: TOPIC }))).toEqual(["reconnect"]);
    expect(kindsOf(readFrame(htx, { op: "close", ts: TIME }))).toEqual(["reconnect"]);
    const funding = { cid: "topics-1", topic: "public.NOPE-USDT.funding_rate" };
    expect(readFrame(htx, answer(0, funding))).toEqual([{ kind: "subscribed", topic: "topics-1" }]);
    expect(readFrame(htx, answer(2011, funding))).toMatchObject([{ kind: "refused", request: "topics-1" }]);
  });

  test("give funding, mark and index prices", () => {
    const funding = {
      op: "notify",
      topic: "public.BTC-USDT.funding_rate",
      ts: TIME,
      data: [{ contract_code: "BTC-USDT", funding_rate: "-0.0002" }],
    };
    expect(readFrame(htx, funding)).toEqual([{ kind: "funding", instrument: "BTC-USDT", rate: -0.0002 }]);
    const candle = (kind: string) => ({
      ch: `market.BTC-USDT.${kind}.1min`,
      ts: TIME,
      tick: { open: "79999", close: "80001", high: "1", low: "1" },
    });
    expect(readFrame(htx, candle("mark_price"))).toEqual([{ kind: "mark", instrument: "BTC-USDT", price: 80_001, time: TIME }]);
    expect(readFrame(htx, candle("index"))).toEqual([{ kind: "index", instrument: "BTC-USDT", price: 80_001 }]);
    expect(readFrame(htx, { id: "index-3", status: "ok", subbed: "x" })).toEqual([{ kind: "subscribed", topic: "index-3" }]);
    expect(readFrame(htx, { id: "index-3", status: "error", "err-msg": "invalid topic" })).toMatchObject([
      { kind: "refused", request: "index-3", reason: "invalid topic" },
    ]);
  });

  test("survive garbled frames", () => {
    const frames = [
      frame(ROW, ROW),
      { op: "ping", ts: String(TIME) },
      { ch: "market.BTC-USDT.index.1min", ts: TIME, tick: { close: "1" } },
    ];
    expectNoThrow(
      () => exchanges.htx.createDecoder(SCOPE),
      frames.map((each) => JSON.stringify(each)),
    );
  });
});

const row = (contract_code: string, contract_status = 1) => ({ contract_code, contract_size: 0.001, contract_status });

describe("REST", () => {
  test("history has the stream's ids, and goes on from the oldest row", () => {
    const [url = ""] = htx.backfill.requests(SCOPE, ENDPOINTS, TIME - 60_000, TIME + 60_000);
    expect(url).toContain("/linear-swap-api/v3/swap_liquidation_orders?contract=BTC-USDT&trade_type=0&start_time=1794999940000");
    const page = { code: 200, msg: "", data: [ROW, { ...ROW, created_at: TIME - 5 }] };
    const [first] = liquidationsOf(htx.backfill.read(page, SCOPE));
    expect(first?.event_id).toBe(onlyLiquidation(readFrame(htx, frame(ROW))).event_id);
    const next = htx.backfill.next(url, page, TIME - 60_000) ?? "";
    expect(new URL(next).searchParams.get("end_time")).toBe(String(TIME - 5));
    expect(htx.backfill.next(next, { ...page, data: [{ ...ROW, created_at: TIME - 5 }] }, TIME - 60_000)).toBeNull();
    expect(htx.backfill.next(url, { ...page, data: [] }, 0)).toBeNull();
    expect(htx.backfill.read({ code: 1014, msg: "no" }, SCOPE)).toMatchObject([{ kind: "error" }]);
  });

  test("open interest counts both sides and is halved; books have contracts", () => {
    const [interest, book] = htx.polls(SCOPE, ENDPOINTS);
    const body = JSON.stringify({ status: "ok", data: [{ contract_code: "BTC-USDT", amount: 24_000, volume: 24_000_000 }] });
    expect(interest?.read(body, RECEIVED_TIME)).toEqual([{ kind: "open_interest", instrument: "BTC-USDT", quantity: 12_000 }]);
    expect(interest?.read("{}", RECEIVED_TIME)).toMatchObject([{ kind: "reject" }]);
    expect(book?.read("{}", RECEIVED_TIME)).toEqual([{ kind: "book_text", instrument: "BTC-USDT", text: "{}" }]);
    expect(htx.readBook('{"tick":{"bids":[[80000,12]],"asks":[[80001,7]]}}')).toEqual({ bids: [[80_000, 12]], asks: [[80_001, 7]] });
    expect(htx.readBook("{}")).toBeNull();
  });

  test("turnover is that of the contract in USDT, and the funding interval its settlement period in hours", () => {
    const [turnover, interval] = ["turnover", "funding_interval"].map((kind) =>
      htx.polls(SCOPE, ENDPOINTS).find(({ what, contracts }) => what === kind && contracts.includes("BTC-USDT")),
    );
    const tick = { amount: "12000.5", vol: "12000500", trade_turnover: "960040000.25" };
    const merged = { ch: "market.BTC-USDT.detail.merged", status: "ok", tick };
    expect(turnover?.read(JSON.stringify(merged), RECEIVED_TIME)).toEqual([
      { kind: "turnover", instrument: "BTC-USDT", usd: 960_040_000.25 },
    ]);
    for (const wrong of [{}, { ...merged, ch: "market.ETH-USDT.detail.merged" }, { ...merged, tick: { amount: 1 } }]) {
      expect(turnover?.read(JSON.stringify(wrong), RECEIVED_TIME)).toMatchObject([{ kind: "reject" }]);
    }
    expect(interval?.read(settledEach("8"), RECEIVED_TIME)).toEqual([
      { kind: "funding_interval", instrument: "BTC-USDT", intervalMs: 8 * 3_600_000 },
    ]);
    for (const unknown of ["", "0", null]) expect(interval?.read(settledEach(unknown), RECEIVED_TIME)).toEqual([]);
    expect(interval?.read("{}", RECEIVED_TIME)).toMatchObject([{ kind: "reject" }]);
  });

  test("table has swaps in USDT alone", async () => {
    const table = await htx.loadInstruments(
      answering([{ data: [row("BTC-USDT"), row("ETH-USDT", 8), row("BTC-USDT-261225")] }]),
      ENDPOINTS,
    );
    expect(table.map(({ instrument, trading }) => [instrument, trading])).toEqual([
      ["BTC-USDT", true],
      ["ETH-USDT", false],
    ]);
    await expect(htx.loadInstruments(answering([{}]), ENDPOINTS)).rejects.toThrow("lists no swap");
  });
});

function settledEach(period: unknown): string {
  return JSON.stringify({ data: [{ contract_code: "BTC-USDT", settlement_period: period }] });
}

const CAPTURE = captureLines("htx-liquidation.jsonl");

describe.skipIf(CAPTURE === null)("the captures", () => {
  test("of swaps in USDT are worth their coins times their price; those of other products are left out", () => {
    const messages = (CAPTURE ?? []).flatMap((line) => readFrame(htx, line));
    expect(
      liquidationsOf(messages).map(({ symbol, position_side, quantity, usd_value }) => [symbol, position_side, quantity, usd_value]),
    ).toEqual([
      ["BTC", "long", 0.227, expect.closeTo(5300.5635, 6)],
      ["ETH", "short", 5, expect.closeTo(12_231.3, 6)],
    ]);
    expect(kindsOf(messages).filter((kind) => kind === "skipped")).toHaveLength(5);
  });

  test("of control frames are a confirmation, a repetition, a ping with its answer and a refusal", () => {
    const messages = (captureLines("htx-control.jsonl") ?? []).flatMap((line) => readFrame(htx, line));
    expect(kindsOf(messages)).toEqual(["subscribed", "subscribed", "reply", "heartbeat", "error", "reconnect"]);
    expect(messages[2]).toEqual({ kind: "reply", frame: '{"op":"pong","ts":"1789676447110"}' });
  });
});
