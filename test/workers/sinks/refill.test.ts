import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { feedObjectName } from "../../../src/feed-objects.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { batchObjectPrefix, utcDate } from "../../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import type { DailyManifest } from "../../../src/daily/manifest.ts";
import { summarize } from "../../../src/daily/slice-summary.ts";
import { hex } from "../../../src/sha256.ts";
import { parseConfig } from "../../../src/config.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { createApi } from "../../../workers/api/app.ts";
import { refills } from "../../../workers/cron/refills.ts";
import { retention } from "../../../workers/cron/retention.ts";
import { feedOf, refillFeeds } from "../../../workers/feeds.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { apiClient } from "../api/api-client.ts";
import { openFeed } from "../feed/open-feed.ts";
import { storeJournal } from "../feed/store-journal.ts";
import { ownVenues } from "../feed/venue-control.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";
import { emptyStorage } from "../empty-storage.ts";

/** Publishes no liquidations, so every row of its feed is the test's own. */
const VENUE = "kucoin";
const ROOT = "correct-horse-battery-staple-tonight";
const SEALED_MS = 6_000;
const config = parseConfig({ ...env });

afterEach(emptyStorage);

async function count(sql: string): Promise<number> {
  return (await env.DB.prepare(sql).first<number>("n")) ?? 0;
}

const outOfOrder = () => Promise.reject(new Error("R2 is out of order"));
const rowsInD1 = () => count("SELECT count(*) AS n FROM liquidations");
const eventsInTotals = () => count("SELECT coalesce(sum(events), 0) AS n FROM minute_totals");

/** As `wrangler d1 time-travel restore` leaves it: what was written since then is gone, also the gaps. */
async function restoreTo(eventTime: number): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM liquidations WHERE event_time >= ?").bind(eventTime),
    env.DB.prepare("DELETE FROM minute_totals WHERE minute >= ?").bind(floorTo(eventTime, MINUTE_MS)),
    env.DB.prepare("DELETE FROM gaps"),
  ]);
}

async function ask(method: string, path: string, body?: unknown) {
  const client = apiClient(Date.now(), { ADMIN_TOKEN: ROOT });
  return client(path, {
    method,
    headers: { Authorization: `Bearer ${ROOT}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const digest = (text: string) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));

/** The manifest of a file with one row at the start of a day. */
async function manifestOf(day: number, file: string): Promise<DailyManifest> {
  return {
    ...summarize([sampleLiquidation({ event_time: day })]),
    date: utcDate(day),
    file: dailyFileKey(utcDate(day)),
    bytes: file.length,
    sha256: hex(await digest(file)),
    schema_version: 1,
    gaps: [],
    gaps_truncated: false,
    completeness: null,
    ledger: null,
    licence: null,
    source_batches: 1,
    created_time: day + DAY_MS,
    row_group_rows: [1],
    slices: [{ from_time: day, to_time: day + DAY_MS, rows: 1 }],
  };
}

describe("a store that was restored to an earlier time", () => {
  test("is noticed within a minute, and filled again from the journal without doubles", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    const start = Date.now();
    for (let index = 0; index < 9; index += 1) await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 1_000 + index });
    await until("9 events", async () => (await feed.status()).events_total === 9);
    await feed.beat(SEALED_MS);
    expect((await feed.status()).sinks.d1).toMatchObject({
      rows_stored: 9,
      comparison: { acknowledged_rows: 9, held_rows: 9, missing_rows: 0 },
    });
    const gaps = await count("SELECT count(*) AS n FROM gaps");

    await restoreTo(start - MINUTE_MS);
    await feed.beat(SEALED_MS + MINUTE_MS);
    const restored = await feed.status();
    expect(restored.sinks.d1.comparison).toMatchObject({ acknowledged_rows: 9, held_rows: 0, missing_rows: 9 });
    expect(restored.warnings.join()).toContain("The store d1 lacks 9 rows");
    expect(restored.sinks.r2.comparison).toBeNull();

    for (let round = 0; round < 2; round += 1) {
      expect(await feed.inside((one) => one.refill("d1", start - MINUTE_MS))).toMatchObject({ exchange: "bybit", rows: 9 });
      await feed.beat(SEALED_MS + (2 + round) * MINUTE_MS);
      expect([await rowsInD1(), await eventsInTotals()]).toEqual([9, 9]);
    }
    expect(await count("SELECT count(*) AS n FROM gaps")).toBeGreaterThanOrEqual(gaps);
    const after = await feed.status();
    expect(after.sinks.d1).toMatchObject({
      rows_stored: 9,
      rows_refused: 0,
      backlog_rows: 0,
      comparison: { held_rows: 9, missing_rows: 0 },
    });
    expect(after.warnings).toEqual([]);
  });

  test("is filled again by one command: the newest rows from the journals, older ones from the batches", async () => {
    const now = Date.now();
    const old = floorTo(now, DAY_MS) - 3 * DAY_MS;
    const older = Array.from({ length: 50 }, (_, index) =>
      sampleLiquidation({ event_id: `old ${index}`, event_time: old + index * HOUR_MS, received_time: old + index * HOUR_MS }),
    );
    for (const [sequence, row] of older.entries()) {
      await r2Sink.write(env, config, { ...sampleBatch([row]), sequence: sequence + 1 });
    }
    const open = () => feedOf(env, config, VENUE);
    await open().watch(feedObjectName(VENUE, config), VENUE);
    await runInDurableObject(open(), (_object, { storage }) => {
      const journal = new Journal(new VenueStorage(storage));
      for (let index = 0; index < 7; index += 1)
        journal.append(sampleLiquidation({ event_id: `new ${index}`, exchange: VENUE, event_time: now - index, received_time: now }));
      journal.seal(now, { settledBefore: now, minRows: 1, maxRows: 10 }, () => []);
    });
    await abortAllDurableObjects();
    await open().watch(feedObjectName(VENUE, config), VENUE);
    await storeJournal(VENUE);
    expect(await rowsInD1()).toBe(7);
    await restoreTo(0);

    const reply = await ask("POST", "/v1/stores/d1/refill", { start: old });
    expect(reply).toMatchObject({
      status: 202,
      body: { data: { store: "d1", files: { start_time: old, done_until: old, finished_time: null } } },
    });
    expect(reply.body.data.feeds).toContainEqual(expect.objectContaining({ exchange: VENUE, batches: 1, rows: 7 }));
    await storeJournal(VENUE);

    // The days are old enough to be deleted, were they not about to be filled.
    for (let minute = 0; minute < 20 && (await refills(env, config, now, { rows: 10, objects: 500 })).open.length > 0; minute += 1) {
      await retention(env.DB, config, now, [{ exchange: "binance", status: sampleFeedStatus({}), error: null }]);
    }
    const progress = await ask("GET", "/v1/stores/d1/refill");
    expect(progress).toMatchObject({ status: 200, body: { data: { rows: 57, refused: 0, error: null, finished_time: now } } });
    expect([await rowsInD1(), await eventsInTotals()]).toEqual([57, 57]);

    await ask("POST", "/v1/stores/d1/refill", { start: old });
    await refills(env, config, now);
    await storeJournal(VENUE);
    expect([await rowsInD1(), await eventsInTotals()]).toEqual([57, 57]);
  });

  test("is refused from a time that lies in the future, and without a time, by what is allowed", async () => {
    const future = await ask("POST", "/v1/stores/d1/refill", { start: Date.now() + DAY_MS });
    expect([future.status, future.body.errors]).toEqual([400, [{ parameter: "start", detail: "must not lie in the future" }]]);
    const wrong = await ask("POST", "/v1/stores/d1/refill", { start: "yesterday" });
    expect([wrong.status, wrong.body.errors]).toMatchObject([400, [{ parameter: "start", detail: expect.stringContaining("ISO 8601") }]]);
  });

  test("takes rows of its feeds' journals again that are older than D1 holds, and keeps them until all are sent", async () => {
    const now = Date.now();
    const old = floorTo(now, HOUR_MS) - 48 * HOUR_MS;
    const open = () => feedOf(env, config, VENUE);
    await open().watch(feedObjectName(VENUE, config), VENUE);
    await runInDurableObject(open(), (_object, { storage }) => {
      const journal = new Journal(new VenueStorage(storage));
      for (let index = 0; index < 7; index += 1)
        journal.append(sampleLiquidation({ event_id: `${index}`, exchange: VENUE, event_time: old + index, received_time: now }));
      journal.seal(now, { settledBefore: now, minRows: 1, maxRows: 10 }, () => []);
    });
    await abortAllDurableObjects();
    await open().watch(feedObjectName(VENUE, config), VENUE);
    await storeJournal(VENUE);
    expect(await rowsInD1()).toBe(7);
    const beforeTheRefill = [{ exchange: VENUE, status: sampleFeedStatus({}), error: null }] as const;
    await retention(env.DB, config, now, beforeTheRefill);
    await restoreTo(0);
    expect(await count("SELECT from_time AS n FROM hot_events")).toBeGreaterThan(old);

    const api = createApi({
      now: () => now,
      feedStatuses: () => Promise.resolve([]),
      journaledFrame: () => Promise.resolve(null),
      answers: null,
      refillFeeds: async (...asked) => {
        expect(await count("SELECT from_time AS n FROM hot_events")).toBe(old);
        return (await refillFeeds(...asked)).map((feed) => ({ ...feed, journal_from_time: old }));
      },
    });
    const request = { method: "POST", headers: { Authorization: `Bearer ${ROOT}` }, body: JSON.stringify({ start: old + 5 }) };
    const bindings = { ...env, RATE_LIMIT: undefined, KEY_RATE_LIMIT: undefined, ADMIN_TOKEN: ROOT };
    const reply = await api.request("/v1/stores/d1/refill", request, bindings);
    expect([reply.status, await reply.json()]).toMatchObject([202, { data: { files: null } }]);
    // A run that asked the feeds before the refill knows nothing of it.
    await retention(env.DB, config, now, beforeTheRefill);
    await storeJournal(VENUE);
    await retention(env.DB, config, now, beforeTheRefill);
    expect([await rowsInD1(), await eventsInTotals()]).toEqual([7, 7]);

    await retention(env.DB, config, now + HOUR_MS, beforeTheRefill);
    expect([await rowsInD1(), await eventsInTotals()]).toEqual([0, 7]);
  });

  test("keeps its place where a batch cannot be read, says why, and goes on afterwards", async () => {
    const old = floorTo(Date.now(), DAY_MS) - 2 * DAY_MS;
    const rows = [0, 1, 2].map((index) => sampleLiquidation({ event_id: `${index}`, event_time: old + index * HOUR_MS }));
    for (const [index, row] of rows.entries()) await r2Sink.write(env, config, { ...sampleBatch([row]), sequence: index + 1 });
    await feedOf(env, config, VENUE).watch(feedObjectName(VENUE, config), VENUE);
    await ask("POST", "/v1/stores/d1/refill", { start: old });
    const bucket = { get: outOfOrder, head: outOfOrder, list: outOfOrder } as unknown as R2Bucket;
    await expect(refills({ ...env, BUCKET: bucket }, config, Date.now())).rejects.toThrow("R2 is out of order");
    expect((await ask("GET", "/v1/stores/d1/refill")).body.data).toMatchObject({ error: "R2 is out of order", finished_time: null });
    await refills(env, config, Date.now());
    expect((await ask("GET", "/v1/stores/d1/refill")).body.data).toMatchObject({ error: null, rows: 3 });
    expect(await rowsInD1()).toBe(3);
  });

  test("skips what cannot be read, names it, and has the rows of everything else", async () => {
    const now = Date.now();
    const day = (index: number) => floorTo(now, DAY_MS) - (5 - index) * DAY_MS;
    const rows = [0, 1, 2, 3].map((index) => sampleLiquidation({ event_id: `${index}`, event_time: day(index) }));
    for (const [index, row] of rows.entries()) await r2Sink.write(env, config, { ...sampleBatch([row]), sequence: index + 1 });
    const broken = `${batchObjectPrefix(utcDate(day(0)))}broken.parquet`;
    await env.BUCKET.put(broken, "no Parquet");
    const manifestOnly = dailyManifestKey(utcDate(day(1)));
    await env.BUCKET.put(manifestOnly, "no JSON");
    const fileOnly = dailyFileKey(utcDate(day(2)));
    await env.BUCKET.put(fileOnly, "of another hand");
    const file = dailyFileKey(utcDate(day(3)));
    await env.BUCKET.put(file, "no Parquet either", { sha256: await digest("no Parquet either") });
    await env.BUCKET.put(dailyManifestKey(utcDate(day(3))), JSON.stringify(await manifestOf(day(3), "no Parquet either")));
    await feedOf(env, config, VENUE).watch(feedObjectName(VENUE, config), VENUE);
    await ask("POST", "/v1/stores/d1/refill", { start: day(0) });

    // A file that does not match its manifest may be about to be replaced.
    await expect(refills(env, config, now)).rejects.toThrow("does not match its manifest");
    await expect(refills(env, config, now + HOUR_MS - 1)).rejects.toThrow("does not match its manifest");
    expect((await ask("GET", "/v1/stores/d1/refill")).body.data).toMatchObject({ rows: 2, failing_since: now, objects_skipped: 2 });
    expect(await refills(env, config, now + HOUR_MS)).toMatchObject({ open: [] });

    const { data } = (await ask("GET", "/v1/stores/d1/refill")).body;
    expect(data).toMatchObject({ rows: 4, error: null, failing_since: null, finished_time: now + HOUR_MS, objects_skipped: 4 });
    expect(data.skipped.map(({ key }: { key: string }) => key)).toEqual([broken, manifestOnly, fileOnly, file]);
    expect(data.skipped.every(({ reason }: { reason: string }) => reason.length > 0)).toBe(true);
    expect(await rowsInD1()).toBe(4);
  });
});

test("only admins fill a store, only one that exists and is on, and only from a time", async () => {
  const anybody = apiClient(Date.now(), { ADMIN_TOKEN: ROOT });
  expect(await anybody("/v1/stores/d1/refill", { method: "POST", body: '{"start":0}' })).toMatchObject({ status: 401 });
  expect(await ask("POST", "/v1/stores/pipeline/refill", { start: 0 })).toMatchObject({
    status: 400,
    body: { errors: [{ parameter: "store", detail: "must be one of r2, d1, supabase" }] },
  });
  expect(await ask("POST", "/v1/stores/d1/refill", { start: "yesterday" })).toMatchObject({ status: 400 });
  expect(await ask("POST", "/v1/stores/supabase/refill", { start: 0 })).toMatchObject({
    status: 409,
    body: { detail: "The store supabase is off; /v1/status states the reason." },
  });
  expect(await ask("GET", "/v1/stores/supabase/refill")).toMatchObject({ status: 404 });
});
