import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { parseConfig } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { RawFrame } from "../../../src/raw-frames/raw-frame.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { feedOf } from "../../../workers/feeds.ts";
import { putRawFile } from "../../../workers/r2/raw-files.ts";
import { apiClient, rawApiClient } from "./api-client.ts";
import { ADMIN_TOKEN } from "../exports/exports-stage.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 12 * HOUR_MS;
const call = apiClient(NOW);

afterEach(emptyStorage);

function rawFrame(exchange: ExchangeName, receivedTime: number, ...eventIds: readonly string[]): RawFrame {
  const origin = { source: "stream", socket: "main", connection: "one" } as const;
  return {
    exchange,
    adapter_version: 1,
    received_time: receivedTime,
    ...origin,
    event_ids: [...eventIds],
    symbols: ["BTC"],
    instruments: [],
    earlier: [],
    text: "{}",
  };
}

async function storeFile(exchange: ExchangeName, firstSequence: number, ...frames: readonly RawFrame[]): Promise<void> {
  const times = frames.map(({ received_time }) => received_time);
  const lines = frames.map((frame) => JSON.stringify(frame));
  await putRawFile(env.BUCKET, {
    exchange,
    epoch: DAY,
    firstSequence,
    lines,
    firstReceivedTime: Math.min(...times),
    lastReceivedTime: Math.max(...times),
  });
}

const names = async (query: string) => ((await call(`/v1/raw${query}`)).body.data as { name: string }[]).map(({ name }) => name);
const name = (exchange: string, hour: string, sequence: number) =>
  `raw_${exchange}_${hour}_${DAY}-${String(sequence).padStart(10, "0")}.ndjson.gz`;

/** Starts the feed with a journal that holds these liquidations with their frames. */
async function journal(rows: readonly (readonly [eventId: string, frame: RawFrame | null])[]): Promise<void> {
  await runInDurableObject(feedOf(env, parseConfig({ ...env }), "okx"), async (feed, { storage }) => {
    const own = new Journal(new VenueStorage(storage));
    for (const [event_id, frame] of rows)
      own.append(sampleLiquidation({ event_id, received_time: DAY }), frame === null ? null : JSON.stringify(frame));
    await feed.watch("okx@1", "okx");
  });
}

describe("the list of raw files", () => {
  test("has the files of the range with what they hold, page by page, of all venues or one", async () => {
    await storeFile("okx", 1, rawFrame("okx", DAY - HOUR_MS, "okx:1"));
    await storeFile("okx", 2, rawFrame("okx", DAY, "okx:2"), rawFrame("okx", DAY + 5, "okx:3"));
    await storeFile("bybit", 1, rawFrame("bybit", DAY + HOUR_MS, "bybit:1"));
    await storeFile("bybit", 2, rawFrame("bybit", DAY - 30 * HOUR_MS, "bybit:0"));
    const all = [name("okx", "20261119T23", 1), name("bybit", "20261120T01", 1), name("okx", "20261120T00", 2)];
    expect(await names("")).toEqual(all);
    expect(await names("?exchange=okx")).toEqual([all[0], all[2]]);
    expect(await names("?start=2026-11-20T00:00:00Z&end=2026-11-20T01:00:00Z")).toEqual([all[2]]);
    expect(await names("?start=2026-11-20T00:00:00.006Z")).toEqual([all[1]]);
    const paged: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await call(`/v1/raw?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
      paged.push(...(body.data as { name: string }[]).map((file) => file.name));
      cursor = body.meta.next_cursor as string | null;
    }
    expect(paged).toEqual(all);
    const [, , file] = (await call("/v1/raw")).body.data;
    expect(file).toMatchObject({
      exchange: "okx",
      frames: 2,
      first_received_time: DAY,
      last_received_time: DAY + 5,
      path: `/v1/raw/${all[2]}`,
    });
  });

  test("leads to the file, whose bytes have the hash, for keys with the scope export", async () => {
    await storeFile("okx", 1, rawFrame("okx", DAY, "okx:1"), rawFrame("okx", DAY, "okx:2"));
    const [{ path, sha256, bytes }] = (await call("/v1/raw")).body.data;
    expect((await call(path)).status).toBe(401);
    const response = await rawApiClient(NOW, { ADMIN_TOKEN })(path, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect(response.headers.get("Content-Type")).toBe("application/gzip");
    const body = await response.arrayBuffer();
    expect(body.byteLength).toBe(bytes);
    expect(Buffer.from(await crypto.subtle.digest("SHA-256", body)).toString("hex")).toBe(sha256);
    const text = await new Response(new Response(body).body?.pipeThrough(new DecompressionStream("gzip"))).text();
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as RawFrame).event_ids),
    ).toEqual([["okx:1"], ["okx:2"]]);
  });

  test.each(["nothing.ndjson.gz", "raw_okx_20261120T00_1-0000000001.ndjson.gz"])("has no file named %s", async (missing) => {
    const ask = apiClient(NOW, { ADMIN_TOKEN });
    expect((await ask(`/v1/raw/${missing}`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } })).status).toBe(404);
  });
});

describe("the raw frame of a liquidation", () => {
  test("comes from the journal, for each liquidation that it held", async () => {
    const frame = rawFrame("okx", DAY, "okx:BTC:1", "okx:BTC:2");
    await journal([
      ["okx:BTC:1", frame],
      ["okx:BTC:2", null],
      ["okx:BTC:3", null],
    ]);
    expect((await call("/v1/liquidations/okx:BTC:1/raw")).body.data).toEqual(frame);
    expect((await call(`/v1/liquidations/${encodeURIComponent("okx:BTC:2")}/raw`)).body).toMatchObject({
      data: frame,
      meta: { coverage: { okx: "sampled" } },
    });
    const { status, body } = await call("/v1/liquidations/okx:BTC:3/raw");
    expect([status, body.detail]).toEqual([404, expect.stringContaining("add received_time")]);
  });

  test("comes from the file of its hour once the journal has forgotten it", async () => {
    const frame = rawFrame("okx", DAY + 7, "okx:BTC:8", "okx:BTC:9");
    await storeFile("okx", 1, rawFrame("okx", DAY, "okx:BTC:90"), frame);
    await storeFile("okx", 3, rawFrame("okx", DAY + 9, "okx:BTC:9"));
    expect((await call("/v1/liquidations/okx:BTC:9/raw")).status).toBe(404);
    expect((await call(`/v1/liquidations/okx:BTC:9/raw?received_time=${DAY + 7}`)).body.data).toEqual(frame);
    const { status, body } = await call(`/v1/liquidations/okx:BTC:9/raw?received_time=${DAY + HOUR_MS}`);
    expect([status, body.detail]).toEqual([404, expect.stringContaining("kept for 30 days")]);
  });

  test("is refused for an id of no venue, and said to be off, without asking the feed, where none are kept", async () => {
    expect((await call("/v1/liquidations/ftx:1/raw")).body).toMatchObject({ status: 400, errors: [{ parameter: "event_id" }] });
    const off = await apiClient(NOW, { LIQUIDATION_RAW_RETENTION_DAYS: "0", EXCHANGE_FEED: undefined })("/v1/liquidations/okx:1/raw");
    expect(off.body).toMatchObject({ status: 404, detail: expect.stringContaining("LIQUIDATION_RAW_RETENTION_DAYS is 0") });
  });
});
