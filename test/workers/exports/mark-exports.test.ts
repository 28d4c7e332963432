import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import { readMinuteMarks } from "../../../src/parquet/decode.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { markFiles } from "../../../workers/cron/mark-files.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { rawApiClient } from "../api/api-client.ts";
import { DAY } from "../sample-liquidation.ts";
import { ADMIN_TOKEN, ended, exportClient } from "./exports-stage.ts";
import { emptyStorage } from "../empty-storage.ts";

/** In the second day after a day that has a file by then. */
const NOW = DAY + DAY_MS + 3 * HOUR_MS;
const call = exportClient(NOW);
const RANGE = { kind: "minute_marks", start: DAY, end: NOW };

const mark = (index: number, changes: Partial<MinuteMark> = {}): MinuteMark => ({
  minute: DAY + index * MINUTE_MS,
  symbol: "BTC",
  exchange: "binance",
  open: 80_000.5,
  high: 80_001,
  low: 79_999,
  close: 80_000,
  samples: 60,
  ...UNKNOWN_MINUTE_MARKET,
  ...changes,
});
/** Two days: the first one is in a file, the second one in D1. */
const MARKS = [
  mark(1, { funding_rate: -0.0001 }),
  mark(1, { exchange: "okx", spread_bps: 0.5 }),
  mark(1, { symbol: "ETH" }),
  mark(1_439),
  mark(1_440),
  mark(1_441, { exchange: "okx" }),
];

async function exported(body: object) {
  const { status, body: reply } = await call("POST", "/v1/exports", { ...RANGE, ...body });
  if (status !== 202) throw new Error(JSON.stringify(reply));
  const data = await ended(call, reply.data.export_id);
  const [file] = data.downloads as readonly { readonly path: string; readonly name: string }[];
  const response = await rawApiClient(NOW, { ADMIN_TOKEN })(file?.path ?? "", { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
  return { data, manifest: data.manifest, name: file?.name ?? "", bytes: new Uint8Array(await response.arrayBuffer()) };
}
const estimate = async (body: object) => (await call("POST", "/v1/exports/estimate", { ...RANGE, format: "csv", ...body })).body.data;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

beforeEach(async () => {
  await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [], minuteMarks: MARKS });
  await markFiles(env, parseConfig({}), NOW - HOUR_MS);
});

afterEach(emptyStorage);

describe("an export of minute marks", () => {
  test("has those of the range from daily files and from D1, once each, by minute, base asset and venue", async () => {
    const { manifest, name, bytes } = await exported({ format: "parquet" });
    expect(readMinuteMarks(bytes)).toEqual(MARKS);
    expect(name).toBe("minute_marks_20261120T000000Z_20261121T030000Z.parquet");
    expect(manifest).toMatchObject({
      request: { kind: "minute_marks" },
      rows: 6,
      first_event_time: DAY + MINUTE_MS,
      last_event_time: DAY + 1_441 * MINUTE_MS,
      exchanges: { binance: { rows: 4 }, okx: { rows: 2 } },
      dates_without_rows: [],
      sources: [
        { start: DAY, end: DAY + DAY_MS, source: "daily_file" },
        { start: DAY + DAY_MS, end: NOW, source: "d1" },
      ],
    });
  });

  test("has the base assets, venues, minutes and columns that are asked for, in each format", async () => {
    const some = { symbols: ["BTC"], exchanges: ["binance"], end: DAY + 1_440 * MINUTE_MS };
    const wanted = [MARKS[0], MARKS[3]];
    expect(JSON.parse(text((await exported({ ...some, format: "json" })).bytes))).toEqual(wanted);
    const lines = text((await exported({ ...some, format: "ndjson" })).bytes)
      .trim()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(wanted);
    const csv = await exported({ ...some, format: "csv", columns: ["close", "minute", "funding_rate"] });
    expect(text(csv.bytes)).toBe(`minute,close,funding_rate\r\n${DAY + MINUTE_MS},80000,-0.0001\r\n${DAY + 1_439 * MINUTE_MS},80000,\r\n`);
  });

  test("names the days of which no mark is stored, and has a whole file where none is", async () => {
    const { data, bytes } = await exported({ format: "parquet", start: DAY - 2 * DAY_MS, end: DAY });
    expect(readMinuteMarks(bytes)).toEqual([]);
    expect(data.manifest).toMatchObject({ rows: 0, not_covered: [{ start: DAY - 2 * DAY_MS, end: DAY, code: "no_marks" }] });
  });

  test("is estimated: whole days by their files, the rest by D1, and a share of a file by what it holds", async () => {
    // The last minute may not be stored yet, and it says so.
    const late = { start: NOW - 65_000, end: NOW, code: "not_stored_yet" };
    expect(await estimate({})).toMatchObject({ rows: 6, exact: true, files: 1, not_covered: [late] });
    expect(await estimate({ symbols: ["BTC"] })).toMatchObject({ rows: 5, exact: false });
    expect(await estimate({ start: DAY + DAY_MS, exchanges: ["okx"] })).toMatchObject({ rows: 1, exact: true });
  });

  test.each([
    [{ side: "long" }, "side"],
    [{ min_usd: 5 }, "min_usd"],
    [{ include: "inferred" }, "include"],
    [{ columns: ["usd_value"] }, "columns"],
    [{ kind: "trades" }, "kind"],
  ])("with %j is refused by name", async (changes, parameter) => {
    const { status, body } = await call("POST", "/v1/exports", { ...RANGE, format: "csv", ...changes });
    expect([status, body.errors]).toMatchObject([400, [{ parameter }]]);
  });

  test("has columns that an export of liquidations does not have", async () => {
    const { body } = await call("POST", "/v1/exports", { start: DAY, end: NOW, format: "csv", columns: ["close"] });
    expect(body.errors).toMatchObject([{ parameter: "columns", detail: expect.stringContaining("close is no field of liquidations") }]);
  });
});
