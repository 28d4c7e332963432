import { describe, expect, test } from "vitest";
import { deribit } from "../../../../src/exchanges/deribit/deribit.ts";
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

/** As captured on 2020-03-13, with the numbers of contracts of later frames. */
const TAKER = {
  trade_seq: 40_781_986,
  trade_id: "66460463",
  timestamp: 1_584_058_044_032,
  tick_direction: 3,
  price: 4469.5,
  liquidation: "T",
  instrument_name: "BTC-PERPETUAL",
  index_price: 4805.41,
  direction: "sell",
  amount: 1120,
  contracts: 112,
};

function push(channel: string, data: unknown): unknown {
  return { jsonrpc: "2.0", method: "subscription", params: { channel, data } };
}

const trades = (...rows: readonly object[]) => push("trades.BTC-PERPETUAL.100ms", rows);

const answer = (body: object) => readFrame(deribit, { jsonrpc: "2.0", ...body });
const load = (...rows: readonly object[]) => deribit.loadInstruments(answering([{ jsonrpc: "2.0", result: rows }]), ENDPOINTS);
const page = (has_more: boolean, timestamp: number) => ({ result: { trades: [{ ...TAKER, timestamp }], has_more } });

describe("trades", () => {
  test("a taker that was liquidated by a sell was long; sizes of inverse contracts are USD", () => {
    expect(onlyLiquidation(readFrame(deribit, trades(TAKER)))).toMatchObject({
      event_id: "deribit:BTC-PERPETUAL:66460463:taker",
      symbol: "BTC",
      quote: "USD",
      event_time: 1_584_058_044_032,
      time_kind: "venue",
      position_side: "long",
      order_side: "sell",
      price: 4469.5,
      price_kind: "fill",
      // 1,120 USD / 4,469.5
      quantity: expect.closeTo(0.250_587_3, 7),
      contracts: 112,
      usd_value: 1120,
      coverage: "all_reported",
    });
  });

  test.each([
    ["T", "buy", "short"],
    ["M", "buy", "long"],
    ["M", "sell", "short"],
  ])("%s with a %s of the taker: a %s", (liquidation, direction, side) => {
    expect(onlyLiquidation(readFrame(deribit, trades({ ...TAKER, liquidation, direction }))).position_side).toBe(side);
  });

  test("MT are two liquidations, one on each side, with ids of their own", () => {
    const both = liquidationsOf(readFrame(deribit, trades({ ...TAKER, liquidation: "MT" })));
    expect(both.map(({ event_id, position_side, usd_value }) => [event_id, position_side, usd_value])).toEqual([
      ["deribit:BTC-PERPETUAL:66460463:taker", "long", 1120],
      ["deribit:BTC-PERPETUAL:66460463:maker", "short", 1120],
    ]);
  });

  test("a trade without the flag liquidated nobody, and proves that the channel delivers", () => {
    const { liquidation: _flag, ...ordinary } = TAKER;
    expect(readFrame(deribit, trades(ordinary))).toEqual([{ kind: "heartbeat", topic: "trades.BTC-PERPETUAL.100ms", time: RECEIVED_TIME }]);
    expect(readFrame(deribit, trades(ordinary, TAKER))).toHaveLength(1);
  });

  test("sizes of linear contracts are coins", () => {
    const row = { ...TAKER, instrument_name: "SOL_USDC-PERPETUAL", price: 138, amount: 25.5 };
    expect(onlyLiquidation(readFrame(deribit, trades(row)))).toMatchObject({
      symbol: "SOL",
      quote: "USDC",
      quantity: 25.5,
      usd_value: 3519,
    });
  });

  test("the unit of another kind of contract is unknown", () => {
    const dated = onlyLiquidation(readFrame(deribit, trades({ ...TAKER, instrument_name: "BTC-25DEC26" })));
    expect([dated.quantity, dated.usd_value, dated.contracts]).toEqual([null, null, 112]);
  });

  test.each([
    { liquidation: "X" },
    { liquidation: "toString" },
    { direction: "up" },
    { amount: "many" },
    { amount: -1 },
    { trade_id: 7 },
    { timestamp: 0 },
  ])("%o is a reject", (fault) => expect(onlyReason(readFrame(deribit, trades({ ...TAKER, ...fault })))).toBe("malformed liquidation"));

  test("one malformed row costs none of the others", () => {
    expect(kindsOf(readFrame(deribit, trades({ ...TAKER, amount: null }, TAKER)))).toEqual(["reject", "liquidation"]);
  });

  test("both liquidations of another coin are skipped", () => {
    const scope = scopeOf(deribit, ["ETH"]);
    expect(kindsOf(readFrame(deribit, trades({ ...TAKER, liquidation: "MT" }), scope))).toEqual(["skipped", "skipped"]);
  });
});

describe("market data", () => {
  const ticker = {
    funding_8h: 0.00012,
    current_funding: 0,
    best_bid_price: 4999.5,
    best_ask_price: 5000.5,
    open_interest: 50_000_000,
    mark_price: 5000,
    index_price: 4998,
    instrument_name: "BTC-PERPETUAL",
    stats: { volume_usd: 123_456_789, volume: 24_691 },
    timestamp: 1_795_000_000_000,
  };

  test("the open interest of an inverse contract is in USD: 50 million at 5,000 are 10,000 coins", () => {
    const name = { instrument: "BTC-PERPETUAL" };
    expect(readFrame(deribit, push("ticker.BTC-PERPETUAL.100ms", ticker))).toEqual([
      { kind: "mark", ...name, price: 5000, time: 1_795_000_000_000 },
      { kind: "index", ...name, price: 4998 },
      { kind: "funding", ...name, rate: 0.00012 },
      { kind: "funding_interval", ...name, intervalMs: 28_800_000 },
      { kind: "open_interest", ...name, quantity: 10_000 },
      { kind: "turnover", ...name, usd: 123_456_789 },
      { kind: "quote", ...name, bid: 4999.5, ask: 5000.5 },
    ]);
  });

  test("a book is a snapshot and then changes that name the one before; a deleted level has size 0", () => {
    const head = { timestamp: 1_795_000_000_000, instrument_name: "BTC-PERPETUAL" };
    const snapshot = { ...head, type: "snapshot", change_id: 10, bids: [["new", 4999.5, 100]], asks: [["new", 5000.5, 200]] };
    expect(readFrame(deribit, push("book.BTC-PERPETUAL.100ms", snapshot))).toEqual([
      { kind: "book", instrument: "BTC-PERPETUAL", action: "snapshot", bids: [[4999.5, 100]], asks: [[5000.5, 200]], sequence: 10 },
    ]);
    const change = {
      ...head,
      type: "change",
      change_id: 14,
      prev_change_id: 10,
      bids: [["delete", 4999.5, 0]],
      asks: [["change", 5000.5, 50]],
    };
    expect(readFrame(deribit, push("book.BTC-PERPETUAL.100ms", change))).toEqual([
      {
        kind: "book",
        instrument: "BTC-PERPETUAL",
        action: "delta",
        bids: [[4999.5, 0]],
        asks: [[5000.5, 50]],
        sequence: 14,
        previousSequence: 10,
      },
    ]);
  });
});

describe("the session", () => {
  test("a test request is answered at once", () => {
    expect(answer({ method: "heartbeat", params: { type: "test_request" } })).toEqual([
      { kind: "reply", frame: '{"jsonrpc":"2.0","id":"test","method":"public/test","params":{}}' },
    ]);
    expect(answer({ method: "heartbeat", params: { type: "heartbeat" } })).toEqual([{ kind: "pong" }]);
  });

  test("an answer with fewer channels than were requested confirms those and refuses the request", () => {
    expect(answer({ id: "topics-1-2", result: ["a", "b"] })).toEqual([{ kind: "subscribed", topic: "topics-1-2" }]);
    const reason = "not among the subscribed channels";
    expect(answer({ id: "topics-1-2", result: ["a"] })).toEqual([
      { kind: "refused", request: "topics-1-2", reason, unknown: [], held: ["a"] },
    ]);
    expect(kindsOf(answer({ id: "topics-1-2", error: { code: 11_050, message: "bad_request" } }))).toEqual(["refused"]);
    expect(kindsOf(answer({ id: "heartbeat", error: { code: -32_602, message: "Invalid params" } }))).toEqual(["error"]);
  });

  test("the trades of every watched contract must be confirmed; the heartbeat is set", async () => {
    const [plan, ...more] = deribit.sockets(scopeOf(deribit, ["BTC"]), ENDPOINTS);
    expect(more).toEqual([]);
    expect(await plan?.address(answering([]), "id")).toEqual({ url: "http://venue.test/ws/api/v2" });
    expect([...(plan?.confirmations ?? [])]).toEqual(["trades.BTC-PERPETUAL.100ms", "trades.BTC_USDC-PERPETUAL.100ms"]);
    expect([...(plan?.topics?.contracts.entries() ?? [])].at(-1)).toEqual(["book.BTC_USDC-PERPETUAL.100ms", "BTC_USDC-PERPETUAL"]);
    expect(JSON.parse(plan?.subscribe[0] ?? "")).toMatchObject({ method: "public/set_heartbeat", params: { interval: 15 } });
    expect(plan?.topics?.request(3, ["x", "y"])).toMatchObject({ id: "topics-3-2" });
    expect([plan?.heartbeatTopic, plan?.heartbeatTimeoutMs]).toEqual(["trades.BTC-PERPETUAL.100ms", 60_000]);
    expect(deribit.sockets(scopeOf(deribit, ["SOL"]), ENDPOINTS)[0]?.heartbeatTopic).toBeUndefined();
  });

  test("no frame, however broken, makes the decoder throw", () => {
    const frames = [trades(TAKER, { ...TAKER, liquidation: "MT" }), { jsonrpc: "2.0", id: "topics-1-2", result: ["a"] }];
    const texts = frames.map((frame) => JSON.stringify(frame));
    expectNoThrow(() => deribit.createDecoder(scopeOf(deribit, "*")), texts);
  });
});

describe("the table", () => {
  const row = {
    instrument_name: "ETH-PERPETUAL",
    kind: "future",
    settlement_period: "perpetual",
    instrument_type: "reversed",
    base_currency: "ETH",
    quote_currency: "USD",
    contract_size: 1,
    is_active: true,
  };

  test("perpetuals with the unit of their sizes, which is not that of a contract", async () => {
    const linear = {
      ...row,
      instrument_name: "SOL_USDC-PERPETUAL",
      instrument_type: "linear",
      base_currency: "SOL",
      quote_currency: "USDC",
    };
    const dated = { ...row, instrument_name: "ETH-25DEC26", settlement_period: "month" };
    expect(await load(row, linear, dated)).toEqual([
      { instrument: "ETH-PERPETUAL", symbol: "ETH", quote: "USD", scale: 1, contract: { kind: "inverse", usd: 1 }, trading: true },
      { instrument: "SOL_USDC-PERPETUAL", symbol: "SOL", quote: "USDC", scale: 1, contract: { kind: "base", size: 1 }, trading: true },
    ]);
  });

  test("an empty list is an error", async () => {
    await expect(load()).rejects.toThrow("Deribit get_instruments lists no perpetual");
  });
});

describe("the history", () => {
  const { backfill } = deribit;
  const scope = scopeOf(deribit, ["SOL"]);

  test("one request per contract, oldest first, and the next page begins with the last time", () => {
    const [url = "", ...more] = backfill.requests(scope, ENDPOINTS, 1_795_000_000_000, 1_795_000_060_000);
    expect(more).toEqual([]);
    expect(url).toBe(
      "http://rest.test/api/v2/public/get_last_trades_by_instrument_and_time?instrument_name=SOL_USDC-PERPETUAL&start_timestamp=1795000000000&end_timestamp=1795000060000&count=1000&sorting=asc",
    );
    expect(backfill.next(url, page(false, 1_795_000_010_000), 0)).toBeNull();
    expect(backfill.next(url, page(true, 1_795_000_010_000), 0)).toContain("start_timestamp=1795000010000");
    // A whole page within one millisecond would repeat for ever.
    expect(backfill.next(url, page(true, 1_795_000_000_000), 0)).toContain("start_timestamp=1795000000001");
  });

  test("a row has the id that it has on the stream", () => {
    const all = scopeOf(deribit, "*");
    const past = backfill.read({ result: { trades: [TAKER], has_more: false } }, all);
    expect(past).toEqual(deribit.createDecoder(all).decode(JSON.stringify(trades(TAKER)), RECEIVED_TIME));
    expect(kindsOf(backfill.read({ error: { code: 1 } }, all))).toEqual(["error"]);
  });
});

test.skipIf(captureLines("deribit-trades.jsonl") === null)(
  "the captures are two longs: a taker that sold, and a maker that bought from a buyer",
  () => {
    const events = (captureLines("deribit-trades.jsonl") ?? []).flatMap((line) => liquidationsOf(readFrame(deribit, line)));
    expect(events.map(({ event_id, position_side, usd_value }) => [event_id, position_side, usd_value])).toEqual([
      ["deribit:BTC-PERPETUAL:66460463:taker", "long", 1120],
      ["deribit:BTC-PERPETUAL:66460626:maker", "long", 2500],
    ]);
  },
);
