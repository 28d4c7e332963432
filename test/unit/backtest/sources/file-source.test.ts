import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { type Entry, FileSource, type FilesWanted } from "../../../../scripts/backtest/sources/file-source.ts";
import { loadParquet } from "../../../../scripts/parquet-module.ts";
import { REPLAYED_FIELDS } from "../../../../src/backtest/replayed-event.ts";
import { TEXT_FORMATS } from "../../../../src/exports/file-format.ts";
import { COLUMNS, type ColumnName } from "../../../../src/exports/export-request.ts";
import { ColumnText } from "../../../../src/exports/text-columns.ts";
import type { Gap } from "../../../../src/gap.ts";
import { LIQUIDATION_FIELDS } from "../../../../src/liquidation-fields.ts";
import { storeRows } from "../../../../src/parquet/stored-rows.ts";
import type { Liquidation } from "../../../../src/liquidation.ts";
import { UNKNOWN_MINUTE_MARKET } from "../../../../src/minute-mark.ts";
import { encodeLiquidations, encodeMinuteMarks } from "../../../../src/parquet/encode.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../../src/windows/calendar.ts";
import { DAY, liquidation } from "../events.ts";

beforeAll(() => loadParquet());

const WANTED: FilesWanted = { symbols: new Set(["BTC"]), venues: ["binance", "okx"] };
const ROWS = Array.from({ length: 20 }, (_, n) =>
  liquidation(DAY + n * HOUR_MS, {
    event_id: n === 3 ? 'binance:-1,"x"\nBTC' : n === 4 ? "=cmd" : `id${n}`,
    index_price: n % 2 === 0 ? null : 100.5,
  }),
);
const NAME = "liquidations_20261120T000000Z_20261121T000000Z";
const RANGE = { start: DAY, end: DAY + DAY_MS };
const GAP: Gap = { exchange: "okx", from_time: DAY - HOUR_MS, to_time: DAY + HOUR_MS, reason: "silent" };

const text = (value: string) => new TextEncoder().encode(value);
const entry = (name: string, bytes: Uint8Array | string): Entry => ({
  name,
  read: () => Promise.resolve(typeof bytes === "string" ? text(bytes) : bytes),
});
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const open = (...entries: readonly Entry[]) => FileSource.open("folder", entries, WANTED);

/** A file of an export as the Worker writes it. */
function exported(
  format: "csv" | "json" | "ndjson",
  rows: readonly Liquidation[],
  columns: readonly ColumnName[] = COLUMNS.liquidations,
): Uint8Array {
  const { head, tail, shape } = TEXT_FORMATS[format];
  const body = new ColumnText(shape, columns).write(storeRows(LIQUIDATION_FIELDS, rows), 0, rows.length);
  return Buffer.concat([text(head(columns)), body, text(tail)]);
}

function parquet(
  rows: readonly Liquidation[],
  metadata: Readonly<Record<string, unknown>> = {},
  columns: readonly string[] | null = null,
): Uint8Array {
  const coverage = { ...RANGE, coverage: { binance: "largest_per_second", okx: "sampled" }, gaps: [], gaps_truncated: false };
  return encodeLiquidations(rows, { metadata: { ...coverage, ...metadata }, columns });
}

function manifest(files: readonly (readonly [name: string, bytes: Uint8Array])[], changes: object = {}, request: object = {}) {
  return JSON.stringify({
    data: {
      manifest: {
        request: { ...RANGE, symbols: ["BTC"], exchanges: null, side: null, min_usd: null, ...request },
        files: files.map(([name, bytes]) => ({ name, sha256: sha256(bytes) })),
        gaps: [GAP],
        not_covered: [],
        ...changes,
      },
    },
  });
}

const expected = ROWS.map((row) => Object.fromEntries(REPLAYED_FIELDS.map((name) => [name, row[name]])));

describe("the rows of an export", () => {
  test.each([
    ["Parquet", `${NAME}.parquet`, () => parquet(ROWS)],
    ["CSV", `${NAME}.csv`, () => exported("csv", ROWS)],
    ["CSV in gzip", `${NAME}.csv.gz`, () => gzipSync(exported("csv", ROWS))],
    ["JSON", `${NAME}.json`, () => exported("json", ROWS)],
    ["NDJSON", `${NAME}.ndjson`, () => exported("ndjson", ROWS)],
    [
      "NDJSON in two members of gzip",
      `${NAME}.ndjson.gz`,
      () => Buffer.concat([gzipSync(exported("ndjson", ROWS.slice(0, 9))), gzipSync(exported("ndjson", ROWS.slice(9)))]),
    ],
    ["a file of one date", "liquidations_20261120.csv", () => exported("csv", ROWS)],
    ["another name", "btc.jsonl", () => exported("ndjson", ROWS)],
    ["a page of the API", "page.json", () => text(JSON.stringify({ data: ROWS, meta: {} }))],
  ])("are read from %s", async (_what, name, bytes) => {
    const source = await open(entry(name, bytes()));
    expect((await source.readDay(DAY))?.events).toEqual(expected);
    expect(await source.readDay(DAY - DAY_MS)).toBeNull();
    expect(source.inputs()).toEqual([{ name, bytes: bytes().length, sha256: sha256(bytes()) }]);
  });
});

describe("what is not covered", () => {
  test("is what the file says of its own gaps, and the time and the venues that it does not hold", async () => {
    const bytes = parquet(ROWS, {
      start: DAY + HOUR_MS,
      gaps: [{ exchange: "binance", from_time: DAY + 2 * HOUR_MS, to_time: DAY + 3 * HOUR_MS, reason: "silent" }],
      coverage: { binance: "largest_per_second" },
    });
    const gaps = (await (await open(entry("x.parquet", bytes))).readDay(DAY))?.gaps ?? [];
    expect(
      gaps.map(({ exchange, from_time, to_time }) => [exchange, (from_time - DAY) / HOUR_MS, ((to_time ?? 0) - DAY) / HOUR_MS]),
    ).toEqual([
      ["binance", 2, 3],
      ["binance", 0, 1],
      ["okx", 0, 24],
    ]);
  });

  test("is what the manifest of a text export says, cut to its range, and what its rows may lack", async () => {
    const bytes = exported("csv", ROWS);
    const not_covered = [{ start: DAY + 20 * HOUR_MS, end: DAY + DAY_MS, code: "not_stored_yet", detail: "" }];
    const source = await open(entry("a/manifest.json", manifest([[`${NAME}.csv`, bytes]], { not_covered })), entry(`a/${NAME}.csv`, bytes));
    const gaps = (await source.readDay(DAY))?.gaps ?? [];
    expect(
      gaps.map(({ exchange, from_time, to_time }) => [exchange, (from_time - DAY) / HOUR_MS, ((to_time ?? 0) - DAY) / HOUR_MS]),
    ).toEqual([
      ["okx", 0, 1],
      ["binance", 20, 24],
      ["okx", 20, 24],
    ]);
    expect(source.notes()).toEqual([]);
  });

  test("is unknown without either, and said", async () => {
    const source = await open(entry(`${NAME}.csv`, exported("csv", ROWS)));
    await source.readDay(DAY);
    expect(source.notes().join("\n")).toContain(`Gaps unknown: ${NAME}.csv of 2026-11-20`);
  });

  test("is a day without rows in the range of an export no missing day", async () => {
    const bytes = exported("csv", []);
    const source = await open(entry("manifest.json", manifest([["e.csv", bytes]])), entry("e.csv", bytes));
    expect((await source.readDay(DAY))?.events).toEqual([]);
    expect(await source.readDay(DAY + DAY_MS)).toBeNull();
  });
});

describe("a folder", () => {
  test("has two exports of the same time counted by whoever reads both: rows of both are given", async () => {
    const source = await open(entry("a.parquet", parquet(ROWS.slice(0, 12))), entry("b.ndjson", exported("ndjson", ROWS.slice(8))));
    expect((await source.readDay(DAY))?.events).toHaveLength(24);
  });

  test("has marks, manifests and liquidations distinguished by what they hold, and the rest named", async () => {
    const marks = `minute,symbol,exchange,open,high,low,close\n${DAY},BTC,binance,1,2,0.5,1.5\n${DAY + DAY_MS},BTC,binance,2,2,2,2\n`;
    const source = await open(
      entry("marks.csv", marks),
      entry("x.parquet", parquet(ROWS)),
      entry("planted.jsonl", '{"start":1}\n'),
      entry("README.md", "hello"),
    );
    expect(await source.readMarks(DAY)).toMatchObject([{ minute: DAY, symbol: "BTC", open: 1, high: 2, low: 0.5, close: 1.5 }]);
    expect(await source.readMarks(DAY + DAY_MS)).toHaveLength(1);
    expect(source.notes()).toEqual(["Not read, neither liquidations nor marks nor a manifest: README.md, planted.jsonl"]);
    expect(source.inputs().map(({ name }) => name)).toEqual(["marks.csv", "x.parquet"]);
  });
});

async function read(...entries: readonly Entry[]): Promise<void> {
  const source = await open(...entries);
  await source.readDay(DAY);
  await source.readMarks(DAY);
}

test("minute marks in Parquet are read with their day, and verified by their manifest, which covers no liquidations", async () => {
  const mark = {
    ...UNKNOWN_MINUTE_MARKET,
    symbol: "BTC",
    exchange: "okx",
    open: 1,
    high: 2,
    low: 1,
    close: 2,
    samples: 60,
    spread_bps: 1.5,
    volume_usd: null,
    funding_rate: 0.0001,
  } as const;
  const bytes = encodeMinuteMarks(
    [
      { ...mark, minute: DAY },
      { ...mark, minute: DAY + MINUTE_MS, symbol: "ETH" },
    ],
    { metadata: {} },
  );
  const about = JSON.stringify({ kind: "minute_marks", date: "2026-11-20", sha256: sha256(bytes), gaps: [GAP] });
  const source = await open(entry("marks/v1/minute_marks_20261120.parquet", bytes), entry("marks/v1/minute_marks_20261120.json", about));
  expect(await source.readMarks(DAY)).toEqual([{ ...mark, minute: DAY }]);
  expect(await source.readMarks(DAY + DAY_MS)).toEqual([]);
  expect(await source.readDay(DAY)).toBeNull();
  const wrong = await open(entry("minute_marks_20261121.parquet", bytes));
  await expect(wrong.readMarks(DAY + DAY_MS)).rejects.toThrow(
    "minute_marks_20261121.parquet has other rows than the minute marks of the date",
  );
});

test("estimated totals beside the liquidations, with their manifest, are left alone", async () => {
  const [rows, estimates] = [exported("csv", ROWS), text("minute,exchange,symbol,position_side,estimated_usd\n1,okx,BTC,long,5\n")];
  const source = await open(
    entry("liquidations.csv", rows),
    entry("a.manifest.json", manifest([["liquidations.csv", rows]])),
    entry("estimated.csv", estimates),
    entry("b.manifest.json", manifest([["estimated.csv", estimates]], { gaps: [] }, { kind: "estimated_totals" })),
  );
  const day = await source.readDay(DAY);
  expect(day?.events).toEqual(expected);
  expect(day?.gaps.map(({ exchange }) => exchange)).toEqual(["okx"]);
});

describe("data that cannot be used is refused by name:", () => {
  const csv = new TextDecoder().decode(exported("csv", ROWS));
  const gz = gzipSync(exported("ndjson", ROWS));
  test.each<readonly [string, readonly Entry[] | (() => readonly Entry[]), string]>([
    ["a Parquet file that is cut off", () => [entry("x.parquet", parquet(ROWS).slice(0, 900))], "x.parquet: the file does not end in PAR1"],
    ["another file named so", [entry("liquidation_20261120.parquet", "hello")], "liquidation_20261120.parquet"],
    ["CSV that is cut off", [entry("x.csv", csv.slice(0, -40))], "the file is cut off or broken"],
    ["gzip that is cut off", [entry("x.ndjson.gz", gz.subarray(0, gz.length - 20))], "x.ndjson.gz: is not a whole gzip file"],
    ["JSON that is cut off", [entry("x.json", "[{")], "x.json: the file is not valid JSON"],
    ["a line that is no JSON", [entry("x.ndjson", "{}\n{")], "x.ndjson: line 2 is not valid JSON"],
    ["a number that is none", [entry("x.csv", csv.replace("10000", "many"))], 'is "many"; allowed: a number'],
    ["a venue that is none", [entry("x.csv", csv.replaceAll(",binance,", ",mtgox,"))], 'exchange is "mtgox"; allowed: binance, bybit, okx'],
    [
      "columns that are missing",
      () => [entry("x.csv", exported("csv", ROWS, ["event_time", "usd_value"]))],
      "x.csv: the columns event_id, exchange, symbol",
    ],
    [
      "a day's row in another day's file",
      () => [entry("liquidations_20261120.csv", exported("csv", [liquidation(DAY + DAY_MS)]))],
      "allowed: only those of the date in its name",
    ],
    [
      "a file that its manifest does not describe",
      () => [entry("m.json", manifest([["x.csv", text("a")]])), entry("x.csv", exported("csv", ROWS))],
      "x.csv has the SHA-256",
    ],
    ["a file that is missing", () => [entry("m.json", manifest([["x.csv", text("a")]]))], "m.json lists x.csv, which is not in folder"],
    ["one side only", () => [entry("x.parquet", parquet(ROWS, { side: "long" }))], "x.parquet was exported with side long; allowed"],
    [
      "other base assets only",
      () => [entry("x.parquet", parquet(ROWS, { symbols: ["ETH"] }))],
      "x.parquet was exported for ETH only, so BTC of 2026-11-20 would seem quiet; allowed: --symbols ETH",
    ],
    [
      "a mark that is none",
      [entry("marks.csv", `minute,symbol,exchange,open,high,low,close\n${DAY + 1},BTC,binance,1,1,1,1`)],
      "marks.csv: line 2: minute",
    ],
    ["a manifest that is none", [entry("m.json", JSON.stringify({ date: "x", gaps: [] }))], "m.json is no manifest of ours: date"],
  ])("%s", async (_what, entries, message) => {
    const given = typeof entries === "function" ? entries() : entries;
    await expect(read(...given)).rejects.toThrow(message);
  });

  test("and a filter that lowers sums, or a column that is missing, is said", async () => {
    const source = await open(
      entry(
        "x.parquet",
        parquet(
          ROWS,
          { min_usd: 500 },
          COLUMNS.liquidations.filter((name) => name !== "mark_price"),
        ),
      ),
    );
    expect((await source.readDay(DAY))?.events[0]).toMatchObject({ mark_price: null });
    expect(source.notes()).toEqual([
      "x.parquet lacks the columns mark_price: read as unknown",
      "x.parquet holds only liquidations of at least 500 USD: sums are lower than live",
    ]);
  });
});
