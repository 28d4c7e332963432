import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { fromJournal } from "../../../durable-objects/exchange-feed/journal/journal-row.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import { readRawFrame, rowOfRaw } from "../../../src/raw-frames/normalize-frame.ts";
import { type RawFrame, rawFrameSchema } from "../../../src/raw-frames/raw-frame.ts";
import type { Sink } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { until } from "../until.ts";
import { type TestFeed, openFeed } from "./open-feed.ts";
import { ownVenues } from "./venue-control.ts";

const HOUR_MS = 3_600_000;
const LIQUIDATING = ["binance", "bybit", "okx", "bitfinex"] as const satisfies readonly ExchangeName[];
/** What the frame alone tells, and when and how it came. */
const FROM_FRAME = [
  ...LIQUIDATION_FIELDS.filter(({ group }) => group === "venue").map(({ name }) => name),
  "received_time",
  "source",
] as const;

async function rawFiles(exchange: ExchangeName) {
  const { objects } = await env.BUCKET.list({ prefix: "raw/v1/", include: ["customMetadata"] });
  return objects.filter(({ key }) => key.includes(`/venue=${exchange}/`));
}

async function framesIn(key: string): Promise<readonly RawFrame[]> {
  const object = await env.BUCKET.get(key);
  if (object === null) throw new Error(`${key} is missing`);
  const text = await new Response(object.body.pipeThrough(new DecompressionStream("gzip"))).text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => rawFrameSchema.parse(JSON.parse(line)));
}

function journaled(feed: TestFeed): Promise<readonly Liquidation[]> {
  return feed.inside((_feed, { storage }) => {
    const rows = storage.sql.exec<{ event: string }>("SELECT event FROM journal ORDER BY sequence").toArray();
    return rows.map((row) => fromJournal(row.event));
  });
}

function normalized(frames: readonly RawFrame[]): Map<string, Liquidation> {
  const rows = new Map<string, Liquidation>();
  for (const frame of frames) {
    for (const message of readRawFrame(frame, exchanges[frame.exchange])) {
      if (message.kind !== "liquidation") continue;
      const row = rowOfRaw(frame, message);
      if (!rows.has(row.event_id)) rows.set(row.event_id, row);
    }
  }
  return rows;
}

const known = (row: Liquidation | undefined) => FROM_FRAME.map((name) => [name, row?.[name]]);

/** The mark price that stands in where a venue gives no price is no part of its frame. */
const asFrameTells = (row: Liquidation): Liquidation => (row.price_kind === "mark" ? { ...row, price: null, usd_value: null } : row);

describe("the raw frames of an hour", () => {
  test.each(LIQUIDATING)("of %s, normalized again, give the very rows that were stored, also those of its history", async (exchange) => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange, variables: venues.variables });
    await until("live", async () => (await feed.status()).state === "live");
    const cascade = { symbol: "ETH", side: "long", usd: 2e7, durationMs: 4_000, movePct: 2, eventsPerVenue: 40 } as const;
    await venues.cascade({ ...cascade, startAfterMs: 0, venues: [{ exchange, delayMs: 0 }] });
    await until("a burst", async () => (await feed.status()).events_total >= (exchange === "binance" ? 3 : 20));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await venues.refuse(exchange, 503);
    await venues.drop(exchange);
    await until("a gap", async () => (await feed.status()).open_gap !== null);
    // More than OKX repeats to a new subscriber.
    for (let n = 0; n < 13; n += 1) await venues.liquidate(exchange, { symbol: n % 2 === 0 ? "BTC" : "SOL", side: "short", usd: 90_000 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await venues.refuse(exchange, null);
    await until("live again", async () => (await feed.status()).state === "live");
    const hasHistory = exchanges[exchange].backfill !== undefined;
    await feed.beat();
    if (hasHistory) await until("a backfill", async () => (await journaled(feed)).some(({ source }) => source === "backfill"));
    await feed.beat(HOUR_MS);

    const files = await rawFiles(exchange);
    const frames = (await Promise.all(files.map(({ key }) => framesIn(key)))).flat();
    const stored = await journaled(feed);
    const again = normalized(frames);
    for (const row of stored) expect(known(again.get(row.event_id)), row.event_id).toEqual(known(asFrameTells(row)));
    expect([...again.keys()].toSorted()).toEqual(stored.map(({ event_id }) => event_id).toSorted());
    expect(frames.some(({ source }) => source === "backfill")).toBe(hasHistory);
    expect((await feed.status()).raw_frames).toMatchObject({
      files_stored: files.length,
      frames_stored: frames.length,
      oldest_unstored_time: null,
    });

    for (const { event_id } of stored) {
      const frame = await feed.inside((one) => one.frameOf(event_id));
      expect(JSON.parse(frame ?? "null").event_ids, event_id).toContain(event_id);
    }
  });

  test("are written once, under the same key, although the store failed in between", async () => {
    const venues = await ownVenues();
    let failures = 1;
    const failing: Sink<Env> = {
      ...r2Sink,
      async writeFrames(bindings, file) {
        await r2Sink.writeFrames?.(bindings, file);
        failures -= 1;
        if (failures >= 0) throw new Error("the answer was lost");
      },
    };
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables, sinks: [failing, d1Sink] });
    await until("live", async () => (await feed.status()).state === "live");
    const before = new Set((await rawFiles("bybit")).map(({ key }) => key));
    for (let count = 0; count < 3; count += 1) await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 50_000 });
    await until("events", async () => (await feed.status()).events_total === 3);
    await feed.beat();
    expect(await rawFiles("bybit")).toHaveLength(before.size);
    await feed.beat(HOUR_MS);
    expect((await feed.status()).raw_frames).toMatchObject({ files_stored: 0, last_error: "the answer was lost" });
    await feed.beat(HOUR_MS + 300_000);
    await feed.beat(HOUR_MS + 600_000);
    const files = (await rawFiles("bybit")).filter(({ key }) => !before.has(key));
    expect(files).toHaveLength(1);
    const frames = await framesIn(files[0]?.key ?? "");
    expect(frames.flatMap(({ event_ids }) => event_ids)).toHaveLength(3);
    expect(files[0]?.customMetadata).toMatchObject({ exchange: "bybit", frames: String(frames.length) });
    expect((await feed.status()).raw_frames).toMatchObject({ files_stored: 1, frames_stored: frames.length });
  });

  test("are neither journaled nor written where their retention is 0 days", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "binance", variables: { ...venues.variables, LIQUIDATION_RAW_RETENTION_DAYS: "0" } });
    await until("live", async () => (await feed.status()).state === "live");
    const before = await rawFiles("binance");
    await venues.liquidate("binance", { symbol: "BTC", side: "long", usd: 50_000 });
    await until("an event", async () => (await feed.status()).events_total === 1);
    await feed.beat(HOUR_MS);
    expect(await rawFiles("binance")).toHaveLength(before.length);
    expect((await feed.status()).raw_frames).toMatchObject({ off_reason: "LIQUIDATION_RAW_RETENTION_DAYS is 0" });
    const id = (await journaled(feed))[0]?.event_id ?? "";
    expect(await feed.inside((one) => one.frameOf(id))).toBeNull();
  });
});
