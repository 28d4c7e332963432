import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { batchObjectPrefix } from "../../../src/batch-object.ts";
import { parseConfig } from "../../../src/config.ts";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { dailyManifest } from "../../../src/daily/manifest.ts";
import { fileCoverage } from "../../../src/file-coverage.ts";
import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import { fileMetadata, parseFooter } from "../../../src/parquet/parquet-footer.ts";
import type { Impact } from "../../../src/sink.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { STEP_BUDGETS } from "../../../src/work-budgets.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { readDeadLetters } from "../../../workers/d1/dead-letters.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { crashingAfter } from "./crashing-bucket.ts";
import { event, store } from "./stored-rows.ts";
import { DAY } from "../sample-liquidation.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { EXCHANGES, SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import { emptyStorage } from "../empty-storage.ts";

const config = parseConfig({});
const DATE = "2026-11-20";
/** The first check after the day. */
const CLOSED = DAY + DAY_MS + 5 * MINUTE_MS;
const FILE = dailyFileKey(DATE);
const MANIFEST = dailyManifestKey(DATE);

afterEach(emptyStorage);

const run = (time = CLOSED, changed = config) => dailyFiles(env, changed, time);

async function bytesOf(key: string): Promise<Uint8Array> {
  const object = await env.BUCKET.get(key);
  if (object === null) throw new Error(`no ${key}`);
  return object.bytes();
}

const fileRows = async () => readLiquidations(await bytesOf(FILE));
const ids = async () => (await fileRows()).map((row) => row.event_id);
/** What the file says of its own coverage. */
const coverageInFile = async () => fileCoverage.parse(fileMetadata(parseFooter(await bytesOf(FILE))));
const manifestOf = async () => dailyManifest.parse(JSON.parse(new TextDecoder().decode(await bytesOf(MANIFEST))));
const keys = async (prefix = "") => (await env.BUCKET.list({ prefix })).objects.map(({ key }) => key);
const sha256 = async (bytes: Uint8Array) => Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");

const impact = (row: Liquidation, bps: number): Impact => ({
  event_id: row.event_id,
  event_time: row.event_time,
  impact_1s_bps: bps,
  impact_5s_bps: null,
  impact_60s_bps: bps * 2,
});

describe("a closed day", () => {
  test("is one file by time with each event of two venues once", async () => {
    await store([event(3), event(1), event(20_000)]);
    await store([event(1), event(2), event(1, { event_id: "a-first" })]);
    await store([event(4, { exchange: "okx", coverage: "sampled" })], "okx");
    const record = await run();
    expect(record).toMatchObject({ checked: 1, planned: [DATE], published: [DATE], more: false });
    expect(await ids()).toEqual(["a-first", "id000001", "id000002", "id000003", "id000004", "id020000"]);
    expect(await fileRows()).toContainEqual(event(4, { exchange: "okx", coverage: "sampled" }));
  });

  test("has a manifest of what its file holds", async () => {
    const gap = { exchange: "okx", from_time: DAY - 5, to_time: DAY + 70, reason: "silent" } as const;
    await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [gap], minuteMarks: [] });
    await store([event(7), event(9)]);
    await store([event(8, { exchange: "bybit", coverage: "all_reported" })], "bybit");
    await run(CLOSED, parseConfig({ DATA_CONTACT: "data@example.com" }));
    const bytes = await bytesOf(FILE);
    expect(await manifestOf()).toMatchObject({
      date: DATE,
      file: FILE,
      rows: 3,
      bytes: bytes.length,
      sha256: await sha256(bytes),
      first_event_time: DAY + 7000,
      last_event_time: DAY + 9000,
      exchanges: { binance: { rows: 2, coverage: ["largest_per_second"] }, bybit: { rows: 1, coverage: ["all_reported"] } },
      gaps: [gap],
      gaps_truncated: false,
      schema_version: SCHEMA_VERSION,
      source_batches: 2,
      licence: { url: null, contact: "data@example.com" },
      row_group_rows: [3],
      created_time: CLOSED,
    });
  });

  test("of all hours of every venue is published, and its slices say how many rows each of them has", async () => {
    for (const exchange of EXCHANGES) {
      const rows = Array.from({ length: 240 }, (_, n) => event(n * 360, { exchange, event_id: `${exchange}-${n}` }));
      await store(rows, exchange);
    }
    expect(await run()).toMatchObject({ published: [DATE], more: false });
    const { rows, slices, exchanges } = await manifestOf();
    expect({ rows, venues: Object.keys(exchanges).length }).toEqual({ rows: 240 * EXCHANGES.length, venues: EXCHANGES.length });
    const times = (await fileRows()).map(({ event_time: time }) => time);
    expect(slices.length).toBeGreaterThan(1);
    expect(slices.map((slice) => slice.rows)).toEqual(
      slices.map(({ from_time, to_time }) => times.filter((time) => time >= from_time && time < to_time).length),
    );
  });

  test("is left alone until it is over, and the running day always", async () => {
    await store([event(1)]);
    expect(await run(DAY + DAY_MS - MINUTE_MS)).toMatchObject({ checked: 0, published: [] });
    expect(await keys("daily")).toEqual([]);
  });

  test("leaves nothing behind but file, manifest and the list of its batches", async () => {
    await store([event(1)]);
    await run();
    expect(await keys("daily")).toEqual([`daily-work/included/20261120.json`, MANIFEST, FILE]);
  });

  test("does not change when nothing came", async () => {
    await store([event(1), event(2)]);
    await run();
    const before = await env.BUCKET.list({ prefix: "daily/" });
    expect(await run(CLOSED + HOUR_MS)).toMatchObject({ checked: 1, planned: [], published: [] });
    const after = await env.BUCKET.list({ prefix: "daily/" });
    expect(after.objects.map(({ version }) => version)).toEqual(before.objects.map(({ version }) => version));
  });
});

const note = (gap: Gap) => d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [gap], minuteMarks: [] });

describe("what came later", () => {
  test("a late batch corrects the file, also after the others were deleted", async () => {
    await store([event(1), event(3)]);
    await run();
    await run(CLOSED + DAY_MS + HOUR_MS);
    expect(await keys(batchObjectPrefix(DATE))).toEqual([]);
    await store([event(2), event(3)]);
    expect(await run(CLOSED + DAY_MS + 2 * HOUR_MS)).toMatchObject({ published: [DATE] });
    expect(await ids()).toEqual(["id000001", "id000002", "id000003"]);
    expect(await manifestOf()).toMatchObject({ rows: 3, source_batches: 2, sha256: await sha256(await bytesOf(FILE)) });
  });

  test("gives the same bytes as if it had come in time", async () => {
    await store([event(1), event(3)]);
    await run();
    await store([event(2)]);
    await run(CLOSED + HOUR_MS);
    const corrected = await sha256(await bytesOf(FILE));
    await emptyStorage();
    await store([event(3), event(2), event(1)]);
    await run();
    expect(await sha256(await bytesOf(FILE))).toBe(corrected);
  });

  test("the file itself holds the gaps of its day, cut to it, and the venues that were collected", async () => {
    await store([event(1)]);
    await note({ exchange: "okx", from_time: DAY - 5, to_time: DAY + 70, reason: "silent" });
    await note({ exchange: "okx", from_time: DAY + 20 * HOUR_MS, to_time: null, reason: "disconnected" });
    await run();
    expect(await coverageInFile()).toEqual({
      start: DAY,
      end: DAY + DAY_MS,
      coverage: coverageOf(parseConfig({})),
      gaps: [
        { exchange: "okx", from_time: DAY, to_time: DAY + 70, reason: "silent" },
        { exchange: "okx", from_time: DAY + 20 * HOUR_MS, to_time: DAY + DAY_MS, reason: "disconnected" },
      ],
      gaps_truncated: false,
    });
  });

  test("a gap that ended after the day is corrected in the manifest, and the file is not touched", async () => {
    const gap: Gap = { exchange: "okx", from_time: DAY + 5, to_time: null, reason: "silent" };
    await note(gap);
    await store([event(1)]);
    await run();
    const file = await env.BUCKET.head(FILE);
    expect((await manifestOf()).gaps).toEqual([gap]);
    await note({ ...gap, to_time: DAY + DAY_MS + 7 });
    expect(await run(CLOSED + HOUR_MS)).toMatchObject({ planned: [] });
    expect((await manifestOf()).gaps).toEqual([{ ...gap, to_time: DAY + DAY_MS + 7 }]);
    expect((await env.BUCKET.head(FILE))?.version).toBe(file?.version);
  });

  test("impacts are filled in, and stay when the events are no longer hot", async () => {
    await store([event(1), event(2), event(3)]);
    await d1Sink.writeImpacts?.(env, config, [impact(event(1), 4)]);
    await run();
    expect((await fileRows()).map((row) => row.impact_1s_bps)).toEqual([4, null, null]);
    await d1Sink.writeImpacts?.(env, config, [impact(event(3), 5)]);
    expect(await run(CLOSED + HOUR_MS)).toMatchObject({ published: [DATE] });
    await env.DB.exec("DELETE FROM liquidations");
    await store([event(9)]);
    await env.DB.exec("DELETE FROM liquidations");
    await run(CLOSED + 2 * HOUR_MS);
    const rows = await fileRows();
    expect(rows.map((row) => [row.impact_1s_bps, row.impact_5s_bps, row.impact_60s_bps])).toEqual([
      [4, null, 8],
      [null, null, null],
      [5, null, 10],
      [null, null, null],
    ]);
  });
});

describe("a run that ends anywhere", () => {
  /** The writes of a correction whose group is not held in memory: plan, slice, what it says of its rows, group, file, list of batches, manifest, and two deletions. */
  const WRITES = 9;

  test.for(Array.from({ length: WRITES }, (_, index) => index))(
    "after %i writes is gone on with, and no half file is shown",
    async (writes) => {
      await store([event(1), event(2)]);
      await run();
      const before = await bytesOf(FILE);
      await store([event(3)]);
      await expect(dailyFiles(crashingAfter(writes), config, CLOSED + HOUR_MS, { heldRows: 0 })).rejects.toThrow("crashed");
      const [manifest, bytes] = [await manifestOf(), await bytesOf(FILE)];
      const whole = manifest.sha256 === (await sha256(bytes));
      expect(readLiquidations(bytes)).toHaveLength(whole ? manifest.rows : 3);
      if (manifest.rows === 2 && whole) expect(bytes).toEqual(before);
      await run(CLOSED + 2 * HOUR_MS);
      expect(await ids()).toEqual(["id000001", "id000002", "id000003"]);
      expect(await manifestOf()).toMatchObject({ rows: 3, source_batches: 2, sha256: await sha256(await bytesOf(FILE)) });
      await run(CLOSED + 3 * HOUR_MS);
      expect(await keys("daily-work/plan/")).toEqual([]);
    },
  );

  test("the crashes above are all there are", async () => {
    await store([event(1), event(2)]);
    await run();
    await store([event(3)]);
    expect(await dailyFiles(crashingAfter(WRITES), config, CLOSED + HOUR_MS, { heldRows: 0 })).toMatchObject({ published: [DATE] });
  });

  test("for want of budget makes the same file over several runs", async () => {
    const rows = Array.from({ length: 12_000 }, (_, n) => event(n * 7));
    for (let from = 0; from < rows.length; from += 3_000) await store(rows.slice(from, from + 3_000));
    await run();
    const atOnce = await sha256(await bytesOf(FILE));
    await env.BUCKET.delete([FILE, MANIFEST]);
    await env.DB.exec("DELETE FROM job_progress");
    let runs = 0;
    for (let more = true; more; runs += 1) {
      const record = await dailyFiles(env, config, CLOSED, { budget: { ...STEP_BUDGETS.daily, rows: 1 }, heldRows: 0 });
      more = "more" in record && record.more;
    }
    // Two slices, then the group and the file.
    expect(runs).toBe(3);
    expect(await sha256(await bytesOf(FILE))).toBe(atOnce);
    expect(await fileRows()).toEqual(rows);
  });
});

describe("batches", () => {
  const later = DAY + 2 * DAY_MS + 5 * MINUTE_MS;

  test("go when they are older than they are kept and their day is whole", async () => {
    await store([event(1)]);
    await run();
    expect(await run(later - HOUR_MS)).toMatchObject({ batches_deleted: 0 });
    expect(await run(later)).toMatchObject({ batches_deleted: 1 });
    expect(await keys(batchObjectPrefix(DATE))).toEqual([]);
    expect(await ids()).toEqual(["id000001"]);
  });

  test("stay while the file does not hold them", async () => {
    await store([event(1)]);
    await run();
    await store([event(2)]);
    expect(await run(later)).toMatchObject({ batches_deleted: 0, published: [DATE] });
    expect(await keys(batchObjectPrefix(DATE))).toHaveLength(2);
    expect(await run(later + HOUR_MS)).toMatchObject({ batches_deleted: 2 });
  });

  test("stay where the file is not the one of the manifest", async () => {
    await store([event(1)]);
    await run();
    await env.BUCKET.put(FILE, "something else");
    await expect(run(later)).rejects.toThrow("does not match its manifest");
    expect(await keys(batchObjectPrefix(DATE))).toHaveLength(1);
  });

  test("stay where the file read back has another number of rows than the manifest", async () => {
    await store([event(1)]);
    await run();
    await env.BUCKET.put(MANIFEST, JSON.stringify({ ...(await manifestOf()), rows: 2 }));
    await expect(run(later)).rejects.toThrow("its batches stay");
    expect(await keys(batchObjectPrefix(DATE))).toHaveLength(1);
  });

  test("a batch that cannot be read is moved away by name, and stops neither its own day nor another", async () => {
    const broken = `${batchObjectPrefix(DATE)}venue=okx/1-0000000001.parquet`;
    await env.BUCKET.put(broken, "no Parquet");
    await store([event(1), event(86_400)]);
    expect(await run(CLOSED + DAY_MS)).toMatchObject({ published: [DATE, "2026-11-21"], missing_rows: 0 });
    expect(await keys(batchObjectPrefix(DATE))).toHaveLength(1);
    expect(await new Response((await env.BUCKET.get(`quarantine/${broken}`))?.body).text()).toBe("no Parquet");
    const { completeness } = await manifestOf();
    expect(completeness?.quarantined).toEqual([{ key: broken, rows: null, reason: expect.stringMatching(/.+/) }]);
    expect(await readDeadLetters(env.DB)).toMatchObject([{ queue: "daily_batches", records: 1, newest_record: broken }]);
  });
});

describe("daily files", () => {
  const keepTwo = parseConfig({ LIQUIDATION_DAILY_RETENTION_DAYS: "2" });

  test("older than they are kept go with their manifests, once their batches are gone", async () => {
    await store([event(1), event(86_400)]);
    await run(CLOSED + DAY_MS);
    expect(await run(CLOSED + 2 * DAY_MS, keepTwo)).toMatchObject({ files_expired: 0 });
    expect(await run(CLOSED + 2 * DAY_MS + HOUR_MS, keepTwo)).toMatchObject({ files_expired: 1 });
    expect(await keys("daily/")).toEqual([dailyManifestKey("2026-11-21"), dailyFileKey("2026-11-21")]);
  });

  test("are kept for ever by default", async () => {
    await store([event(1)]);
    await run();
    await run(DAY + 900 * DAY_MS);
    expect(await run(DAY + 900 * DAY_MS + HOUR_MS)).toMatchObject({ files_expired: 0 });
    expect(await keys("daily/")).toEqual([MANIFEST, FILE]);
  });
});
