import { describe, expect, test } from "vitest";
import { MAX_MARKET_DISTANCE_MS } from "../../../src/lateness.ts";
import type { Instrument } from "../../../src/exchanges/exchange.ts";
import { MarketContext, marketFields, withMarkPrice } from "../../../src/market/market-context.ts";
import { aBook, aMark, anInstrument, aVenueLiquidation, readJsonBook, T0 } from "./market-fixtures.ts";

const INSTRUMENTS = new Map(
  [anInstrument(), anInstrument({ instrument: "ETHUSDT", symbol: "ETH" })].map((each) => [each.instrument, each]),
);

function aContext(instruments: ReadonlyMap<string, Instrument> = INSTRUMENTS): MarketContext {
  return new MarketContext(readJsonBook, instruments);
}

/** Mark 80 000, bid 79 990 × 1, ask 80 010 × 3 at T0 − 1 s; the next levels are out of reach of the depth. */
function aKnownContext(): MarketContext {
  const context = aContext();
  context.apply(aMark(80_000), T0 - 1000);
  context.apply(
    aBook(
      "snapshot",
      [
        [79_990, 1],
        [79_200, 9],
      ],
      [
        [80_010, 3],
        [80_800, 9],
      ],
      5,
    ),
    T0 - 400,
  );
  return context;
}

describe("market fields", () => {
  test("of a long liquidated 10 bps under the mark, worked by hand", () => {
    const context = aKnownContext();
    context.apply({ kind: "index", instrument: "BTCUSDT", price: 79_995 }, T0 - 1000);
    context.apply({ kind: "funding", instrument: "BTCUSDT", rate: -0.0001 }, T0 - 1000);
    context.apply({ kind: "open_interest", instrument: "BTCUSDT", quantity: 1000 }, T0 - 1000);
    expect(marketFields([context], aVenueLiquidation(), T0)).toEqual({
      notional_mark_usd: 40_000,
      mark_price: 80_000,
      mark_age_ms: 1000,
      index_price: 79_995,
      funding_rate: -0.0001,
      open_interest_usd: 80_000_000,
      best_bid: 79_990,
      best_ask: 80_010,
      book_age_ms: 400,
      spread_bps: 2.5,
      slippage_to_mark_bps: 10,
      depth_reach_bps: 100,
      bid_depth_usd: 79_990,
      ask_depth_usd: 240_030,
      imbalance_ratio: (79_990 - 240_030) / (79_990 + 240_030),
      depth_share: 40_000 / 79_990,
      volatility_5m: null,
    });
  });

  test("of a mark and an index price that cannot be of one market neither is known, nor what is measured by them", () => {
    const context = aKnownContext();
    context.apply({ kind: "index", instrument: "BTCUSDT", price: 79 }, T0 - 1000);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({
      mark_price: null,
      index_price: null,
      notional_mark_usd: null,
      slippage_to_mark_bps: null,
      best_bid: 79_990,
    });
    const unpriced = aVenueLiquidation({ price: null, price_kind: "mark", usd_value: null });
    expect(withMarkPrice(unpriced, [context], T0).price).toBeNull();
  });

  test("a book or quote far from the mark price is unknown", () => {
    const context = aKnownContext();
    context.apply({ kind: "quote", instrument: "BTCUSDT", bid: 0.1, ask: 0.2 }, T0 - 100);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({ mark_price: 80_000, best_bid: 79_990, best_ask: 80_010 });
    context.apply(aBook("snapshot", [[0.1, 1]], [[0.2, 3]], 6), T0 - 50);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({
      mark_price: 80_000,
      best_bid: null,
      bid_depth_usd: null,
      spread_bps: null,
    });
  });

  test("a short's slippage turns its sign, and its order hits the asks", () => {
    const short = aVenueLiquidation({ position_side: "short", order_side: "buy", price: 80_080, usd_value: 40_040 });
    expect(marketFields([aKnownContext()], short, T0)).toMatchObject({ slippage_to_mark_bps: 10, depth_share: 40_000 / 240_030 });
    expect(marketFields([aKnownContext()], { ...short, price: 79_920 }, T0)).toMatchObject({ slippage_to_mark_bps: -10 });
  });

  test("come from whichever of the venue's sessions has them, the one received last where several do", () => {
    const mark = aContext();
    mark.apply(aMark(80_000), T0 - 3000);
    const book = aContext();
    book.apply({ kind: "book_text", instrument: "BTCUSDT", text: '{"bids":[["79990","1"]],"asks":[["80010","1"]]}' }, T0 - 10);
    const successor = aContext();
    successor.apply(aMark(80_100), T0 - 20);
    expect(marketFields([successor, mark, book], aVenueLiquidation(), T0)).toMatchObject({
      mark_price: 80_100,
      mark_age_ms: 20,
      best_bid: 79_990,
      book_age_ms: 10,
    });
  });

  test("are unknown once older than 10 s for prices and books", () => {
    const context = aKnownContext();
    const at = (offset: number) => marketFields([context], aVenueLiquidation({ event_time: T0 + offset }), T0 + offset);
    expect(at(9000)).toMatchObject({ mark_price: 80_000, mark_age_ms: 10_000 });
    expect(at(9001)).toMatchObject({ mark_price: null, mark_age_ms: null, notional_mark_usd: null });
    expect(at(9600)).toMatchObject({ best_bid: 79_990, book_age_ms: 10_000 });
    expect(at(9601)).toMatchObject({ best_bid: null, book_age_ms: null, bid_depth_usd: null });
  });

  test.each([
    ["index_price", 30_000, { kind: "index", instrument: "BTCUSDT", price: 79_995 }, 79_995],
    ["open_interest_usd", 60_000, { kind: "open_interest", instrument: "BTCUSDT", quantity: 2 }, 160_000],
    ["funding_rate", 120_000, { kind: "funding", instrument: "BTCUSDT", rate: 0.0001 }, 0.0001],
  ] as const)("%s is known up to %d ms after it was received", (field, freshMs, message, value) => {
    const context = aContext();
    context.apply(message, T0);
    for (const [age, expected] of [
      [freshMs, value],
      [freshMs + 1, null],
    ] as const) {
      context.apply(aMark(80_000), T0 + age);
      expect(marketFields([context], aVenueLiquidation({ event_time: T0 + age }), T0 + age)[field], `${age}`).toBe(expected);
    }
  });

  test("the depth is that of the latest book that reaches 25 bps, the touch that of the latest book", () => {
    const near = aContext();
    near.apply(aBook("snapshot", [[79_995, 1]], [[80_005, 1]], 1), T0 - 10);
    expect(marketFields([near, aKnownContext()], aVenueLiquidation(), T0)).toMatchObject({ best_bid: 79_995, bid_depth_usd: 79_990 });
    expect(marketFields([near], aVenueLiquidation(), T0)).toMatchObject({
      best_bid: 79_995,
      depth_reach_bps: expect.closeTo(0.625, 9) as number,
      bid_depth_usd: null,
      ask_depth_usd: null,
      imbalance_ratio: null,
      depth_share: null,
    });
  });

  test("are unknown where the clock ran back: no age is negative", () => {
    const fields = marketFields([aKnownContext()], aVenueLiquidation({ event_time: T0 - 5000 }), T0 - 5000);
    expect(Object.values(fields).every((value) => value === null)).toBe(true);
  });

  test("are unknown for a liquidation that comes minutes late: the market now is not its market", () => {
    const fields = marketFields([aKnownContext()], aVenueLiquidation({ event_time: T0 - 8 * 60_000 }), T0);
    expect(Object.values(fields).every((value) => value === null)).toBe(true);
  });

  test("are known up to 10 s between a liquidation and its frame, and beyond it unknown, whichever is later", () => {
    for (const distance of [-MAX_MARKET_DISTANCE_MS, 0, MAX_MARKET_DISTANCE_MS]) {
      expect(marketFields([aKnownContext()], aVenueLiquidation({ event_time: T0 + distance }), T0).mark_price, `${distance}`).toBe(80_000);
    }
    for (const distance of [-MAX_MARKET_DISTANCE_MS - 1, MAX_MARKET_DISTANCE_MS + 1]) {
      const fields = marketFields([aKnownContext()], aVenueLiquidation({ event_time: T0 + distance }), T0);
      expect(
        Object.values(fields).every((value) => value === null),
        `${distance}`,
      ).toBe(true);
    }
  });

  test("take nothing from another symbol's mark price or book", () => {
    const context = aContext();
    context.apply(aMark(3000, "ETHUSDT"), T0);
    context.apply(aBook("snapshot", [[2999, 1]], [[3001, 1]], 1, "ETHUSDT"), T0);
    const fields = marketFields([context], aVenueLiquidation(), T0);
    expect(Object.values(fields).every((value) => value === null)).toBe(true);
  });

  test.each([0, -80_000, Number.NaN, Number.POSITIVE_INFINITY])("a mark price of %d makes the mark unknown and is reported", (price) => {
    const context = aKnownContext();
    context.apply(aMark(price), T0 - 10);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({
      mark_price: null,
      slippage_to_mark_bps: null,
      best_bid: 79_990,
    });
    expect(context.takeFaults()).toEqual([{ instrument: "BTCUSDT", fault: "bad_price", count: 1 }]);
    expect(context.takeFaults()).toEqual([]);
  });

  test("a crossed book leaves its fields unknown and is reported once, however often it is asked", () => {
    const context = aContext();
    context.apply(aBook("snapshot", [[80_020, 1]], [[80_010, 1]], 1), T0);
    for (let asked = 0; asked < 3; asked += 1) {
      expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({
        best_bid: null,
        spread_bps: null,
        imbalance_ratio: null,
        depth_share: null,
      });
    }
    expect(context.takeFaults()).toEqual([{ instrument: "BTCUSDT", fault: "book_unusable", count: 1 }]);
  });

  test("a book that is no book leaves its fields unknown", () => {
    const context = aContext();
    context.apply({ kind: "book_text", instrument: "BTCUSDT", text: "{" }, T0);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({ best_bid: null, bid_depth_usd: null });
  });

  test("a break in the book's sequence leaves the book unknown, and named as broken, until a snapshot", () => {
    const context = aKnownContext();
    context.apply(aBook("delta", [[79_991, 1]], [], 7), T0);
    context.apply(aBook("delta", [[79_992, 1]], [], 8), T0);
    expect([...context.brokenBooks]).toEqual(["BTCUSDT"]);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({ best_bid: null });
    context.apply(aBook("snapshot", [[79_980, 1]], [[80_020, 1]], 900), T0);
    expect(context.brokenBooks.size).toBe(0);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({ best_bid: 79_980 });
  });

  test("the touch is the quote's where it came after the book, the book's where that came after", () => {
    const context = aKnownContext();
    context.apply({ kind: "quote", instrument: "BTCUSDT", bid: 79_995, ask: 80_005 }, T0 - 100);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({ best_bid: 79_995, book_age_ms: 100, bid_depth_usd: 79_990 });
    context.apply(aBook("snapshot", [[79_991, 1]], [[80_009, 1]], 6), T0 - 50);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({ best_bid: 79_991, book_age_ms: 50 });
  });

  test.each([
    { bid: 80_010, ask: 80_000 },
    { bid: 0, ask: 80_000 },
    { bid: -1, ask: 80_000 },
  ])("a quote of %o is not used", (quote) => {
    const context = aContext();
    context.apply({ kind: "quote", instrument: "BTCUSDT", ...quote }, T0);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({ best_bid: null, best_ask: null, spread_bps: null });
  });

  test("an instrument that is not in the table keeps its mark price, and its book stays unknown", () => {
    const context = aContext(new Map());
    context.apply(aMark(80_000), T0);
    context.apply(aBook("snapshot", [[79_990, 1]], [[80_010, 3]], 5), T0);
    expect(marketFields([context], aVenueLiquidation(), T0)).toMatchObject({ mark_price: 80_000, best_bid: null });
  });

  test("an unknown quantity or value leaves what follows from it unknown", () => {
    const unknown = aVenueLiquidation({ quantity: null, usd_value: null, price: null });
    expect(marketFields([aKnownContext()], unknown, T0)).toMatchObject({
      notional_mark_usd: null,
      depth_share: null,
      slippage_to_mark_bps: null,
    });
  });

  test("volatility comes from the session that has the history, while its successor has not", () => {
    const old = aContext();
    for (let second = 100; second >= 1; second -= 1) old.apply(aMark(second % 2 === 0 ? 80_000 : 80_080), T0 - second * 1000);
    const successor = aContext();
    successor.apply(aMark(80_000), T0);
    expect(marketFields([successor, old], aVenueLiquidation(), T0).volatility_5m).toBeCloseTo(Math.sqrt(99) * Math.log(1.001), 12);
  });
});

describe("a liquidation without a price", () => {
  const unpriced = aVenueLiquidation({ price: null, price_kind: "mark", usd_value: null, quantity: 2 });

  test("is priced at a fresh mark, and has no slippage to it", () => {
    const priced = withMarkPrice(unpriced, [aKnownContext()], T0);
    expect(priced).toMatchObject({ price: 80_000, usd_value: 160_000 });
    expect(marketFields([aKnownContext()], priced, T0).slippage_to_mark_bps).toBeNull();
  });

  test("stays without one where the mark is stale, absent, or the liquidation over 10 s from its frame", () => {
    expect(withMarkPrice(unpriced, [aKnownContext()], T0 + 9001)).toBe(unpriced);
    expect(withMarkPrice(unpriced, [aContext()], T0)).toBe(unpriced);
    const late = { ...unpriced, event_time: T0 - 10_001 };
    expect(withMarkPrice(late, [aKnownContext()], T0)).toBe(late);
    expect(withMarkPrice({ ...unpriced, event_time: T0 - 10_000 }, [aKnownContext()], T0).price).toBe(80_000);
  });

  test("keeps the venue's price where there is one, and is not priced where the kind is another", () => {
    const priced = aVenueLiquidation({ price_kind: "mark", price: 1 });
    expect(withMarkPrice(priced, [aKnownContext()], T0)).toBe(priced);
    const other = aVenueLiquidation({ price: null, price_kind: "acquired" });
    expect(withMarkPrice(other, [aKnownContext()], T0)).toBe(other);
  });
});
