import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { batchObjectKey } from "../../../src/batch-object.ts";
import { parseConfig } from "../../../src/config.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import type { Batch } from "../../../src/sink.ts";
import { writeStorable } from "../../../src/storable.ts";
import { loadParquet } from "../../../workers/r2/parquet-module.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";

const config = parseConfig({});
const write = (batch: Batch) => writeStorable(r2Sink, env, config, batch);
const stored = { kind: "stored", refused: [], nulled: [] };
const keyOn = (date: string) => batchObjectKey("binance", DAY, 1, date);

async function listed() {
  const { objects } = await env.BUCKET.list({ include: ["customMetadata", "httpMetadata"] });
  return objects;
}

async function read(key: string) {
  loadParquet();
  const object = await env.BUCKET.get(key);
  return object === null ? null : readLiquidations(new Uint8Array(await object.arrayBuffer()));
}

afterEach(() => reset());

describe("a batch", () => {
  test("is one object with its rows as they came", async () => {
    const rows = [3, 1, 2].map((n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n, usd_value: n / 3, mark_age_ms: null }));
    expect(await write(sampleBatch(rows))).toEqual(stored);
    expect((await listed()).map((object) => object.key)).toEqual([keyOn("2026-11-20")]);
    expect(await read(keyOn("2026-11-20"))).toEqual(rows);
  });

  test("says what it holds without being opened", async () => {
    await write(
      sampleBatch([sampleLiquidation({ event_id: "b", event_time: DAY + 70 }), sampleLiquidation({ event_id: "a", event_time: DAY + 7 })]),
    );
    const [object] = await listed();
    const bytes = await (await env.BUCKET.get(keyOn("2026-11-20")))?.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes ?? new ArrayBuffer()));
    expect(object?.httpMetadata).toEqual({ contentType: "application/vnd.apache.parquet" });
    expect(object?.customMetadata).toEqual({
      rows: "2",
      first_event_time: String(DAY + 7),
      last_event_time: String(DAY + 70),
      schema_version: String(SCHEMA_VERSION),
      sha256: Buffer.from(digest).toString("hex"),
    });
  });

  test("over midnight is one object a day", async () => {
    const late = sampleLiquidation({ event_id: "late", event_time: DAY - 1 });
    const early = sampleLiquidation({ event_id: "early", event_time: DAY });
    expect(await write(sampleBatch([early, late]))).toEqual(stored);
    expect((await listed()).map((object) => object.key)).toEqual([keyOn("2026-11-19"), keyOn("2026-11-20")]);
    expect(await read(keyOn("2026-11-19"))).toEqual([late]);
    expect(await read(keyOn("2026-11-20"))).toEqual([early]);
  });

  test("written again is the same object with the same bytes", async () => {
    const gap = { exchange: "binance", from_time: DAY - 5000, to_time: null, reason: "silent" } as const;
    const batch = { ...sampleBatch([1, 2, 3].map((n) => sampleLiquidation({ event_id: `id${n}` }))), gaps: [gap] };
    await write(batch);
    const before = (await listed()).map(({ key, etag }) => ({ key, etag }));
    await write(sampleBatch([sampleLiquidation({ exchange: "okx" })], "okx"));
    expect(await write(structuredClone(batch))).toEqual(stored);
    expect((await listed()).map(({ key, etag }) => ({ key, etag }))).toEqual(expect.arrayContaining(before));
    expect(await listed()).toHaveLength(2);
  });
});

describe("a journal that was set back to an earlier time", () => {
  test("overwrites no batch with another one of the same number, however often it writes it", async () => {
    const before = sampleLiquidation({ event_id: "before", event_time: DAY + 1 });
    const after = sampleLiquidation({ event_id: "after", event_time: DAY + 2 });
    await write(sampleBatch([before]));
    for (let time = 0; time < 2; time++) expect(await write(sampleBatch([after]))).toEqual(stored);
    const keys = (await listed()).map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(keys).toContain(keyOn("2026-11-20"));
    expect((await Promise.all(keys.map(read))).flat()).toEqual(expect.arrayContaining([before, after]));
  });
});

describe("what cannot be stored", () => {
  test("a row without a time is refused by name and the others are stored", async () => {
    const outcome = await write(
      sampleBatch([sampleLiquidation({ event_id: "bad", event_time: Number.NaN }), sampleLiquidation({ event_id: "good" })]),
    );
    expect(outcome).toMatchObject({ kind: "stored", refused: [{ eventId: "bad", reason: expect.stringContaining("event_time is NaN") }] });
    expect(await read(keyOn("2026-11-20"))).toEqual([sampleLiquidation({ event_id: "good" })]);
  });

  test("a batch of refused rows alone leaves no object", async () => {
    const outcome = await write(sampleBatch([sampleLiquidation({ event_id: "bad", received_time: -1 })]));
    expect(outcome).toMatchObject({ kind: "stored", refused: [{ eventId: "bad" }] });
    expect(await listed()).toEqual([]);
  });

  test("a key R2 does not take gives a failed outcome with R2's message", async () => {
    const tooLong = { ...sampleBatch([sampleLiquidation({})]), exchange: "x".repeat(1100) as Batch["exchange"] };
    expect(await write(tooLong)).toMatchObject({
      kind: "failed",
      error: expect.stringContaining("object name is not valid"),
      retryAfterMs: null,
    });
    expect(await listed()).toEqual([]);
  });
});
