import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import { STREAM_SCHEMA } from "../../../src/pipeline/stream-schema.ts";
import { streamRecord } from "../../../src/pipeline/stream-record.ts";
import type { Batch } from "../../../src/sink.ts";
import { storableRows, writeStorable } from "../../../src/storable.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { pipelineSink } from "../../../workers/sinks/pipeline.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { apiClient } from "../api/api-client.ts";
import { openFeed } from "../feed/open-feed.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { ownVenues } from "../feed/venue-control.ts";

const config = parseConfig({});
const stream = env.TEST_STREAM;
const bound = { LIQUIDATION_STREAM: stream };
const write = (batch: Batch) => writeStorable(pipelineSink, bound, config, batch);
const stored = { kind: "stored", refused: [], nulled: [] };
const some = (count: number, changes: (index: number) => Partial<Liquidation> = () => ({})) =>
  Array.from({ length: count }, (_, index) => sampleLiquidation({ event_id: `id${index}`, ...changes(index) }));
const keptIds = async () => (await stream.taken()).kept.map((record) => record["event_id"]);

/** Rows wait this long for the hub before they are sealed without it, and a failed sink at most this long again. */
const LATER_MS = 6_000;
const MUCH_LATER_MS = 400_000;

beforeEach(() => stream.begin(STREAM_SCHEMA.fields));

describe("without the binding", () => {
  test("the sink is off and names it", () => {
    expect(pipelineSink.off({}, config)).toBe("Pipeline is off: the binding LIQUIDATION_STREAM is missing");
    expect(pipelineSink.off(bound, config)).toBeNull();
  });

  test("it is asked for nothing, waits for nothing and the journal forgets without it", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables, sinks: [r2Sink, d1Sink, pipelineSink] });
    await until("live", async () => (await feed.status()).state === "live");
    await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 5_000 });
    await until("journaled", async () => (await feed.status()).events_total === 1);
    await feed.beat(LATER_MS);
    const status = await feed.status();
    expect(status.sinks.pipeline).toEqual({
      off_reason: "Pipeline is off: the binding LIQUIDATION_STREAM is missing",
      rows_stored: 0,
      rows_refused: 0,
      newest_refusal: null,
      rows_missed: 0,
      comparison: null,
      backlog_batches: 0,
      backlog_rows: 0,
      oldest_unstored_event_time: null,
      last_success_time: null,
      last_error: null,
      last_error_time: null,
      next_attempt_time: null,
    });
    // The raw frames of the running hour are written once it is over, or no more will come.
    await feed.inside((one) => one.retire());
    await feed.beat();
    expect(await feed.inside((one) => one.drained)).toBe(true);
    await feed.beat(27 * 3_600_000);
    expect((await feed.status()).journal_rows).toBe(0);
  });
});

describe("a batch", () => {
  test("is sent in the order received, unknown fields left out and times in RFC 3339", async () => {
    const rows = [3, 1, 2].map((n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n }));
    expect(await write(sampleBatch(rows))).toEqual(stored);
    const { kept, dropped, requestBytes } = await stream.taken();
    expect(dropped).toEqual([]);
    expect(requestBytes).toHaveLength(1);
    expect(kept.map((record) => [record["event_id"], record["event_time"]])).toEqual([
      ["id3", "2026-11-20T00:00:00.003Z"],
      ["id1", "2026-11-20T00:00:00.001Z"],
      ["id2", "2026-11-20T00:00:00.002Z"],
    ]);
    expect(kept[0]).not.toHaveProperty("mark_price");
    expect(kept[0]).toMatchObject({ usd_value: 40_000, schema_version: 1, gap_before_ms: 0 });
  });

  test("with every field filled, or only those that must be, fits the schema of the stream", async () => {
    const full = Object.fromEntries(
      LIQUIDATION_FIELDS.map((field) => {
        const values = { text: "牛\ud83e", time: DAY + 1, double: -1e-300, int32: -(2 ** 31), int64: Number.MAX_SAFE_INTEGER };
        return [field.name, "values" in field ? field.values[0] : values[field.type]];
      }),
    ) as unknown as Liquidation;
    expect(await write(sampleBatch([full, sampleLiquidation({})]))).toEqual(stored);
    const { kept, dropped } = await stream.taken();
    expect(dropped).toEqual([]);
    expect(kept).toEqual(storableRows([full, sampleLiquidation({})]).rows.map(streamRecord));
    expect(Object.keys(kept[0] ?? {})).toEqual(LIQUIDATION_FIELDS.map(({ name }) => name));
    expect(kept[0]).toMatchObject({ instrument: "牛\ufffd", received_time: "2026-11-20T00:00:00.001Z", impact_60s_bps: -1e-300 });
  });

  test("written again is sent again, so that readers take each event_id once", async () => {
    const batch = sampleBatch(some(3));
    await write(batch);
    expect(await write(structuredClone(batch))).toEqual(stored);
    expect(await keptIds()).toEqual(["id0", "id1", "id2", "id0", "id1", "id2"]);
  });

  test("of refused rows alone is not sent", async () => {
    const outcome = await write(sampleBatch([sampleLiquidation({ event_id: "bad", event_time: Number.NaN })]));
    expect(outcome).toMatchObject({ kind: "stored", refused: [{ eventId: "bad", reason: expect.stringContaining("event_time is NaN") }] });
    expect((await stream.taken()).requestBytes).toEqual([]);
  });
});

test("a row the stream would take and drop without a word is refused by name, and the others go", async () => {
  const bad = sampleLiquidation({ event_id: "bad", symbol: null } as unknown as Partial<Liquidation>);
  expect(await write(sampleBatch([bad, ...some(1)]))).toEqual({
    kind: "stored",
    refused: [{ eventId: "bad", reason: "symbol is null, not a text" }],
    nulled: [],
  });
  expect(await keptIds()).toEqual(["id0"]);
  expect((await stream.taken()).dropped).toEqual([]);
});

test("a batch above the limit of a request goes in several, none above it, each row once and in order", async () => {
  // Three bytes a character, so that counting characters would not do.
  const rows = some(2_000, () => ({ instrument: "牛".repeat(2_000) }));
  expect(await write(sampleBatch(rows))).toEqual(stored);
  const { requestBytes } = await stream.taken();
  expect(requestBytes.length).toBe(3);
  expect(Math.max(...requestBytes)).toBeLessThanOrEqual(4_500_000);
  expect(await keptIds()).toEqual(rows.map((row) => row.event_id));
});

test("the binding that wrangler makes for local development takes a batch", async () => {
  expect(await writeStorable(pipelineSink, { LIQUIDATION_STREAM: env.LOCAL_STREAM }, config, sampleBatch(some(3)))).toEqual(stored);
});

describe("while the stream is out of order", () => {
  test("a batch counts as failed with the stream's own message", async () => {
    await stream.fail("stream unavailable");
    expect(await write(sampleBatch(some(1)))).toEqual({ kind: "failed", error: "stream unavailable", retryAfterMs: null });
    await stream.fail("internal error", true);
    expect(await write(sampleBatch(some(1)))).toMatchObject({ kind: "failed", error: "internal error" });
  });

  test("a request that is never answered counts as failed after half a minute", async () => {
    vi.useFakeTimers();
    try {
      const outcome = pipelineSink.write({ LIQUIDATION_STREAM: { send: () => new Promise(() => {}) } }, config, sampleBatch(some(1)));
      await vi.advanceTimersByTimeAsync(30_000);
      expect(await outcome).toEqual({ kind: "failed", error: "the stream did not respond within 30 s", retryAfterMs: null });
    } finally {
      vi.useRealTimers();
    }
  });

  test("the other stores go on, status shows the backlog, and afterwards the stream has every liquidation", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({
      exchange: "bybit",
      variables: venues.variables,
      sinks: [r2Sink, d1Sink, pipelineSink],
      bindings: bound,
    });
    await until("live", async () => (await feed.status()).state === "live");
    // Each request of the outage is taken and then reported as failed.
    await stream.fail("stream unavailable", true);
    for (let index = 0; index < 5; index += 1) await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 1_000 + index });
    await until("5 events journaled", async () => (await feed.status()).events_total === 5);
    await feed.beat(LATER_MS);
    await feed.beat(LATER_MS + MUCH_LATER_MS);
    const during = await feed.status();
    expect(during.sinks.r2).toMatchObject({ rows_stored: 5, backlog_rows: 0 });
    expect(during.sinks.d1).toMatchObject({ rows_stored: 5, backlog_rows: 0 });
    const get = apiClient(Date.now(), bound, () => Promise.resolve([{ exchange: "bybit", status: during, error: null }]));
    const { body } = await get("/v1/status");
    expect(body.data.exchanges[1].sinks.pipeline).toMatchObject({
      off_reason: null,
      rows_stored: 0,
      backlog_rows: 5,
      oldest_unstored_event_time: expect.any(Number),
      last_error: "stream unavailable",
    });
    expect(body.data.parts_off.map(({ part }: { part: string }) => part)).not.toContain("pipeline");
    await feed.beat(28 * 3_600_000);
    expect((await feed.status()).journal_rows).toBe(5);

    await stream.fail(null);
    await feed.beat(30 * 3_600_000);
    expect((await feed.status()).sinks.pipeline).toMatchObject({ rows_stored: 5, backlog_rows: 0, backlog_batches: 0 });
    // Each event once by its id, although each of the failed requests was taken too.
    const { kept } = await stream.taken();
    const times = new Map(kept.map((record) => [record["event_id"], record["event_time"]]));
    const sent = await venues.sent("bybit");
    expect([...times.values()].toSorted()).toEqual(sent.map((event) => new Date(event.event_time).toISOString()).toSorted());
    expect(sent).toHaveLength(5);
    expect(kept.length).toBeGreaterThan(5);
    await feed.beat(32 * 3_600_000);
    expect((await feed.status()).journal_rows).toBe(0);
  });
});
