import { existsSync, globSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CAPTURES } from "../frame-reading.ts";
import { bitfinex } from "../../../../src/exchanges/bitfinex/bitfinex.ts";
import type { Decoder, FeedMessage, Scope } from "../../../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../../../src/liquidation.ts";

const NOW = 1_795_000_001_000;
const MTS = 1_795_000_000_000;
const TABLE = new Map(bitfinex.fallbackInstruments.map((instrument) => [instrument.instrument, instrument]));
const SCOPE: Scope = { symbols: new Set(["BTC", "ETH"]), instruments: TABLE };
const ALL: Scope = { symbols: "*", instruments: TABLE };
const SUBSCRIBED = '{"event":"subscribed","channel":"status","chanId":42,"key":"liq:global"}';

/** A row with its documented values; BASE_PRICE is one that no test expects anywhere. */
function row(changes: Readonly<Record<number, unknown>> = {}): unknown[] {
  const values: unknown[] = ["pos", 7001, MTS, null, "tBTCF0:USTF0", 0.5, 11_111, null, 0, 1, null, 80_000];
  for (const [index, value] of Object.entries(changes)) values[Number(index)] = value;
  return values;
}

function trigger(price: number | null, changes: Readonly<Record<number, unknown>> = {}): unknown[] {
  return row({ 8: 0, 11: price, ...changes });
}

function execution(price: number | null, changes: Readonly<Record<number, unknown>> = {}): unknown[] {
  return row({ 8: 1, 11: price, ...changes });
}

function openSession(scope = SCOPE): Decoder {
  const decoder = bitfinex.createDecoder(scope);
  decoder.decode(SUBSCRIBED, NOW);
  return decoder;
}

function read(frame: unknown, decoder = openSession()): readonly FeedMessage[] {
  return decoder.decode(typeof frame === "string" ? frame : JSON.stringify(frame), NOW);
}

function eventsOf(messages: readonly FeedMessage[]): VenueLiquidation[] {
  return messages.flatMap((message) => (message.kind === "liquidation" ? [message.liquidation] : []));
}

function events(frame: unknown, decoder = openSession()): VenueLiquidation[] {
  return eventsOf(read(frame, decoder));
}

describe("a liquidation", () => {
  test("is the trigger row, with every field by hand", () => {
    expect(events([42, [row()]])).toEqual([
      {
        event_id: "bitfinex:tBTCF0:USTF0:7001:1795000000000",
        exchange: "bitfinex",
        instrument: "tBTCF0:USTF0",
        symbol: "BTC",
        quote: "USDT",
        event_time: MTS,
        position_side: "long",
        order_side: "sell",
        price: 80_000,
        price_kind: "acquired",
        quantity: 0.5,
        contracts: null,
        usd_value: 40_000,
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
        adapter_version: 2,
      },
    ]);
  });

  test.each([
    [0.00268657, "long", "sell"],
    [1.5, "long", "sell"],
    [-0.00268657, "short", "buy"],
    [-3, "short", "buy"],
  ])("of AMOUNT %d is a %s closed by a %s, below one coin too", (amount, position_side, order_side) => {
    expect(events([42, [trigger(80_000, { 5: amount })]])).toMatchObject([{ position_side, order_side, quantity: Math.abs(amount) }]);
  });

  test("keeps its id where a repetition has or lacks fractions of a millisecond", () => {
    const [fine] = events([42, [row({ 2: MTS + 0.2002 })]]);
    expect(fine).toMatchObject({ event_time: MTS, event_id: events([42, [row()]])[0]?.event_id });
  });

  test("of the same position later on has an id of its own", () => {
    const ids = events([42, [row(), row({ 2: MTS + 60_000 })]]).map((event) => event.event_id);
    expect(new Set(ids).size).toBe(2);
  });

  test("is the same in the snapshot that follows every subscription", () => {
    const live = events([42, row(), 9, MTS]);
    const replayed = events([42, [row(), row({ 1: 7002 })], 1, NOW]);
    expect(replayed[0]).toEqual(live[0]);
  });
});

describe("the shapes of a frame", () => {
  const [expected] = events([42, [row()]]);

  test.each<[string, unknown]>([
    ["flat", [42, row()]],
    ["nested, with sequence and time", [42, [row()], 17, NOW]],
    ["with a recorder's own texts at its end", [42, [row()], 17, NOW, "liquidations", "global"]],
    ["with a longer row", [42, [[...row(), null, "later", 5]]]],
    ["on a channel that was never announced", [99, [row()]]],
    ["flat on a channel that was never announced", [99, row()]],
  ])("%s", (_name, frame) => {
    expect(events(frame)).toEqual([expected]);
  });

  test("a row that ends before its price has none", () => {
    expect(events([42, [row().slice(0, 9)]])).toMatchObject([{ price: null, price_kind: "mark", quantity: 0.5, usd_value: null }]);
  });

  test.each([[[42, []]], [[42, null]], [[42, [], 3, NOW]]])("%j holds nothing", (frame) => {
    expect(read(frame)).toEqual([]);
  });
});

describe("the price", () => {
  test("is never the entry price of the position", () => {
    const decoder = openSession();
    const all = [trigger(80_000), trigger(null, { 1: 7002 }), trigger(0, { 1: 7003 }), execution(80_100, { 1: 7004 })];
    expect(JSON.stringify(eventsOf(read([42, all], decoder)))).not.toContain("11111");
  });

  test("is left to the mark price where no row of the position has one", () => {
    expect(events([42, [trigger(null)]])).toMatchObject([{ price: null, price_kind: "mark", usd_value: null, quantity: 0.5 }]);
  });

  test("is an earlier execution's, where the trigger comes after it without one", () => {
    const decoder = openSession();
    expect(read([42, [execution(235.5, { 2: MTS + 9, 5: -4 })]], decoder)).toMatchObject([{ kind: "execution" }]);
    expect(events([42, [trigger(null, { 5: -8 })]], decoder)).toMatchObject([
      { price: 235.5, price_kind: "acquired", quantity: 8, usd_value: 1884, position_side: "short" },
    ]);
  });

  test("is an execution's of the same frame, whichever row comes first", () => {
    expect(events([42, [trigger(null), execution(79_000)]])).toMatchObject([{ price: 79_000, usd_value: 39_500 }]);
  });

  test("is its own before any execution's", () => {
    expect(events([42, [execution(79_000), trigger(80_000)]])).toMatchObject([{ price: 80_000 }]);
  });

  test("is the execution's nearest in time", () => {
    const rows = [
      execution(1000, { 2: MTS - 5_000 }),
      execution(2000, { 2: MTS + 100 }),
      execution(3000, { 2: MTS + 6_000 }),
      trigger(null),
    ];
    expect(events([42, rows])).toMatchObject([{ price: 2000 }]);
  });

  test.each([
    ["more than 10 s away", { 2: MTS - 10_001 }],
    ["of another position", { 1: 7002 }],
  ])("is not an execution's %s", (_name, changes) => {
    expect(events([42, [execution(79_000, changes), trigger(null)]])).toMatchObject([{ price: null, price_kind: "mark" }]);
  });

  test("of another session's execution is unknown", () => {
    read([42, [execution(79_000)]]);
    expect(events([42, [trigger(null)]])).toMatchObject([{ price: null }]);
  });

  test("is still found after hundreds of other positions' executions, and forgotten after thousands", () => {
    const decoder = openSession();
    const others = (count: number, from: number) => Array.from({ length: count }, (_, index) => execution(1, { 1: from + index }));
    read([42, [execution(79_000)]], decoder);
    read([42, others(400, 10_000)], decoder);
    expect(events([42, [trigger(null)]], decoder)).toMatchObject([{ price: 79_000 }]);
    read([42, others(3000, 20_000)], decoder);
    expect(events([42, [trigger(null)]], decoder)).toMatchObject([{ price: null }]);
  });
});

describe("rows that are no event", () => {
  test("a market execution is kept as detail of its position, so that it is not counted again", () => {
    const executed = execution(79_000, { 2: MTS + 0.5, 5: 0.2 });
    expect(read([42, [executed]])).toEqual([
      { kind: "execution", eventIdPrefix: "bitfinex:tBTCF0:USTF0:7001:", time: MTS, text: JSON.stringify(executed) },
    ]);
  });

  test("a trigger and its executions together are one event of the trigger's whole amount", () => {
    const frame = [42, [execution(79_000, { 5: 0.3 }), trigger(null, { 5: 0.5 }), execution(79_100, { 5: 0.2 })]];
    expect(events(frame)).toMatchObject([{ quantity: 0.5 }]);
    expect(read(frame)).toHaveLength(3);
  });

  test.each(["tBTCUSD", "tBSVUSD", "tTESTBTCF0:TESTUSDTF0", "BTCF0:USTF0", "tBTCF0:USTF0X"])(
    "%s is not ours, even where all symbols are",
    (name) => {
      expect(read([42, [row({ 4: name })]], openSession(ALL))).toMatchObject([{ kind: "skipped" }]);
    },
  );

  test("a symbol outside the scope is skipped, and taken where all are", () => {
    const doge = row({ 4: "tDOGEF0:USTF0", 11: 0.25 });
    expect(read([42, [doge]])).toMatchObject([{ kind: "skipped", reason: "symbol outside the scope" }]);
    expect(events([42, [doge]], openSession(ALL))).toMatchObject([{ symbol: "DOGE", quote: "USDT", quantity: 0.5, usd_value: 0.125 }]);
  });

  test("the venue's own codes stand for the asset all others name", () => {
    expect(events([42, [row({ 4: "tIOTF0:USTF0" })]], openSession(ALL))).toMatchObject([{ symbol: "IOTA", instrument: "tIOTF0:USTF0" }]);
  });
});

describe("malformed rows", () => {
  test.each<[string, Readonly<Record<number, unknown>>]>([
    ["no position id", { 1: null }],
    ["no position id", { 1: 7001.5 }],
    ["no time", { 2: null }],
    ["no time", { 2: -1 }],
    ["no time", { 2: 1e300 }],
    ["no symbol", { 4: 5 }],
    ["no amount", { 5: null }],
    ["no amount", { 5: 0 }],
    ["no amount", { 5: "much" }],
    ["IS_MATCH", { 8: null }],
    ["IS_MATCH", { 8: 2 }],
    ["no position row", { 0: "wu" }],
  ])("%s: %j", (reason, changes) => {
    const bad = row(changes);
    expect(read([42, [bad]])).toEqual([{ kind: "reject", reason: expect.stringContaining(reason), text: JSON.stringify(bad) }]);
  });

  test("cost the other rows of their frame nothing", () => {
    expect(read([42, [row({ 5: 0 }), row(), null]]).map((message) => message.kind)).toEqual(["reject", "liquidation", "reject"]);
  });
});

test("the usual spelling and the parsed frame give the same reading", () => {
  const decimal = fc.oneof(
    fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
    fc.integer(),
    fc.constantFrom(0, -0.5, 1e-7, 1e21, 0.1, 80_000),
  );
  const price = fc.option(decimal);
  const liquidation = fc
    .tuple(fc.nat(), fc.constantFrom(MTS, MTS + 0.2, 1, 0), fc.constantFrom("tBTCF0:USTF0", "tDOGEF0:USTF0", "tBTCUSD"), decimal, price)
    .chain(([id, time, name, amount, paid]) => fc.constant([5, [row({ 1: id, 2: time, 4: name, 5: amount, 11: paid })], 3, NOW]));
  const change = fc.tuple(decimal, fc.nat(9), decimal).map((level) => [3, level, 4, NOW]);
  const opening = '{"event":"subscribed","channel":"book","chanId":3,"symbol":"tBTCF0:USTF0"}';
  fc.assert(
    fc.property(fc.oneof(liquidation, change), (frame) => {
      const messages = ["", " "].map((ending) => {
        const decoder = openSession();
        decoder.decode(opening, NOW);
        // White space is still JSON, but not the usual spelling.
        return decoder.decode(JSON.stringify(frame) + ending, NOW).map((message) => ({ ...message, text: "" }));
      });
      expect(messages[0]).toEqual(messages[1]);
    }),
    { numRuns: 2000 },
  );
});

test("no text whatever makes the decoder throw, nor a cut or changed frame", () => {
  const frames = [
    JSON.stringify([42, [row(), execution(1)], 1, NOW]),
    SUBSCRIBED,
    '{"event":"subscribed","channel":"book","chanId":43,"symbol":"tBTCF0:USTF0"}',
    "[43,[[80000,1,0.5],[80001,2,-1]]]",
    '{"event":"subscribed","channel":"status","chanId":44,"key":"deriv:tBTCF0:USTF0"}',
    "[44,[1795000000000,null,1,2,null,3,null,4,5,6,null,0.1,null,null,80000]]",
    '{"event":"info","platform":{"status":1}}',
  ];
  const decoder = bitfinex.createDecoder(ALL);
  const changed = fc
    .tuple(fc.constantFrom(...frames), fc.nat(150), fc.nat(20), fc.string({ maxLength: 8 }))
    .map(([frame, at, length, inserted]) => frame.slice(0, at) + inserted + frame.slice(at + length));
  const values = fc.array(fc.jsonValue(), { maxLength: 14 }).map((cells) => JSON.stringify([42, [["pos", ...cells]]]));
  fc.assert(
    fc.property(fc.oneof(changed, values, fc.constantFrom(...frames), fc.string(), fc.json()), (text) => {
      for (const event of eventsOf(decoder.decode(text, NOW))) expect(event.quantity).toBeGreaterThan(0);
    }),
    { numRuns: 4000 },
  );
});

describe.runIf(existsSync(CAPTURES))("captured frames", () => {
  test("no line of any file throws", () => {
    const decoder = bitfinex.createDecoder(ALL);
    const files = globSync(`${CAPTURES}/bitfinex-*.jsonl`);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) for (const line of readFileSync(file, "utf8").split("\n")) decoder.decode(line, NOW);
  });

  test("the liquidation file has one liquidation, sent twice, three executions' worth of detail and a spot pair", () => {
    const decoder = bitfinex.createDecoder(SCOPE);
    const text = readFileSync(`${CAPTURES}/bitfinex-liquidation.jsonl`, "utf8").trim();
    const messages = text.split("\n").map((line) => decoder.decode(line, NOW));
    expect(messages.map(([first]) => first?.kind)).toEqual([
      "subscribed",
      "liquidation",
      "liquidation",
      "heartbeat",
      "execution",
      "execution",
      "skipped",
    ]);
    const found = messages.flatMap(eventsOf);
    expect(found[1]).toEqual(found[0]);
    expect(found[0]).toMatchObject({
      symbol: "BTC",
      position_side: "long",
      price: 9080,
      quantity: 0.00268657,
      event_time: 1_593_522_802_742,
    });
  });
});
