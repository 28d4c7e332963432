import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { coverageOf, publishingVenues } from "../../../src/exchanges/coverage.ts";
import type { Gap } from "../../../src/gap.ts";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { type WindowName, windowRanges } from "../../../src/windows/window.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { apiClient } from "./api-client.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

/** Three days after the first event, 20 s into a minute. */
const NOW = DAY + 72 * HOUR_MS + 7 * MINUTE_MS + 20_000;
const get = apiClient(NOW);

afterEach(emptyStorage);

async function write(rows: readonly Liquidation[]): Promise<void> {
  for (const exchange of new Set(rows.map((row) => row.exchange))) {
    const own = rows.filter((row) => row.exchange === exchange);
    expect(await d1Sink.write(env, parseConfig({}), sampleBatch(own, exchange))).toEqual({ kind: "stored", refused: [] });
  }
}

/** One event every 61 s over 50 h, so that every edge of every window has events near it. */
function steadyEvents(): readonly Liquidation[] {
  const venues: readonly ExchangeName[] = ["binance", "bybit", "okx"];
  return Array.from({ length: 2_950 }, (_, n) =>
    sampleLiquidation({
      event_id: `id${n}`,
      exchange: venues[n % 3] ?? "okx",
      event_time: NOW - n * 61_000,
      position_side: n % 2 === 0 ? "long" : "short",
      usd_value: n % 7 === 0 ? null : 1_000 + n,
    }),
  );
}

const usdOf = (rows: readonly Liquidation[]) => rows.reduce((sum, row) => sum + (row.usd_value ?? 0), 0);
const within = (rows: readonly Liquidation[], { start, end }: { readonly start: number; readonly end: number }) =>
  rows.filter((row) => row.event_time >= start && row.event_time < end);

/** From and to so many minutes ago; null: it lasts. */
const gap = (from: number, to: number | null, exchange: ExchangeName = "okx"): Gap => ({
  exchange,
  from_time: NOW - from * MINUTE_MS,
  to_time: to === null ? null : NOW - to * MINUTE_MS,
  reason: "silent",
});

describe("a window's totals", () => {
  test.each(["15m", "1h", "4h", "24h"] as const)("over %s are the sums of exactly its events", async (window: WindowName) => {
    const rows = steadyEvents();
    await write(rows);
    // Some hours are computed, and one of them changes again afterwards.
    await hourTotals(env.DB, NOW - 3 * HOUR_MS);
    const late = sampleLiquidation({ event_id: "late", event_time: NOW - 20 * HOUR_MS, usd_value: 5_000_000 });
    await write([late]);
    const { status, body } = await get(`/v1/stats?symbol=btc&window=${window}`);
    expect(status).toBe(200);
    const { current, previous } = windowRanges(window, NOW);
    const now = within([...rows, late], current);
    const before = within([...rows, late], previous);
    const { long, short, total } = body.data.sides;
    expect(total).toMatchObject({
      events: now.length,
      events_without_usd: now.filter((row) => row.usd_value === null).length,
      usd: usdOf(now),
      max_usd: Math.max(...now.map((row) => row.usd_value ?? 0)),
      exchanges_active: 3,
      previous_events: before.length,
      previous_usd: usdOf(before),
      percentile: null,
    });
    expect(total.change_pct).toBeCloseTo((100 * (usdOf(now) - usdOf(before))) / usdOf(before), 9);
    expect(long.events).toBe(now.filter((row) => row.position_side === "long").length);
    expect(long.usd + short.usd).toBe(total.usd);
    const okx = now.filter((row) => row.exchange === "okx");
    expect(body.data.exchanges.okx.total).toMatchObject({ events: okx.length, usd: usdOf(okx) });
    expect(body.data).toMatchObject({
      symbol: "BTC",
      window,
      as_of_time: NOW - 20_000,
      start_time: current.start,
      end_time: current.end,
      previous_start_time: previous.start,
      previous_end_time: previous.end,
    });
  });

  test("the far edge of the 24 h comparison is a whole minute once its events are gone, and says so", async () => {
    await write(steadyEvents());
    const { previous } = windowRanges("24h", NOW);
    await env.DB.prepare("UPDATE hot_events SET from_time = ?")
      .bind(NOW - 20_000 - 25 * HOUR_MS)
      .run();
    await env.DB.prepare("DELETE FROM liquidations WHERE event_time < ?")
      .bind(NOW - 20_000 - 25 * HOUR_MS)
      .run();
    const { body } = await get("/v1/stats?symbol=BTC&window=24h");
    expect(body.data.previous_start_time).toBe(previous.start + 5_000);
    expect(body.data.sides.total.previous_events).toBe(within(steadyEvents(), { ...previous, start: previous.start + 5_000 }).length);
  });

  test("without an event are zero for venues that were covered, with no rise and no venue that publishes nothing", async () => {
    const { body } = await get("/v1/stats?symbol=ETH");
    expect(body.data.sides.total).toMatchObject({
      events: 0,
      usd: 0,
      max_usd: null,
      previous_usd: 0,
      change_pct: null,
      exchanges_active: 0,
    });
    expect(Object.keys(body.data.exchanges)).toEqual(publishingVenues(parseConfig({})));
    expect(Object.keys(body.data.exchanges)).not.toContain("kucoin");
    expect(body.meta).toMatchObject({ count: 1, next_cursor: null, gaps: [] });
    expect(body.meta.coverage).toEqual({
      ...coverageOf(parseConfig({})),
      binance: "largest_per_second",
      bybit: "all_reported",
      okx: "sampled",
      kucoin: "none",
      bitfinex: "all_reported",
    });
  });

  test("whose values are all unknown are unknown, not zero", async () => {
    await write([sampleLiquidation({ event_time: NOW - 5 * MINUTE_MS, usd_value: null })]);
    const { body } = await get("/v1/stats?symbol=BTC");
    expect(body.data.sides.long).toMatchObject({ events: 1, events_without_usd: 1, usd: null, change_pct: null });
  });

  test("come with the gaps inside both windows, those that last included", async () => {
    const inside = [gap(40, 29), gap(20, 10, "bybit"), gap(3, null)];
    await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [gap(60, 50), ...inside], minuteMarks: [] });
    const { body } = await get("/v1/stats?symbol=BTC&window=15m");
    expect(body.meta).toMatchObject({ gaps: inside, gaps_truncated: false });
  });

  test("are asked of D1 in one call, which takes longer than most statements", async () => {
    let calls = 0;
    const counted = (statement: D1PreparedStatement): D1PreparedStatement => {
      const [bind, all] = [statement.bind.bind(statement), statement.all.bind(statement)];
      const counting: Pick<D1PreparedStatement, "bind" | "all"> = {
        bind: (...values) => counted(bind(...values)),
        all() {
          calls += 1;
          return all();
        },
      };
      return Object.assign(statement, counting);
    };
    const DB: Pick<D1Database, "prepare" | "batch"> = {
      prepare: (sql) => counted(env.DB.prepare(sql)),
      batch(statements) {
        calls += 1;
        return env.DB.batch(statements);
      },
    };
    const { status } = await apiClient(NOW, { DB })("/v1/stats?symbol=BTC&window=15m");
    expect(status).toBe(200);
    expect(calls).toBe(1);
  });
});
