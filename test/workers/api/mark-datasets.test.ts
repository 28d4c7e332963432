import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { markFileKey } from "../../../src/daily/mark-keys.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { markFiles } from "../../../workers/cron/mark-files.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { rawApiClient } from "./api-client.ts";
import { ADMIN_TOKEN, event, exportClient, store } from "../exports/exports-stage.ts";
import { DAY } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 2 * DAY_MS + HOUR_MS;
const call = exportClient(NOW);
const anybody = { Authorization: "" };
const FILE = "/v1/datasets/2026-11-20/files/minute_marks_20261120.parquet";

const mark = (index: number, changes: Partial<MinuteMark> = {}): MinuteMark => ({
  minute: DAY + index * MINUTE_MS,
  symbol: "BTC",
  exchange: "binance",
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  samples: 60,
  ...UNKNOWN_MINUTE_MARKET,
  ...changes,
});
const storeMarks = (minuteMarks: readonly MinuteMark[]) => d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [], minuteMarks });

beforeEach(async () => {
  await store([event(1)]);
  await dailyFiles(env, parseConfig({}), NOW);
  await storeMarks([mark(1), mark(1, { exchange: "okx" })]);
  await markFiles(env, parseConfig({}), NOW);
});

afterEach(emptyStorage);

test("datasets of minute marks are listed by their kind, also a day without any, and those of liquidations by default", async () => {
  const list = async (query: string) => (await call("GET", `/v1/datasets${query}`, undefined, anybody)).body.data;
  const marks = await list("?kind=minute_marks");
  expect(marks).toMatchObject([
    { kind: "minute_marks", date: "2026-11-21", rows: 0 },
    { kind: "minute_marks", date: "2026-11-20", rows: 2, first_minute: DAY + MINUTE_MS, free: false, path: FILE },
  ]);
  expect(marks[1].exchanges.okx).toMatchObject({ rows: 1, symbols: { BTC: 1 }, minutes_expected: 1_440, minutes_missing: 1_439 });
  expect(marks[1]).not.toHaveProperty("gaps");
  expect(await list("")).toMatchObject([{ kind: "liquidations", date: "2026-11-20", rows: 1 }]);
  expect((await call("GET", "/v1/datasets?kind=trades")).body.errors).toMatchObject([{ parameter: "kind" }]);
});

test("the manifest of a day's minute marks is that of its file, and a change lists it by its kind", async () => {
  const { body } = await call("GET", "/v1/datasets/2026-11-20?kind=minute_marks");
  const object = await env.BUCKET.head(markFileKey("2026-11-20"));
  expect(body.data).toMatchObject({
    bytes: object?.size,
    sha256: object?.checksums.toJSON().sha256,
    row_groups: 1,
    gaps: [],
    quarantined: [],
  });
  expect(body.data).not.toHaveProperty("slices");
  const changes = async (query: string) => (await call("GET", `/v1/datasets/changes${query}`)).body.data;
  expect(await changes("?kind=minute_marks")).toMatchObject([
    { kind: "minute_marks", date: "2026-11-20", new_sha256: body.data.sha256 },
    { kind: "minute_marks", date: "2026-11-21" },
  ]);
  expect(await changes("")).toMatchObject([{ kind: "liquidations", date: "2026-11-20" }]);
  expect((await call("GET", "/v1/datasets/2026-11-19?kind=minute_marks")).status).toBe(404);
});

test("a file of minute marks is downloaded by its name, in ranges and with its ETag", async () => {
  const fetchFile = rawApiClient(NOW, { ADMIN_TOKEN });
  const key = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const whole = await fetchFile(FILE, { headers: key });
  expect([whole.status, whole.headers.get("Content-Disposition")]).toEqual([200, 'attachment; filename="minute_marks_20261120.parquet"']);
  const bytes = new Uint8Array(await whole.arrayBuffer());
  const part = await fetchFile(FILE, { headers: { ...key, Range: "bytes=0-3" } });
  expect([part.status, new Uint8Array(await part.arrayBuffer())]).toEqual([206, bytes.slice(0, 4)]);
  const etag = whole.headers.get("ETag") ?? "";
  expect((await fetchFile(FILE, { headers: { ...key, "If-None-Match": etag } })).status).toBe(304);
  expect((await fetchFile(FILE, {})).status).toBe(401);
  await env.BUCKET.put(markFileKey("2026-11-20"), "no Parquet");
  expect((await fetchFile(FILE, { headers: key })).status).toBe(503);
});
