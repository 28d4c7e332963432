import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { parquetMemoryBytes } from "../../../src/parquet/module.ts";
import { storableRows, UnstorableRowError } from "../../../src/storable.ts";
import { openDuckDB } from "./duckdb.ts";

loadParquet();

const rows = sampleLiquidations(300);
const [row] = sampleLiquidations(1) as readonly [Liquidation];
const written = (changes: Partial<Liquidation>) => readLiquidations(encodeLiquidations([{ ...row, ...changes }], { metadata: {} }))[0];

describe("bytes", () => {
  test("the same rows and metadata give the same bytes, whatever was written between", () => {
    const metadata = { exchange: "okx", epoch: 1, sequence: 2, sealed_time: 3, gaps: [{ from_time: 1, to_time: null }] };
    const files = Array.from({ length: 20 }, (_, round) => {
      encodeLiquidations(rows.slice(round), { metadata: { round } });
      return Buffer.from(encodeLiquidations(rows, { metadata })).toString("base64");
    });
    expect(new Set(files).size).toBe(1);
  });

  test("a row that went through JSON gives the same bytes", () => {
    const copies = JSON.parse(JSON.stringify(rows)) as readonly Liquidation[];
    const positive = rows.map((each) => ({ ...each, slippage_to_mark_bps: (each.slippage_to_mark_bps ?? 0) + 0 }));
    expect(encodeLiquidations(copies, { metadata: {} })).toEqual(encodeLiquidations(positive, { metadata: {} }));
  });

  test("a thousand files written and read leave the module's memory as it was", () => {
    const few = rows.slice(0, 5);
    const round = () => readLiquidations(encodeLiquidations(few, { metadata: { exchange: "okx" } }));
    for (let count = 0; count < 50; count++) round();
    const before = parquetMemoryBytes();
    for (let count = 0; count < 1000; count++) round();
    expect(parquetMemoryBytes()).toBe(before);
  }, 120_000);
});

describe("values that have no place in a column", () => {
  test("no rows give a file with every column and no row", async () => {
    const bytes = encodeLiquidations([], { metadata: {} });
    expect(readLiquidations(bytes)).toEqual([]);
    await using duckdb = await openDuckDB();
    const file = join(duckdb.folder, "empty.parquet");
    await writeFile(file, bytes);
    const columns = await duckdb.rows(`DESCRIBE SELECT * FROM read_parquet('${file}')`);
    expect(columns.map((column) => column["column_name"])).toEqual(LIQUIDATION_FIELDS.map(({ name }) => name));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("a price of %d is written as unknown", (price) => {
    expect(written({ price })?.price).toBeNull();
  });

  test.each([0.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN])("a whole number of 32 bits that is %d is written as unknown", (mark_age_ms) => {
    expect(written({ mark_age_ms })?.mark_age_ms).toBeNull();
  });

  test.each([
    ["event_time", Number.NaN],
    ["event_time", 1.5],
    ["event_time", -1],
    ["event_time", 253_402_300_800_000],
    ["gap_before_ms", 2 ** 53],
    ["schema_version", 2 ** 31],
    ["symbol", null],
    ["coverage", undefined],
  ])("a row whose %s is %s is refused by name", (field, value) => {
    const bad = { ...row, [field]: value } as Liquidation;
    expect(storableRows([bad]).refused).toEqual([
      { eventId: row.event_id, reason: expect.stringContaining(`${field} is ${String(value)}`) },
    ]);
    expect(() => encodeLiquidations([row, bad], { metadata: {} })).toThrow(UnstorableRowError);
    expect(() => encodeLiquidations([row, bad], { metadata: {} })).toThrow(`${row.event_id}: ${field} is ${String(value)}`);
  });

  test("rows in order are storable and stay the very same", () => {
    const positive = rows.map((each) => ({ ...each, slippage_to_mark_bps: (each.slippage_to_mark_bps ?? 0) + 0 }));
    const { rows: storable, ...rest } = storableRows(positive);
    expect(rest).toEqual({ refused: [], nulled: [] });
    expect(storable.every((each, index) => each === positive[index])).toBe(true);
  });
});

describe("values at the edge", () => {
  test.each(["牛来USDT", "🦊", "é\u0301", "\ufeffBOM", "", 'quote"\n\0'])("the text %j comes back as written", (instrument) => {
    expect(written({ instrument })?.instrument).toBe(instrument);
  });

  test("half a character is replaced and does not run into the next text", () => {
    const halves = [row, row].map((each, index) => ({ ...each, instrument: index === 0 ? "\ud83e" : "\udd8a" }));
    const texts = readLiquidations(encodeLiquidations(halves, { metadata: {} })).map((each) => each.instrument);
    expect(texts).toEqual(["\ufffd", "\ufffd"]);
  });

  test.each([0, -0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1 + 0.2, 1e15, 1e-9])("the number %d comes back as written", (price) => {
    expect(written({ price })?.price).toBe(price);
  });

  test.each([0, -1, 1e15, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])("the long whole number %d comes back as written", (ms) => {
    expect(written({ gap_before_ms: ms })?.gap_before_ms).toBe(ms);
  });

  test.each([0, 1, 253_402_300_799_999])("the time %d comes back as written", (event_time) => {
    expect(written({ event_time })?.event_time).toBe(event_time);
  });

  test.each([2 ** 31 - 1, -(2 ** 31)])("the short whole number %d comes back as written", (mark_age_ms) => {
    expect(written({ mark_age_ms })?.mark_age_ms).toBe(mark_age_ms);
  });

  test("an id that counts to 1e15 comes back as written", () => {
    const event_id = `bitfinex:${1e15}:1791391082119`;
    expect(written({ event_id })?.event_id).toBe("bitfinex:1000000000000000:1791391082119");
  });
});
