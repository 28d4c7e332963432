import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { FeedStatus } from "../../../src/feed-status.ts";
import type { Gap } from "../../../src/gap.ts";
import { UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { eventsCutoff, retention } from "../../../workers/cron/retention.ts";
import type { FeedReport } from "../../../workers/feeds.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const config = parseConfig({});
const write = (rows: readonly Liquidation[]) => d1Sink.write(env, config, sampleBatch(rows));
const all = async (sql: string) => (await env.DB.prepare(sql).all()).results;
const ids = async () => (await all("SELECT event_id FROM liquidations ORDER BY 1")).map((row) => row["event_id"]);

afterEach(emptyStorage);

function feed(oldestUnstored: number | null): FeedReport {
  const status: FeedStatus = sampleFeedStatus({ exchange: "binance" });
  const d1 = { ...status.sinks.d1, oldest_unstored_event_time: oldestUnstored };
  return { exchange: "binance", status: { ...status, sinks: { ...status.sinks, d1 } }, error: null };
}

describe("the cutoff of the events", () => {
  const time = DAY + 30 * HOUR_MS + 20_000;

  test("is a whole minute, an hour past what is promised", () => {
    expect(eventsCutoff([feed(null)], 24, time)).toBe(DAY + 5 * HOUR_MS);
  });

  test("is held back by the oldest event that a feed has not stored yet", () => {
    expect(eventsCutoff([feed(null), feed(DAY + HOUR_MS + 1)], 24, time)).toBe(DAY + HOUR_MS);
    expect(eventsCutoff([feed(DAY + 29 * HOUR_MS)], 24, time)).toBe(DAY + 5 * HOUR_MS);
  });

  test("is unknown while a feed cannot be asked", () => {
    expect(eventsCutoff([feed(null), { exchange: "okx", status: null, error: "timeout" }], 24, time)).toBeNull();
  });
});

describe("a run", () => {
  test("deletes old events and keeps their totals, however often it is repeated", async () => {
    await write([0, 1, 2].map((n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n * HOUR_MS })));
    const totals = await all("SELECT * FROM minute_totals");
    const time = DAY + 26 * HOUR_MS;
    expect(await retention(env.DB, config, time, [feed(null)])).toMatchObject({
      events_before: DAY + HOUR_MS,
      deleted: { liquidations: 1, minute_totals: 0 },
      more: false,
    });
    expect(await retention(env.DB, config, time, [feed(null)])).toMatchObject({ deleted: { liquidations: 0 } });
    expect(await ids()).toEqual(["id1", "id2"]);
    expect(await all("SELECT * FROM minute_totals")).toEqual(totals);
  });

  test("keeps a minute's total when an event comes for it after its events went", async () => {
    await write([sampleLiquidation({ event_id: "a" }), sampleLiquidation({ event_id: "b" })]);
    await retention(env.DB, config, DAY + 30 * HOUR_MS, [feed(null)]);
    expect(await write([sampleLiquidation({ event_id: "late" })])).toMatchObject({ refused: [{ eventId: "late" }] });
    expect(await all("SELECT events FROM minute_totals")).toEqual([{ events: 2 }]);
  });

  test("touches no event while a feed cannot be asked", async () => {
    await write([sampleLiquidation({ event_id: "a" })]);
    const record = await retention(env.DB, config, DAY + 9 * DAY_MS, [{ exchange: "okx", status: null, error: "timeout" }]);
    expect(record).toMatchObject({ events_before: null, deleted: { liquidations: 0, minute_totals: 0 } });
    expect(await ids()).toEqual(["a"]);
  });

  test("deletes more than one statement's worth of rows", async () => {
    await write(Array.from({ length: 2_001 }, (_, n) => sampleLiquidation({ event_id: `id${n}` })));
    expect(await retention(env.DB, config, DAY + 30 * HOUR_MS, [feed(null)])).toMatchObject({
      deleted: { liquidations: 2_001 },
      more: false,
    });
  });

  test("keeps minutes 8 days, hours 400, and no minute goes before its hour is computed", async () => {
    await write([sampleLiquidation({ event_id: "a" }), sampleLiquidation({ event_id: "b", event_time: DAY + 2 * HOUR_MS })]);
    const time = DAY + 8 * DAY_MS + HOUR_MS + MINUTE_MS;
    expect(await retention(env.DB, config, time, [feed(null)])).toMatchObject({ deleted: { minute_totals: 0 } });
    await hourTotals(env.DB, time);
    expect(await retention(env.DB, config, time, [feed(null)])).toMatchObject({ deleted: { minute_totals: 1 } });
    expect(await all("SELECT hour, events FROM hour_totals")).toEqual([
      { hour: DAY, events: 1 },
      { hour: DAY + 2 * HOUR_MS, events: 1 },
    ]);
    expect(await retention(env.DB, config, DAY + 400 * DAY_MS + HOUR_MS, [feed(null)])).toMatchObject({ deleted: { hour_totals: 1 } });
  });

  test("deletes ended gaps and the old marks of days whose file was read back, never a gap that lasts", async () => {
    const ended: Gap = { exchange: "binance", from_time: DAY, to_time: DAY + 1, reason: "silent" };
    const open: Gap = { exchange: "binance", from_time: DAY + 2, to_time: null, reason: "silent" };
    const mark = {
      minute: DAY,
      symbol: "BTC",
      exchange: "binance",
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      samples: 1,
      ...UNKNOWN_MINUTE_MARKET,
    } as const;
    const now = DAY + 401 * DAY_MS;
    const kept = { ...mark, minute: now - HOUR_MS, exchange: "okx", symbol: "ETH" } as const;
    const minuteMarks = [mark, { ...mark, exchange: "okx" } as const, { ...mark, symbol: "ETH" }, kept];
    await d1Sink.writeNotes?.(env, { exchange: "binance", gaps: [ended, open], minuteMarks });
    expect(await retention(env.DB, config, now, [feed(null)])).toMatchObject({ deleted: { minute_marks: 0, gaps: 1 } });
    await env.DB.prepare("UPDATE mark_days SET published_reports = reports, verified_reports = reports").run();
    expect(await retention(env.DB, config, now, [feed(null)])).toMatchObject({ deleted: { minute_marks: 3, gaps: 0 } });
    expect(await all("SELECT minute, symbol, exchange FROM minute_marks")).toEqual([
      { minute: kept.minute, symbol: "ETH", exchange: "okx" },
    ]);
    expect(await all("SELECT from_time FROM gaps")).toEqual([{ from_time: DAY + 2 }]);
  });
});
