import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { batchObjectPrefix } from "../../../src/batch-object.ts";
import { parseConfig } from "../../../src/config.ts";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { dailyManifest } from "../../../src/daily/manifest.ts";
import type { DayCounts } from "../../../src/day-counts.ts";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { apiClient } from "../api/api-client.ts";
import { event, store } from "./stored-rows.ts";
import { DAY, sampleBatch } from "../sample-liquidation.ts";
import { ownSupabase } from "../supabase/supabase-stack.ts";
import { emptyStorage } from "../empty-storage.ts";

const config = parseConfig({});
const DATE = "2026-11-20";
const CLOSED = DAY + DAY_MS + 5 * MINUTE_MS;
/** The first check after a day has been held for as long as any is. */
const AFTER_HOLD = CLOSED + 6 * HOUR_MS;
const PREFIX = batchObjectPrefix(DATE);

beforeEach(emptyStorage);

const okx = (n: number, changes: Partial<Liquidation> = {}) =>
  event(n, { event_id: `okx${n}`, exchange: "okx", coverage: "sampled", ...changes });

const keys = async (prefix: string) => (await env.BUCKET.list({ prefix })).objects.map(({ key }) => key);
const ids = async () => {
  const object = await env.BUCKET.get(dailyFileKey(DATE));
  return object === null ? null : readLiquidations(await object.bytes()).map((row) => row.event_id);
};
const manifestOf = async () => dailyManifest.parse(await (await env.BUCKET.get(dailyManifestKey(DATE)))?.json());
const forgetHotEvents = () => env.DB.exec(`UPDATE hot_events SET from_time = ${DAY + 2 * DAY_MS}; DELETE FROM liquidations`);

async function deleteBatches(venue: ExchangeName): Promise<void> {
  await env.BUCKET.delete(await keys(`${PREFIX}venue=${venue}/`));
}

/** The journals that respond, with these counts. */
const journaled =
  (...counts: readonly DayCounts[]) =>
  () =>
    Promise.resolve(counts);

function counted(exchange: ExchangeName, rows: number, changes: Partial<DayCounts> = {}): DayCounts {
  return { exchange, date: DATE, rows, inferred: 0, stores: { r2: { stored: rows, refused: 0 } }, counted_from_time: 0, ...changes };
}

describe("a day that is whole", () => {
  test("says that its rows are those of the totals and the journals, by venue, on the day's page", async () => {
    await store([event(1), event(2), event(40_000)]);
    await store([okx(5), okx(6, { event_id: "guess", coverage: "inferred" })], "okx");
    const journals = journaled(counted("binance", 3), counted("okx", 2));
    expect(await dailyFiles(env, config, CLOSED, { journals })).toMatchObject({ published: [DATE], held: [], missing_rows: 0 });
    const whole = { missing_rows: 0, missing_hours: [] };
    const { body } = await apiClient(CLOSED)(`/v1/datasets/${DATE}`);
    expect(body.data.completeness).toEqual({
      missing_rows: 0,
      exchanges: [
        { exchange: "binance", rows: 3, reported_rows: 3, totals_rows: 3, journal_rows: 3, ...whole },
        { exchange: "okx", rows: 2, reported_rows: 1, totals_rows: 1, journal_rows: 2, ...whole },
      ],
      quarantined: [],
    });
  });

  test("does not lack what a store refused or what a journal from before it did not count", async () => {
    await store([event(1), event(2)]);
    const journals = journaled(counted("binance", 3, { stores: { r2: { stored: 2, refused: 1 } } }), counted("okx", 0));
    expect(await dailyFiles(env, config, CLOSED, { journals })).toMatchObject({ published: [DATE], missing_rows: 0 });
  });
});

describe("a deleted batch", () => {
  test("is stored again from the hot events before the day is published", async () => {
    await store([event(1), event(2)]);
    await store([okx(3), okx(4), okx(80_000, { coverage: "inferred" })], "okx");
    await deleteBatches("okx");
    expect(await dailyFiles(env, config, CLOSED)).toMatchObject({ published: [DATE], missing_rows: 0 });
    expect(await ids()).toEqual(["id000001", "id000002", "okx3", "okx4", "okx80000"]);
    expect(await manifestOf()).toMatchObject({ rows: 5, completeness: { missing_rows: 0 } });
    const [refill, ...others] = await keys(`${PREFIX}venue=okx/`);
    expect(refill).toMatch(/\/refill-[0-9a-f]{16}\.parquet$/);
    expect(others).toEqual([]);
  });

  test("is stored again from the archive where the hot events are gone", async () => {
    const supabase = await ownSupabase();
    const archived = parseConfig(supabase.variables);
    await store([event(1)]);
    await store([okx(3), okx(4)], "okx");
    await storeLiquidations(archived, [event(1), okx(3), okx(4)]);
    await deleteBatches("okx");
    await forgetHotEvents();
    expect(await dailyFiles(env, archived, CLOSED)).toMatchObject({ published: [DATE], missing_rows: 0 });
    expect(await ids()).toEqual(["id000001", "okx3", "okx4"]);
  });

  test("of which no other place has the rows holds the day, and then the manifest says what is missing and when", async () => {
    await store([event(1)]);
    await store([okx(3), okx(4), okx(4_000)], "okx");
    await deleteBatches("okx");
    await forgetHotEvents();
    for (let hour = 0; hour < 6; hour += 1) {
      expect(await dailyFiles(env, config, CLOSED + hour * HOUR_MS)).toMatchObject({ held: [DATE], published: [], missing_rows: 3 });
      expect(await dailyFiles(env, config, CLOSED + hour * HOUR_MS + MINUTE_MS)).toMatchObject({ held: [], checked: 0 });
    }
    expect(await ids()).toBeNull();
    expect(await dailyFiles(env, config, AFTER_HOLD)).toMatchObject({ published: [DATE], held: [], missing_rows: 3 });
    expect(await manifestOf()).toMatchObject({
      rows: 1,
      completeness: {
        missing_rows: 3,
        exchanges: [
          { exchange: "binance", missing_rows: 0 },
          { exchange: "okx", rows: 0, totals_rows: 3, missing_rows: 3, missing_hours: [DAY, DAY + HOUR_MS] },
        ],
      },
    });
    // Compared again, it still lacks the same rows, which is no news.
    expect(await dailyFiles(env, config, AFTER_HOLD + 6 * HOUR_MS)).toMatchObject({ published: [DATE], missing_rows: 3 });
    const { body } = await apiClient(CLOSED)("/v1/status");
    expect(body.data.dead_letters).toMatchObject([
      { queue: "daily_files", records: 1, newest_record: DATE, newest_reason: "its file lacks 3 rows" },
    ]);
  });

  test("whose rows are found later corrects the published file", async () => {
    const supabase = await ownSupabase();
    await store([event(1), event(2)]);
    await store([okx(3)], "okx");
    await deleteBatches("okx");
    await forgetHotEvents();
    expect(await dailyFiles(env, config, AFTER_HOLD)).toMatchObject({ published: [DATE], missing_rows: 1 });
    const archived = parseConfig(supabase.variables);
    await storeLiquidations(archived, [okx(3)]);
    const nextCheck = AFTER_HOLD + 6 * HOUR_MS;
    expect(await dailyFiles(env, archived, nextCheck)).toMatchObject({ planned: [DATE], published: [DATE], missing_rows: 0 });
    expect(await ids()).toEqual(["id000001", "id000002", "okx3"]);
  });

  test("is noticed also where it was the only one of the day", async () => {
    await store([event(1), event(2)]);
    await deleteBatches("binance");
    expect(await dailyFiles(env, config, CLOSED)).toMatchObject({ published: [DATE], missing_rows: 0 });
    expect(await ids()).toEqual(["id000001", "id000002"]);
  });

  test("of an hour is not made up for by surplus rows of another", async () => {
    await store([event(1)]);
    await store([event(10_000), event(10_001)]);
    // Two rows that the totals do not know, as after a restore of D1.
    await r2Sink.write(env, config, { ...sampleBatch([event(20_000), event(20_001)], "binance"), sequence: 900 });
    await env.BUCKET.delete((await keys(`${PREFIX}venue=binance/`)).slice(0, 1));
    await forgetHotEvents();
    expect(await dailyFiles(env, config, AFTER_HOLD)).toMatchObject({ published: [DATE], missing_rows: 1 });
  });

  test("is noticed by the journal where the totals do not count its rows", async () => {
    await store([event(1)]);
    await store([okx(3, { coverage: "inferred" })], "okx");
    await deleteBatches("okx");
    const journals = journaled(counted("binance", 1), counted("okx", 1));
    expect(await dailyFiles(env, config, CLOSED, { journals })).toMatchObject({ published: [DATE], missing_rows: 0 });
    expect(await ids()).toEqual(["id000001", "okx3"]);
  });
});

test("rows that a feed has not stored yet are waited for, not stored twice", async () => {
  await store([event(1)]);
  const late = { ...sampleBatch([event(2)], "binance"), sequence: 901 };
  await d1Sink.write(env, config, late);
  const behind = journaled(counted("binance", 2, { stores: { r2: { stored: 1, refused: 0 } } }));
  expect(await dailyFiles(env, config, CLOSED, { journals: behind })).toMatchObject({ held: [DATE], missing_rows: 1 });
  await r2Sink.write(env, config, late);
  const whole = journaled(counted("binance", 2));
  expect(await dailyFiles(env, config, CLOSED + HOUR_MS, { journals: whole })).toMatchObject({ published: [DATE], missing_rows: 0 });
  expect((await keys(PREFIX)).filter((key) => key.includes("refill"))).toEqual([]);
});

test("the rows of a corrupt batch are fetched from another place, each once", async () => {
  await store([event(1), event(2)]);
  await store([okx(3), okx(4)], "okx");
  const [key = ""] = await keys(`${PREFIX}venue=okx/`);
  const object = await env.BUCKET.get(key);
  const bytes = (await object?.bytes()) ?? new Uint8Array();
  await env.BUCKET.put(key, bytes.subarray(0, bytes.length - 40), { customMetadata: object?.customMetadata ?? {} });
  expect(await dailyFiles(env, config, CLOSED)).toMatchObject({ published: [DATE], missing_rows: 0 });
  expect(await ids()).toEqual(["id000001", "id000002", "okx3", "okx4"]);
  expect((await manifestOf()).completeness?.quarantined).toMatchObject([{ key, rows: 2 }]);
  expect(await keys("quarantine/")).toEqual([`quarantine/${key}`]);
});
