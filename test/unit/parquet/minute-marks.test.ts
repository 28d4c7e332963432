import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import { MINUTE_MARK_COLUMNS } from "../../../src/minute-mark-fields.ts";
import { UnreadableFileError, readMinuteMarks } from "../../../src/parquet/decode.ts";
import { encodeMinuteMarks } from "../../../src/parquet/encode.ts";
import { UnstorableRowError } from "../../../src/storable.ts";
import { openDuckDB } from "./duckdb.ts";

loadParquet();

const MINUTE = Date.UTC(2026, 10, 20, 14);
const mark = (changes: Partial<MinuteMark> = {}): MinuteMark => ({
  minute: MINUTE,
  symbol: "BTC",
  exchange: "okx",
  open: 83_512.5,
  high: 83_520.1,
  low: 83_500,
  close: 83_501.25,
  samples: 58,
  spread_bps: 0.012,
  volume_usd: null,
  funding_rate: -0.0001,
  funding_interval_hours: 8,
  index_price: 83_500.5,
  open_interest_usd: 4_321_000_000,
  ...changes,
});
const marks = [
  mark(),
  mark({ exchange: "bybit", spread_bps: null, volume_usd: 1_234_567.8, funding_rate: null }),
  mark({ symbol: "ETH", low: 0 }),
];

test("minute marks come back as they were written, and the same marks give the same bytes", () => {
  const bytes = encodeMinuteMarks(marks, { metadata: {} });
  expect(readMinuteMarks(bytes)).toEqual(marks);
  expect(encodeMinuteMarks(marks, { metadata: {} })).toEqual(bytes);
  expect(readMinuteMarks(encodeMinuteMarks([], { metadata: {} }))).toEqual([]);
});

test("DuckDB reads each value of minute marks, by its type", async () => {
  await using duckdb = await openDuckDB();
  const file = join(duckdb.folder, "marks.parquet");
  await writeFile(file, encodeMinuteMarks(marks, { metadata: {} }));
  const columns = await duckdb.rows(`DESCRIBE SELECT * FROM '${file}'`);
  const TYPES = ["TIMESTAMP WITH TIME ZONE", "VARCHAR", "VARCHAR", ...Array.from({ length: 4 }, () => "DOUBLE"), "INTEGER"];
  expect(columns.map((column) => column["column_type"])).toEqual([...TYPES, ...Array.from({ length: 6 }, () => "DOUBLE")]);
  const rows = await duckdb.rows(`SELECT * REPLACE (epoch_ms(minute)::DOUBLE AS minute) FROM '${file}'`);
  expect(rows).toEqual(marks);
});

test("a mark without a price is refused by name, and a file of something else or without a price is not read as marks", () => {
  expect(() => encodeMinuteMarks([mark({ open: Number.NaN })], { metadata: {} })).toThrow(UnstorableRowError);
  expect(() => encodeMinuteMarks([mark({ open: Number.NaN })], { metadata: {} })).toThrow("open is NaN, not a finite number");
  const columns = MINUTE_MARK_COLUMNS.filter((name) => name !== "open");
  expect(() => readMinuteMarks(encodeMinuteMarks(marks, { metadata: {}, columns }))).toThrow(UnreadableFileError);
});

test("a file without the columns of the market reads them as unknown", () => {
  const columns = ["minute", "symbol", "exchange", "open", "high", "low", "close", "samples"];
  const [first] = readMinuteMarks(encodeMinuteMarks(marks, { metadata: {}, columns }));
  expect(first).toEqual(mark(UNKNOWN_MINUTE_MARKET));
});
