import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { markFileKey, markManifestKey } from "../../../src/daily/mark-keys.ts";
import { markManifest } from "../../../src/daily/mark-manifest.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import { readMinuteMarks } from "../../../src/parquet/decode.ts";
import { fileMetadata, parseFooter } from "../../../src/parquet/parquet-footer.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { MINUTES_KEPT_MS } from "../../../src/windows/kept.ts";
import { markFiles } from "../../../workers/cron/mark-files.ts";
import { retention } from "../../../workers/cron/retention.ts";
import { datasetChanges } from "../../../workers/d1/dataset-changes.ts";
import { readDeadLetters } from "../../../workers/d1/dead-letters.ts";
import { replaceList } from "../../../workers/d1/symbol-lists.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY } from "../sample-liquidation.ts";
import { crashingAfter } from "./crashing-bucket.ts";
import { emptyStorage } from "../empty-storage.ts";

const config = parseConfig({ LIQUIDATION_EXCHANGES: "binance,okx" });
const DATE = "2026-11-20";
/** The first check after the day. */
const CLOSED = DAY + DAY_MS + 5 * MINUTE_MS;
/** The first check after D1 need not keep the marks of the day. */
const DUE = CLOSED + MINUTES_KEPT_MS;
const FILE = markFileKey(DATE);
const MANIFEST = markManifestKey(DATE);

afterEach(emptyStorage);

function mark(index: number, changes: Partial<MinuteMark> = {}): MinuteMark {
  const price = 80_000 + index;
  const prices = { open: price, high: price + 5, low: price - 5, close: price + 1, samples: 60 };
  return { minute: DAY + index * MINUTE_MS, symbol: "BTC", exchange: "binance", ...prices, ...UNKNOWN_MINUTE_MARKET, ...changes };
}

const store = (minuteMarks: readonly MinuteMark[]) => d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [], minuteMarks });
const run = (time = CLOSED, changed = config) => markFiles(env, changed, time);
const expire = (time: number) => retention(env.DB, config, time, []);

async function bytesOf(key: string): Promise<Uint8Array> {
  const object = await env.BUCKET.get(key);
  if (object === null) throw new Error(`no ${key}`);
  return object.bytes();
}

const fileMarks = async () => readMinuteMarks(await bytesOf(FILE));
const manifestOf = async (key = MANIFEST) => markManifest.parse(JSON.parse(new TextDecoder().decode(await bytesOf(key))));
const keys = async (prefix: string) => (await env.BUCKET.list({ prefix })).objects.map(({ key }) => key);
/** A stretch of minutes of the day. */
const stretch = (from: number, to: number) => ({ from_time: DAY + from * MINUTE_MS, to_time: DAY + to * MINUTE_MS });
const stored = async () => (await env.DB.prepare("SELECT count(*) AS n FROM minute_marks").first<number>("n")) ?? 0;
const listed = (exchange: ExchangeName, ...symbols: readonly string[]) =>
  replaceList(
    env.DB,
    exchange,
    symbols.map((symbol) => ({ symbol, trading: [`${symbol}USDT`], halted: [] })),
    1,
  );

describe("a closed day of minute marks", () => {
  test("is one file by minute, base asset and venue, with each mark as it was stored", async () => {
    const market = { spread_bps: 0.12, volume_usd: 5_000, funding_rate: -0.0001 };
    const [first, second, third] = [mark(7), mark(7, { exchange: "okx", ...market }), mark(7, { symbol: "ETH" })];
    await store([mark(9), third, second]);
    await store([first]);
    expect(await run()).toMatchObject({ checked: 1, planned: [DATE], published: [DATE], more: false });
    expect(await fileMarks()).toEqual([first, second, third, mark(9)]);
  });

  test("has a manifest that says what each venue has and what is missing", async () => {
    await listed("binance", "BTC", "ETH");
    await listed("okx", "BTC");
    const gap = { exchange: "okx", from_time: DAY - 5, to_time: DAY + 70, reason: "silent" } as const;
    await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [gap], minuteMarks: [] });
    await store([...Array.from({ length: 100 }, (_, index) => mark(index)), mark(200), mark(1_439)]);
    expect(await run()).toMatchObject({ missing_minutes: 3 * 1_440 - 102 });
    const bytes = await bytesOf(FILE);
    expect(await manifestOf()).toEqual({
      kind: "minute_marks",
      date: DATE,
      file: FILE,
      bytes: bytes.length,
      sha256: Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex"),
      schema_version: 1,
      rows: 102,
      first_minute: DAY,
      last_minute: DAY + DAY_MS - MINUTE_MS,
      exchanges: {
        binance: {
          rows: 102,
          symbols: { BTC: 102 },
          symbols_without_marks: ["ETH"],
          minutes_expected: 2_880,
          minutes_missing: 2_778,
          without_marks: [stretch(100, 200), stretch(201, 1_439)],
          without_marks_truncated: false,
        },
        okx: {
          rows: 0,
          symbols: {},
          symbols_without_marks: ["BTC"],
          minutes_expected: 1_440,
          minutes_missing: 1_440,
          without_marks: [stretch(0, 1_440)],
          without_marks_truncated: false,
        },
      },
      minutes_missing: 4_218,
      gaps: [gap],
      gaps_truncated: false,
      quarantined: [],
      licence: null,
      created_time: CLOSED,
      row_group_rows: [102],
      slices: [{ from_time: DAY, to_time: DAY + DAY_MS, rows: 102 }],
    });
    expect(await datasetChanges(env.DB, "minute_marks", 0, 10)).toMatchObject([{ date: DATE, old_sha256: null, rows: 102 }]);
    expect(await datasetChanges(env.DB, "liquidations", 0, 10)).toEqual([]);
  });

  test("says inside the file in which stretches of the day a venue was not connected, also in one without a mark", async () => {
    const gaps = [
      { exchange: "okx", from_time: DAY - HOUR_MS, to_time: DAY + HOUR_MS, reason: "disconnected" },
      { exchange: "binance", from_time: DAY + 2 * HOUR_MS, to_time: DAY + 2 * HOUR_MS + 500, reason: "silent" },
    ] as const;
    for (const gap of gaps) await d1Sink.writeNotes?.(env, { exchange: gap.exchange, gaps: [gap], minuteMarks: [] });
    const inside = [{ ...gaps[0], from_time: DAY }, gaps[1]];
    // A system without any mark begins with today; with one of the day before it knows this day.
    await store([mark(-60)]);
    for (const [hour, marks] of [[], [mark(0)]].entries()) {
      await store(marks);
      await run(CLOSED + hour * HOUR_MS);
      const about = fileMetadata(parseFooter(await bytesOf(FILE)));
      expect(about).toMatchObject({
        kind: "minute_marks",
        rows: marks.length,
        start: DAY,
        end: DAY + DAY_MS,
        gaps: inside,
        gaps_truncated: false,
      });
      expect((await manifestOf()).gaps).toHaveLength(2);
    }
  });

  test("has the terms of the operator in its manifest, as they were when the file was made", async () => {
    await store([mark(1)]);
    await run(CLOSED, parseConfig({ DATA_LICENCE_URL: "https://example.com/terms" }));
    await run(CLOSED + HOUR_MS, parseConfig({ DATA_LICENCE_URL: "https://example.com/other" }));
    expect((await manifestOf()).licence).toEqual({ url: "https://example.com/terms", contact: null });
  });

  test("without a mark has a file without rows and a manifest that says so", async () => {
    await store([mark(1)]);
    await run();
    expect(await run(CLOSED + 2 * DAY_MS)).toMatchObject({ published: ["2026-11-21", "2026-11-22"] });
    expect(await manifestOf(markManifestKey("2026-11-21"))).toMatchObject({ rows: 0, first_minute: null, row_group_rows: [] });
    expect(readMinuteMarks(await bytesOf(markFileKey("2026-11-21")))).toEqual([]);
  });

  test("is left alone until it is over, and then leaves nothing behind but file and manifest", async () => {
    await store([mark(1)]);
    expect(await run(DAY + DAY_MS - MINUTE_MS)).toMatchObject({ checked: 0, published: [] });
    await run();
    expect(await keys("marks")).toEqual([MANIFEST, FILE]);
    const before = await env.BUCKET.list({ prefix: "marks" });
    expect(await run(CLOSED + HOUR_MS)).toMatchObject({ checked: 1, planned: [], published: [] });
    const after = await env.BUCKET.list({ prefix: "marks" });
    expect(after.objects.map(({ version }) => version)).toEqual(before.objects.map(({ version }) => version));
  });

  test("of many paths has several row groups, whatever the budget of a run, and the same bytes", async () => {
    const symbols = Array.from({ length: 40 }, (_, index) => `S${index}`);
    const marks = symbols.flatMap((symbol) => Array.from({ length: 1_440 }, (_, index) => mark(index, { symbol })));
    await store(marks);
    await run();
    const whole = await bytesOf(FILE);
    expect(await manifestOf()).toMatchObject({ rows: 57_600, row_group_rows: [28_800, 28_800] });
    await env.BUCKET.delete([FILE, MANIFEST]);
    let time = CLOSED + HOUR_MS;
    for (; (await markFiles(env, config, time, { objects: 1, rows: 1 })) && (await keys(FILE)).length === 0; time += MINUTE_MS);
    expect(await bytesOf(FILE)).toEqual(whole);
  });
});

describe("marks that came later", () => {
  test("correct the file, also after D1 has deleted the others, and give the same bytes as if they had come in time", async () => {
    await store([mark(1), mark(3, { samples: 20, close: 1 })]);
    await run();
    expect(await run(DUE)).toMatchObject({ verified: [DATE] });
    expect((await expire(DUE + MINUTE_MS)).deleted).toMatchObject({ minute_marks: 2 });
    await store([mark(2), mark(3)]);
    const later = DUE + HOUR_MS;
    expect(await run(later)).toMatchObject({ published: expect.arrayContaining([DATE]) });
    expect(await fileMarks()).toEqual([mark(1), mark(2), mark(3)]);
    const corrected = await bytesOf(FILE);
    await emptyStorage();
    await store([mark(1), mark(2), mark(3)]);
    await run();
    expect(await bytesOf(FILE)).toEqual(corrected);
  });

  test("are in the file before D1 deletes them", async () => {
    await store([mark(1)]);
    await run();
    await run(DUE);
    // A report after the file was read back.
    await store([mark(2)]);
    expect((await expire(DUE + MINUTE_MS)).deleted).toMatchObject({ minute_marks: 0 });
    await run(DUE + HOUR_MS);
    await run(DUE + 2 * HOUR_MS);
    expect((await expire(DUE + 2 * HOUR_MS + MINUTE_MS)).deleted).toMatchObject({ minute_marks: 2 });
    expect(await fileMarks()).toEqual([mark(1), mark(2)]);
  });
});

describe("marks in D1", () => {
  test("stay until their file was published and read back, however old they are", async () => {
    await store([mark(1)]);
    await expire(DAY + 40 * DAY_MS);
    expect(await stored()).toBe(1);
    await run(CLOSED);
    await expire(CLOSED + MINUTE_MS);
    expect(await stored()).toBe(1);
    await run(DUE);
    await expire(DUE);
    expect(await stored()).toBe(0);
    await run(DUE + HOUR_MS);
    const days = await env.DB.prepare("SELECT min(day) AS day FROM mark_days").first<number>("day");
    expect(days).toBeGreaterThan(DAY);
  });
});

describe("a file", () => {
  test.each([
    ["that was changed", async () => env.BUCKET.put(FILE, "no Parquet")],
    ["that is gone", async () => env.BUCKET.delete(FILE)],
    ["whose manifest is not JSON", async () => env.BUCKET.put(MANIFEST, "{")],
  ])("%s is put away by name, and the day is made again from D1", async (_, damage) => {
    await store([mark(1), mark(2)]);
    await run();
    const whole = await bytesOf(FILE);
    await damage();
    expect(await run(CLOSED + HOUR_MS)).toMatchObject({ published: [DATE] });
    expect(await bytesOf(FILE)).toEqual(whole);
    expect(await readDeadLetters(env.DB)).toMatchObject([{ queue: "mark_files", records: 1, newest_record: FILE }]);
    expect((await keys("quarantine/marks/v1/")).length).toBeGreaterThan(0);
  });

  test("that was published half is finished by the next run", async () => {
    await store([mark(1)]);
    for (let puts = 1; puts <= 6; puts += 1) {
      await markFiles(crashingAfter(puts), config, CLOSED + puts * HOUR_MS).catch(() => undefined);
      await env.DB.prepare("DELETE FROM leases").run();
    }
    await run(CLOSED + 7 * HOUR_MS);
    expect(await fileMarks()).toEqual([mark(1)]);
    expect(await keys("marks")).toEqual([MANIFEST, FILE]);
    expect(await readDeadLetters(env.DB)).toEqual([]);
    expect(await run(CLOSED + 8 * HOUR_MS)).toMatchObject({ planned: [], published: [] });
  });

  test("older than it is kept goes with its manifest once D1 has deleted its marks", async () => {
    const keepTwo = parseConfig({ LIQUIDATION_DAILY_RETENTION_DAYS: "2" });
    await store([mark(1)]);
    await run();
    expect(await run(CLOSED + 3 * DAY_MS, keepTwo)).toMatchObject({ files_expired: 0 });
    await run(DUE, keepTwo);
    await expire(DUE + MINUTE_MS);
    expect(await run(DUE + HOUR_MS, keepTwo)).toMatchObject({ files_expired: 1 });
    expect(await keys(FILE)).toEqual([]);
  });
});

test("one run at a time works on the files", async () => {
  await env.DB.prepare("INSERT INTO leases VALUES ('mark_files', 'other', ?)")
    .bind(Date.now() + HOUR_MS)
    .run();
  expect(await run()).toEqual({ skipped: "another run is at work" });
});
