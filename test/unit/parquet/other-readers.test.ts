import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VerifiedFile } from "../../../clients/typescript/src/verified-file.ts";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { batchObjectKey, utcDate } from "../../../src/batch-object.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { LIQUIDATION_FIELDS, type FieldSpec, SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { hex } from "../../../src/sha256.ts";
import { type DuckDB, openDuckDB } from "./duckdb.ts";

loadParquet();

const FIELDS: readonly FieldSpec[] = LIQUIDATION_FIELDS;
const DUCKDB_TYPES = { text: "VARCHAR", time: "TIMESTAMP WITH TIME ZONE", double: "DOUBLE", int32: "INTEGER", int64: "BIGINT" };

/** The last row of 2,000 has a value in every field, the one before null wherever that is allowed. */
const rows = withExtremes(sampleLiquidations(2_000));
let duckdb: DuckDB;
let file: string;

beforeAll(async () => {
  duckdb = await openDuckDB();
  file = write("batch.parquet", rows);
});

afterAll(() => duckdb[Symbol.asyncDispose]());

function withExtremes(sample: readonly Liquidation[]): readonly Liquidation[] {
  const [first] = sample;
  const full = { text: "牛来USDT", double: Number.MAX_VALUE, int32: -(2 ** 31), int64: Number.MAX_SAFE_INTEGER, time: 253_402_300_799_999 };
  const every = Object.fromEntries(FIELDS.map((field) => [field.name, field.values?.[0] ?? full[field.type]]));
  const nulls = Object.fromEntries(FIELDS.filter((field) => field.nullable).map((field) => [field.name, null]));
  return [...sample, { ...first, ...nulls } as Liquidation, every as Liquidation];
}

function write(name: string, content: readonly Liquidation[], metadata = {}): string {
  const path = join(duckdb.folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encodeLiquidations(content, { metadata }));
  return path;
}

/** Readers give long whole numbers as bigint and times as dates. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Date ? value.getTime() : value;
}

function plainRow(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
}

describe("DuckDB", () => {
  test("sees every field with its type, in the order of the list", async () => {
    const columns = await duckdb.rows(`DESCRIBE SELECT * FROM '${file}'`);
    expect(columns.map((column) => [column.column_name, column.column_type])).toEqual(
      FIELDS.map((field) => [field.name, DUCKDB_TYPES[field.type]]),
    );
  });

  test("sees which fields may be null", async () => {
    const columns = await duckdb.rows(`SELECT name, repetition_type FROM parquet_schema('${file}') WHERE type IS NOT NULL`);
    expect(columns.map((column) => [column.name, column.repetition_type])).toEqual(
      FIELDS.map((field) => [field.name, field.nullable ? "OPTIONAL" : "REQUIRED"]),
    );
  });

  test("reads every value of every row", async () => {
    const columns = FIELDS.map(({ name, type }) => (type === "time" ? `epoch_ms(${name}) AS ${name}` : name));
    const read = await duckdb.rows(`SELECT ${columns.join(", ")} FROM '${file}'`);
    expect(read.map(plainRow)).toEqual(rows);
  });

  test("sums to what the rows sum to", async () => {
    const sample = rows.slice(0, 2_000);
    const [sums] = await duckdb.rows(
      `SELECT count(*)::INT AS events, sum(usd_value) AS usd, sum(gap_before_ms)::DOUBLE AS gap FROM (FROM '${file}' LIMIT 2000)`,
    );
    const total = (pick: (row: Liquidation) => number | null) => sample.reduce((sum, row) => sum + (pick(row) ?? 0), 0);
    expect(sums).toEqual({
      events: 2_000,
      usd: expect.closeTo(
        total((row) => row.usd_value),
        2,
      ),
      gap: total((row) => row.gap_before_ms),
    });
  });

  test("finds least and greatest times in the statistics of the file", async () => {
    const stats = await duckdb.rows(
      `SELECT path_in_schema AS name, stats_null_count AS nulls, stats_min_value IS NOT NULL AND stats_max_value IS NOT NULL AS bounded FROM parquet_metadata('${file}')`,
    );
    const nulls = FIELDS.map(({ name }) => rows.filter((row) => row[name as keyof Liquidation] === null).length);
    expect(stats.map(plainRow)).toEqual(FIELDS.map(({ name }, index) => ({ name, nulls: nulls[index], bounded: true })));
  });

  test("reads the metadata as one JSON object", async () => {
    const gaps = [{ exchange: "okx", from_time: 1, to_time: null, reason: "silent" }];
    const path = write("gaps.parquet", rows.slice(0, 5), { exchange: "okx", epoch: 1_791_331_200_000, sequence: 3, sealed_time: 9, gaps });
    const read = await duckdb.rows(`SELECT decode(value) AS text FROM parquet_kv_metadata('${path}') WHERE decode(key) = 'liquidations'`);
    expect(read.map((row) => JSON.parse(String(row.text)))).toEqual([
      { schema_version: SCHEMA_VERSION, rows: 5, exchange: "okx", epoch: 1_791_331_200_000, sequence: 3, sealed_time: 9, gaps },
    ]);
  });

  test("writes no smaller file of the same rows and codec", async () => {
    const ours = write("many.parquet", sampleLiquidations(20_000));
    for (const version of ["V1", "V2"]) {
      const theirs = join(duckdb.folder, `theirs-${version}.parquet`);
      await duckdb.rows(`COPY (FROM '${ours}') TO '${theirs}' (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION ${version})`);
      expect(statSync(ours).size).toBeLessThanOrEqual(statSync(theirs).size);
    }
  }, 120_000);

  test("queries the batches' folders with date and venue as columns", async () => {
    const byObject = Map.groupBy(
      sampleLiquidations(600, 5, Date.UTC(2026, 10, 21, 23, 58)),
      (row) => `${row.exchange} ${utcDate(row.event_time)}`,
    );
    for (const [object, some] of byObject) {
      const [{ exchange }] = some as [Liquidation];
      write(batchObjectKey(exchange, 1_791_331_200_000, 4, object.split(" ")[1] ?? ""), some);
    }
    const read = await duckdb.rows(
      `SELECT date::VARCHAR AS date, exchange, count(*)::INT AS events, min(event_time)::DATE::VARCHAR AS first, max(event_time)::DATE::VARCHAR AS last
       FROM (SELECT * REPLACE (event_time AT TIME ZONE 'UTC' AS event_time) FROM read_parquet('${duckdb.folder}/liquidations/v1/*/*/*.parquet', hive_partitioning = true))
       GROUP BY ALL ORDER BY exchange, date`,
    );
    const expected = [...byObject].map(([object, some]) => {
      const [exchange, date] = object.split(" ");
      return { date, exchange, events: some.length, first: date, last: date };
    });
    expect(read).toEqual(expected.toSorted((a, b) => `${a.exchange}${a.date}`.localeCompare(`${b.exchange}${b.date}`)));
    expect(new Set(expected.map((object) => object.date))).toEqual(new Set(["2026-11-21", "2026-11-22"]));
  });
});

describe("hyparquet", () => {
  test("reads every value of every row", async () => {
    const bytes = readFileSync(file);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const read = await parquetReadObjects({ file: buffer });
    expect(read.map(plainRow)).toEqual(rows);
  });
});

describe("the TypeScript client", () => {
  test("reads every row as the API gives it, without another type", async () => {
    const bytes = new Uint8Array(readFileSync(file));
    const verified = await VerifiedFile.of("batch.parquet", hex(await crypto.subtle.digest("SHA-256", bytes)), bytes.buffer);
    const read = [];
    for await (const row of verified.rows()) read.push(row);
    expect(read).toEqual(rows);
  });
});
