import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import type { Batch, FeedNotes } from "../../../src/sink.ts";
import { writeStorable } from "../../../src/storable.ts";
import { LIQUIDATION_COLUMNS } from "../../../workers/d1/liquidation-columns.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const config = parseConfig({});
const write = (rows: readonly Liquidation[], exchange?: Batch["exchange"]) =>
  writeStorable(d1Sink, env, config, sampleBatch(rows, exchange));
const all = async (sql: string) => (await env.DB.prepare(sql).all()).results;
const stored = { kind: "stored", refused: [], nulled: [] };

afterEach(emptyStorage);

const notes = (changes: Partial<FeedNotes>) => d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [], minuteMarks: [], ...changes });
const mark = (exchange: MinuteMark["exchange"], samples: number, close: number): MinuteMark => ({
  minute: DAY,
  symbol: "BTC",
  exchange,
  open: 1,
  high: 3,
  low: 1,
  close,
  samples,
  ...UNKNOWN_MINUTE_MARKET,
});
const marksNow = async () => all("SELECT exchange, samples, close FROM minute_marks ORDER BY exchange");
const marketNow = () =>
  all("SELECT spread_bps, volume_usd, funding_rate, funding_interval_hours, index_price, open_interest_usd FROM minute_marks");

describe("liquidations", () => {
  test("every field comes back as it was written", async () => {
    const row = sampleLiquidation({ price: 82_651.9, quantity: 0.1 + 0.2, usd_value: 24_795.57, instrument: "牛来USDT", mark_age_ms: 120 });
    expect(await write([row])).toEqual(stored);
    expect(await all(`SELECT ${LIQUIDATION_COLUMNS.join(", ")} FROM liquidations`)).toEqual([row]);
  });

  test("writing a batch again changes nothing", async () => {
    const rows = [1, 2, 3].map((n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n * 40_000, usd_value: n / 3 }));
    await write(rows);
    const before = [await all("SELECT * FROM liquidations"), await all("SELECT * FROM minute_totals")];
    expect(await write(rows)).toEqual(stored);
    expect([await all("SELECT * FROM liquidations"), await all("SELECT * FROM minute_totals")]).toEqual(before);
  });

  test("an event that comes in two batches is stored and counted once", async () => {
    await write([sampleLiquidation({ event_id: "a" }), sampleLiquidation({ event_id: "b" })]);
    await write([sampleLiquidation({ event_id: "b" }), sampleLiquidation({ event_id: "c" })]);
    expect(await all("SELECT count(*) AS n FROM liquidations")).toEqual([{ n: 3 }]);
    expect(await all("SELECT events, usd FROM minute_totals")).toEqual([{ events: 3, usd: 120_000 }]);
  });

  test("twins with ids of their own count twice", async () => {
    await write([sampleLiquidation({ event_id: "a" }), sampleLiquidation({ event_id: "a:1" })]);
    expect(await all("SELECT events, usd FROM minute_totals")).toEqual([{ events: 2, usd: 80_000 }]);
  });

  test("2,000 rows go in several transactions and all arrive", async () => {
    const rows = Array.from({ length: 2_000 }, (_, n) =>
      sampleLiquidation({ event_id: `binance:BTCUSDT:${DAY + n}:SELL:0.5:80000`, event_time: DAY + n * 100, usd_value: n }),
    );
    expect(await write(rows)).toEqual(stored);
    expect(await all("SELECT count(*) AS n FROM liquidations")).toEqual([{ n: 2_000 }]);
    expect(await all("SELECT sum(events) AS events, sum(usd) AS usd, count(*) AS minutes FROM minute_totals")).toEqual([
      { events: 2_000, usd: (1_999 * 2_000) / 2, minutes: 4 },
    ]);
  });

  test("a row the table cannot take is refused by name and the others are stored", async () => {
    const outcome = await write([
      sampleLiquidation({ event_id: "bad", gap_before_ms: Number.NaN }),
      sampleLiquidation({ event_id: "good" }),
    ]);
    expect(outcome).toEqual({
      kind: "stored",
      refused: [{ eventId: "bad", reason: "gap_before_ms is NaN, not a whole number of 53 bits" }],
      nulled: [],
    });
    expect(await all("SELECT event_id FROM liquidations")).toEqual([{ event_id: "good" }]);
  });

  test("a D1 that does not respond gives a failed outcome with its message", async () => {
    await env.DB.exec("DROP TABLE minute_totals");
    expect(await write([sampleLiquidation({})])).toMatchObject({ kind: "failed", error: expect.stringContaining("minute_totals") });
    expect(await all("SELECT count(*) AS n FROM liquidations")).toEqual([{ n: 0 }]);
  });
});

describe("minute totals", () => {
  test("a late event corrects its minute and marks its hour as changed", async () => {
    await write([
      sampleLiquidation({ event_id: "a", event_time: DAY + 59_999 }),
      sampleLiquidation({ event_id: "b", event_time: DAY + 60_000 }),
    ]);
    await env.DB.exec("DELETE FROM dirty_hours");
    await write([sampleLiquidation({ event_id: "late", event_time: DAY, usd_value: 90_000, quantity: 1 })]);
    expect(await all("SELECT minute, events, usd, max_usd, quantity FROM minute_totals ORDER BY minute")).toEqual([
      { minute: DAY, events: 2, usd: 130_000, max_usd: 90_000, quantity: 1.5 },
      { minute: DAY + 60_000, events: 1, usd: 40_000, max_usd: 40_000, quantity: 0.5 },
    ]);
    expect(await all("SELECT hour FROM dirty_hours")).toEqual([{ hour: DAY }]);
  });

  test("venues, symbols and sides are kept apart", async () => {
    await write([
      sampleLiquidation({ event_id: "a" }),
      sampleLiquidation({ event_id: "b", position_side: "short", order_side: "buy" }),
      sampleLiquidation({ event_id: "c", symbol: "ETH" }),
    ]);
    await write([sampleLiquidation({ event_id: "d", exchange: "okx" })], "okx");
    expect(await all("SELECT symbol, exchange, position_side, events FROM minute_totals ORDER BY 1, 2, 3")).toEqual([
      { symbol: "BTC", exchange: "binance", position_side: "long", events: 1 },
      { symbol: "BTC", exchange: "binance", position_side: "short", events: 1 },
      { symbol: "BTC", exchange: "okx", position_side: "long", events: 1 },
      { symbol: "ETH", exchange: "binance", position_side: "long", events: 1 },
    ]);
  });

  test("sums take the notional at the mark where it is known, and events without a value are counted beside them", async () => {
    await write([
      sampleLiquidation({ event_id: "a", usd_value: null, notional_mark_usd: null }),
      sampleLiquidation({ event_id: "b", notional_mark_usd: null }),
      sampleLiquidation({ event_id: "c", symbol: "ETH", usd_value: null }),
      sampleLiquidation({ event_id: "d", symbol: "SOL", usd_value: 40_000, notional_mark_usd: 42_000 }),
      sampleLiquidation({ event_id: "e", symbol: "SOL", usd_value: null, notional_mark_usd: 7 }),
    ]);
    expect(
      await all(
        "SELECT symbol, events, events_without_usd, events_without_notional_mark, usd, notional_mark_usd FROM minute_totals ORDER BY 1",
      ),
    ).toEqual([
      { symbol: "BTC", events: 2, events_without_usd: 1, events_without_notional_mark: 2, usd: 40_000, notional_mark_usd: null },
      { symbol: "ETH", events: 1, events_without_usd: 1, events_without_notional_mark: 1, usd: null, notional_mark_usd: null },
      { symbol: "SOL", events: 2, events_without_usd: 0, events_without_notional_mark: 0, usd: 42_007, notional_mark_usd: 42_007 },
    ]);
  });

  test("a minute whose events may be gone is not computed from what is left", async () => {
    await write([sampleLiquidation({ event_id: "a" }), sampleLiquidation({ event_id: "b" })]);
    await env.DB.exec(`UPDATE hot_events SET from_time = ${DAY + 60_000}; DELETE FROM liquidations WHERE event_id = 'a'`);
    const outcome = await write([
      sampleLiquidation({ event_id: "old", event_time: DAY + 59_999 }),
      sampleLiquidation({ event_id: "new", event_time: DAY + 60_000 }),
    ]);
    expect(outcome).toMatchObject({ kind: "stored", refused: [{ eventId: "old" }] });
    expect(await all("SELECT minute, events FROM minute_totals ORDER BY 1")).toEqual([
      { minute: DAY, events: 2 },
      { minute: DAY + 60_000, events: 1 },
    ]);
    expect(await all("SELECT event_id FROM liquidations ORDER BY 1")).toEqual([{ event_id: "b" }, { event_id: "new" }]);
  });
});

describe("notes", () => {
  const open = { exchange: "okx", from_time: DAY, to_time: null, reason: "silent" } as const;

  test("an open gap is filled when it ends and is not opened again by a repeat", async () => {
    await notes({ gaps: [open] });
    expect(await all("SELECT * FROM gaps")).toEqual([{ ...open, filled_events: 0 }]);
    await notes({ gaps: [{ ...open, to_time: DAY + 5_000, reason: "disconnected" }] });
    await notes({ gaps: [{ ...open, reason: "disconnected" }] });
    expect(await all("SELECT * FROM gaps")).toEqual([{ ...open, to_time: DAY + 5_000, reason: "disconnected", filled_events: 0 }]);
  });

  test("a minute keeps the mark of each venue, and of one venue the fuller report", async () => {
    await notes({ minuteMarks: [mark("okx", 60, 2), mark("binance", 10, 2.5)] });
    await notes({ minuteMarks: [mark("bitfinex", 60, 9)] });
    await notes({ minuteMarks: [mark("binance", 60, 3), mark("binance", 30, 9), mark("okx", 60, 9)] });
    expect(await marksNow()).toEqual([
      { exchange: "binance", samples: 60, close: 3 },
      { exchange: "bitfinex", samples: 60, close: 9 },
      { exchange: "okx", samples: 60, close: 2 },
    ]);
  });

  test("the market beside a mark comes with the report that it belongs to", async () => {
    await notes({ minuteMarks: [mark("okx", 30, 2)] });
    expect(await marketNow()).toEqual([UNKNOWN_MINUTE_MARKET]);
    const known = { ...UNKNOWN_MINUTE_MARKET, spread_bps: 0.25, volume_usd: 1_000, funding_rate: -0.0001, index_price: 2.5 };
    await notes({ minuteMarks: [{ ...mark("okx", 60, 2), ...known }] });
    expect(await marketNow()).toEqual([known]);
  });

  test("nothing to say writes nothing", async () => {
    await notes({});
    expect(await all("SELECT count(*) AS n FROM gaps")).toEqual([{ n: 0 }]);
  });
});
