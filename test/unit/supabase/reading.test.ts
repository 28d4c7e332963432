import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSupabase } from "../../../scripts/supabase/embedded.ts";
import type { EmbeddedSupabase } from "../../../scripts/supabase/embedded.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import type { WindowStatistics } from "../../../src/windows/window-statistics.ts";
import { SupabaseOffError } from "../../../workers/supabase/connection.ts";
import { SupabaseError } from "../../../workers/supabase/problem.ts";
import { readLiquidations } from "../../../workers/supabase/read-liquidations.ts";
import type { LiquidationQuery } from "../../../workers/supabase/read-liquidations.ts";
import { readTotals } from "../../../workers/supabase/read-totals.ts";
import type { TotalsQuery } from "../../../workers/supabase/read-totals.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { applyRetention, maintainPartitions } from "../../../workers/supabase/upkeep.ts";
import { writeAnalytics } from "../../../workers/supabase/write-analytics.ts";
import type { AnalyticsRow } from "../../../workers/supabase/write-analytics.ts";
import { configFor } from "./sample-config.ts";
import { SAMPLE_TIME, sampleLiquidation, sampleLiquidations } from "./sample-liquidation.ts";

let stack: EmbeddedSupabase;

/** Seven venues' worth of ties: events that share their time, ids that hold what filters use. */
const TIED: readonly Liquidation[] = ['a,b("c")', "a.b:c", String.raw`a\b`, "a%b&c=d", "ab", "ä", "a'b"].map((event_id) =>
  sampleLiquidation(500, {
    event_id,
    symbol: "ETH",
    instrument: "ETHUSDT",
    exchange: "binance",
    position_side: "short",
    order_side: "buy",
  }),
);
const ROWS: readonly Liquidation[] = [...sampleLiquidations(40), ...TIED];

const ALL: LiquidationQuery = {
  start: SAMPLE_TIME,
  end: SAMPLE_TIME + 3_600_000,
  symbols: null,
  exchanges: null,
  side: null,
  minUsd: null,
  order: "asc",
  limit: 1000,
  after: null,
};

beforeAll(async () => {
  stack = await startSupabase({ dataDir: null });
  expect(await storeLiquidations(configFor(stack), ROWS)).toEqual({ kind: "stored", refused: [] });
});
afterAll(() => stack.stop());

const read = (query: Partial<LiquidationQuery>) => readLiquidations(configFor(stack), { ...ALL, ...query });
const idsOf = (rows: readonly Liquidation[]): readonly string[] => rows.map((row) => row.event_id);

describe("liquidations", () => {
  test("come back as they were stored, to the last digit", async () => {
    const { rows, next } = await read({});
    expect(next).toBeNull();
    expect(rows.slice(0, 40)).toEqual(ROWS.slice(0, 40));
    expect(new Set(rows)).toEqual(new Set(ROWS));
  });

  test.each(["asc", "desc"] as const)("are complete over pages, each once, %s", async (order) => {
    const found: Liquidation[] = [];
    let after: LiquidationQuery["after"] = null;
    do {
      const page: Awaited<ReturnType<typeof read>> = await read({ order, limit: 3, after });
      found.push(...page.rows);
      after = page.next;
    } while (after !== null);
    expect(found).toHaveLength(ROWS.length);
    expect(new Set(idsOf(found))).toEqual(new Set(idsOf(ROWS)));
    const times = found.map((row) => row.event_time);
    expect(times).toEqual(times.toSorted((a, b) => (order === "asc" ? a - b : b - a)));
  });

  test("are filtered by symbol, venue, side, value and half-open range", async () => {
    expect((await read({ symbols: ["ETH"] })).rows).toHaveLength(TIED.length);
    expect((await read({ symbols: ["ETH", "BTC"] })).rows).toHaveLength(ROWS.length);
    expect((await read({ exchanges: ["bybit"] })).rows).toHaveLength(40);
    expect((await read({ side: "short" })).rows).toHaveLength(TIED.length);
    expect((await read({ minUsd: 1000 })).rows).toHaveLength(ROWS.length);
    expect((await read({ minUsd: 1000.01 })).rows).toEqual([]);
    expect(idsOf((await read({ start: SAMPLE_TIME + 2000, end: SAMPLE_TIME + 4000 })).rows)).toEqual(idsOf(ROWS.slice(2, 4)));
  });

  test("say that Supabase is not configured, and which variables are missing", async () => {
    const error: unknown = await readLiquidations(parseConfig({ SUPABASE_URL: stack.url }), ALL).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SupabaseOffError);
    expect(error).toMatchObject({ missing: ["SUPABASE_SECRET_KEY"] });
  });

  test("say why they cannot be read", async () => {
    stack.fail({ kind: "answer", status: 503, body: "", headers: { "retry-after": "3" } });
    const error: unknown = await read({}).catch((thrown: unknown) => thrown);
    stack.fail(null);
    expect(error).toBeInstanceOf(SupabaseError);
    expect(error).toMatchObject({ kind: "down", retryAfterMs: 3000 });
  });
});

describe("a project that caps the rows of an answer", () => {
  const COUNT = 1100;
  const FIRST_DAY = SAMPLE_TIME - 10 * 86_400_000;

  test("gives complete pages all the same", async () => {
    const rows = Array.from({ length: COUNT }, (_, index) =>
      sampleLiquidation(index, { event_id: `many:${index}`, event_time: FIRST_DAY + index, symbol: "SOL" }),
    );
    const stored = await storeLiquidations(configFor(stack, { LIQUIDATION_CLOUD_SYNC_BATCH_SIZE: "200" }), rows);
    expect(stored).toMatchObject({ kind: "stored" });
    const page = await read({ symbols: ["SOL"], start: 0, limit: 2000 });
    expect(page.next).toBeNull();
    expect(idsOf(page.rows)).toEqual(idsOf(rows));
  });
});

describe("totals", () => {
  const QUERY: TotalsQuery = { interval: "1h", start: ALL.start, end: ALL.end, symbol: null, exchange: null, limit: 1000, after: null };
  const totals = (query: Partial<TotalsQuery>) => readTotals(configFor(stack), { ...QUERY, ...query });

  test("sum events per bucket, symbol, venue and side", async () => {
    const { rows, next } = await totals({});
    expect(next).toBeNull();
    expect(rows).toEqual([
      {
        time: SAMPLE_TIME,
        symbol: "BTC",
        exchange: "bybit",
        position_side: "long",
        events: 40,
        events_without_usd: 0,
        events_without_notional_mark: 40,
        usd: 40_000,
        notional_mark_usd: null,
        quantity: expect.closeTo(12, 9),
        max_usd: 1000,
      },
      expect.objectContaining({ symbol: "ETH", exchange: "binance", position_side: "short", events: TIED.length }),
    ]);
  });

  test.each(["1m", "1h", "1d"] as const)("are the same over pages as in one, interval %s", async (interval) => {
    const whole = await totals({ interval });
    const parts = [];
    let after: TotalsQuery["after"] = null;
    do {
      const page: Awaited<ReturnType<typeof totals>> = await totals({ interval, limit: 1, after });
      parts.push(...page.rows);
      after = page.next;
    } while (after !== null);
    expect(whole.rows.length).toBeGreaterThan(1);
    expect(parts).toEqual(whole.rows);
  });

  test("are filtered by symbol and venue", async () => {
    expect((await totals({ symbol: "ETH" })).rows).toHaveLength(1);
    expect((await totals({ exchange: "bybit" })).rows).toHaveLength(1);
    expect((await totals({ exchange: "okx" })).rows).toEqual([]);
  });
});

describe("analytics", () => {
  const side: WindowStatistics = {
    events: 2,
    usd: 10.5,
    events_without_usd: 0,
    events_without_notional_mark: 2,
    notional_mark_usd: null,
    quantity: 0.25,
    max_usd: 7,
    exchanges_active: 1,
    previous_events: 0,
    previous_usd: 0,
    change_pct: null,
    percentile: 0.93,
  };
  const row: AnalyticsRow = {
    minute: SAMPLE_TIME,
    symbol: "BTC",
    window: "15m",
    window_start: SAMPLE_TIME - 905_000,
    window_end: SAMPLE_TIME - 5000,
    long: side,
    short: { ...side, events: 0, usd: 0 },
    total: { ...side, events: 3 },
    coverage: { bybit: "all_reported", binance: "largest_per_second" },
    gaps: [{ exchange: "okx", from_time: SAMPLE_TIME - 60_000, to_time: null, reason: "silent" }],
  };

  test("are one row per minute, symbol and window; computed again they replace it", async () => {
    await writeAnalytics(configFor(stack), [row, { ...row, window: "1h" }]);
    await writeAnalytics(configFor(stack), [{ ...row, long: { ...side, usd: 11 } }]);
    expect(
      await stack.query(`select "window", long_usd, long_quantity, short_previous_events, short_events, total_events, total_percentile, coverage, gaps,
      extract(epoch from window_end - window_start)::int as seconds from liquidation_analytics order by 1`),
    ).toEqual([
      {
        window: "15m",
        long_usd: 11,
        long_quantity: 0.25,
        short_previous_events: 0,
        short_events: 0,
        total_events: 3,
        total_percentile: 0.93,
        coverage: row.coverage,
        gaps: row.gaps,
        seconds: 900,
      },
      expect.objectContaining({ window: "1h", long_usd: 10.5 }),
    ]);
  });

  test("say which row is wrong and store the others", async () => {
    const wrong = { ...row, symbol: "ETH", window: "fifteen" };
    expect(await writeAnalytics(configFor(stack), [wrong, { ...row, symbol: "SOL" }])).toEqual([
      { record: `${new Date(SAMPLE_TIME).toISOString()} ETH fifteen`, reason: expect.stringContaining("23514") },
    ]);
    expect(await stack.query("select symbol from liquidation_analytics where symbol in ('ETH', 'SOL')")).toEqual([{ symbol: "SOL" }]);
  });
});

describe("upkeep", () => {
  test("moves late rows to a partition of their month, and removes what is too old", async () => {
    const old = sampleLiquidation(1, { event_id: "old", event_time: Date.UTC(2021, 4, 19), received_time: Date.UTC(2021, 4, 19) });
    await storeLiquidations(configFor(stack), [old]);
    expect(await maintainPartitions(configFor(stack))).toBeGreaterThanOrEqual(1);
    expect(await applyRetention(configFor(stack), 365)).toEqual({ events: 1, analytics: 0 });
  });
});
