import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm/esm";
import { describe, expect, test } from "vitest";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { type SlicePart, encodeGroup } from "../../../src/parquet/encode-group.ts";
import { type ParquetFooter, joinColumns, joinGroups, parseFooter, pickColumns } from "../../../src/parquet/parquet-footer.ts";
import { readThrift, writeThrift } from "../../../src/parquet/thrift-compact.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { openDuckDB } from "./duckdb.ts";

loadParquet();

const rows = sampleLiquidations(3_000);
const slices = [0, 1, 2].map((index) => encodeLiquidations(rows.slice(index * 1_000, (index + 1) * 1_000), { metadata: {} }));

const parts = (...given: readonly (readonly [slice: number, offset: number, rows: number])[]): readonly SlicePart[] =>
  given.map(([slice, offset, count]) => ({ bytes: slices[slice] ?? new Uint8Array(), offset, rows: count }));

interface Piece {
  readonly bytes: Uint8Array;
  readonly footer: ParquetFooter;
  readonly group: number;
}

function joined(pieces: readonly Piece[], metadata: Readonly<Record<string, unknown>> = {}): Uint8Array {
  const file = joinGroups(pieces, metadata);
  const body = file.ranges.map(({ from, to }, index) => pieces[index]?.bytes.subarray(from, to) ?? new Uint8Array());
  const bytes = Buffer.concat([file.head, ...body, file.tail]);
  expect(bytes.length).toBe(file.bytes);
  return new Uint8Array(bytes);
}

const piece = (bytes: Uint8Array, group = 0): Piece => ({ bytes, footer: parseFooter(bytes), group });

async function twoGroups(metadata = {}): Promise<Uint8Array> {
  return joined(
    [piece(await encodeGroup(parts([0, 0, 1_000], [1, 0, 600]))), piece(await encodeGroup(parts([1, 600, 400], [2, 0, 1_000])))],
    metadata,
  );
}

test("row groups with other columns are not joined, because readers would take one column for another", () => {
  const whole = piece(slices[0] ?? new Uint8Array());
  const { head, ranges, tail } = pickColumns(whole.footer, 0, 5);
  const some = new Uint8Array(Buffer.concat([head, ...ranges.map(({ from, to }) => whole.bytes.subarray(from, to)), tail]));
  expect(() => joinGroups([whole, piece(some)], {})).toThrow("the row groups have different columns");
});

describe("a row group", () => {
  test("has the rows of its parts in their order, in one group", async () => {
    const bytes = await encodeGroup(parts([2, 10, 5], [0, 990, 10]));
    expect(readLiquidations(bytes)).toEqual([...rows.slice(2_010, 2_015), ...rows.slice(990, 1_000)]);
    expect(parseFooter(bytes)).toMatchObject({ rows: 15, groups: [15] });
  });

  test("has the same bytes when it is made again", async () => {
    const [first, second] = [await encodeGroup(parts([0, 0, 1_000], [1, 0, 9])), await encodeGroup(parts([0, 0, 1_000], [1, 0, 9]))];
    expect(first).toEqual(second);
  });
});

describe("groups joined", () => {
  test("are one file with all rows", async () => {
    const bytes = await twoGroups();
    expect(parseFooter(bytes)).toMatchObject({ rows: 3_000, groups: [1_600, 1_400] });
    expect(readLiquidations(bytes)).toEqual(rows);
  });

  test("return each group by itself", async () => {
    const bytes = await twoGroups();
    expect(readLiquidations(joined([piece(bytes, 1)]))).toEqual(rows.slice(1_600));
    expect(readLiquidations(joined([piece(bytes, 0)]))).toEqual(rows.slice(0, 1_600));
  });

  test("are read by DuckDB with row groups, statistics, metadata and sums as written", async () => {
    await using duckdb = await openDuckDB();
    const file = join(duckdb.folder, "day.parquet");
    writeFileSync(file, await twoGroups({ rows: 3_000, date: "2026-11-20" }));
    const groups = await duckdb.rows(
      `SELECT DISTINCT row_group_id::INT AS id, row_group_num_rows::INT AS rows FROM parquet_metadata('${file}') ORDER BY ALL`,
    );
    expect(groups).toEqual([
      { id: 0, rows: 1_600 },
      { id: 1, rows: 1_400 },
    ]);
    // Found through the statistics of the groups, which stand in the footer.
    const time = rows[2_500]?.event_time ?? 0;
    const read = await duckdb.rows(`SELECT event_id FROM '${file}' WHERE epoch_ms(event_time) = ${time} ORDER BY 1`);
    const expected = rows.filter((row) => row.event_time === time).map((row) => row.event_id);
    expect(read.map((row) => row.event_id)).toEqual(expected.toSorted());
    const [sums] = await duckdb.rows(
      `SELECT count(*)::INT AS rows, sum(usd_value) AS usd, max(received_time) IS NOT NULL AS timed, count(DISTINCT instrument)::INT AS instruments FROM '${file}'`,
    );
    expect(sums).toEqual({
      rows: 3_000,
      usd: expect.closeTo(
        rows.reduce((sum, row) => sum + (row.usd_value ?? 0), 0),
        2,
      ),
      timed: true,
      instruments: new Set(rows.map((row) => row.instrument)).size,
    });
    const [kv] = await duckdb.rows(`SELECT decode(value) AS text FROM parquet_kv_metadata('${file}') WHERE decode(key) = 'liquidations'`);
    expect(JSON.parse(String(kv?.text))).toEqual({ rows: 3_000, date: "2026-11-20" });
  });

  test("refuse what is no Parquet file and a group that is not there", () => {
    expect(() => parseFooter(new TextEncoder().encode("something else"))).toThrow("does not end in PAR1");
    expect(() => parseFooter(new Uint8Array([255, 0, 0, 0, 80, 65, 82, 49]))).toThrow("shorter than its footer");
    expect(() => joinGroups([piece(slices[0] ?? new Uint8Array(), 1)], {})).toThrow("no row group 1");
    expect(() => joinGroups([], {})).toThrow("at least one row group");
  });
});

describe("Thrift", () => {
  test("of a footer is written as it was read", () => {
    const bytes = slices[0] ?? new Uint8Array();
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 8, true);
    const footer = bytes.subarray(bytes.length - 8 - length, bytes.length - 8);
    expect(writeThrift(readThrift(footer))).toEqual(new Uint8Array(footer));
  });

  test("keeps numbers of both signs and any size, truths, long lists and far fields", () => {
    const items = Array.from({ length: 20 }, (_, index) => BigInt(index) - 10n);
    const struct = new Map([
      [1, { type: 6, value: -(2n ** 63n) }],
      [2, { type: 6, value: 2n ** 63n - 1n }],
      [3, { type: 1, value: false }],
      [4, { type: 1, value: true }],
      [40, { type: 9, value: { type: 5, items } }],
      [41, { type: 9, value: { type: 1, items: [true, false] } }],
    ]);
    expect(readThrift(writeThrift(struct))).toEqual(struct);
  });

  test("that ends early or has an unknown type is refused", () => {
    expect(() => readThrift(new Uint8Array([0x18, 5, 1]))).toThrow("ends early");
    expect(() => readThrift(new Uint8Array([0x1d]))).toThrow("the unknown type 13");
  });
});

describe("columns", () => {
  test("picked from a file are those columns of all rows", () => {
    const bytes = slices[1] ?? new Uint8Array();
    const file = pickColumns(parseFooter(bytes), 5, 9);
    const body = file.ranges.map(({ from, to }) => bytes.subarray(from, to));
    const table = tableFromIPC(readParquet(new Uint8Array(Buffer.concat([file.head, ...body, file.tail]))).intoIPCStream());
    expect(table.schema.fields.map((field) => field.name)).toEqual(["event_time", "time_kind", "received_time", "position_side"]);
    expect(table.toArray().map((row) => [Number(row.event_time), row.position_side])).toEqual(
      rows.slice(1_000, 2_000).map((row) => [row.event_time, row.position_side]),
    );
  });

  test("of different numbers of rows are not put together", () => {
    const [a, b] = [parseFooter(encodeLiquidations(rows.slice(0, 3), { metadata: {} })), parseFooter(slices[0] ?? new Uint8Array())];
    expect(() => joinColumns(a, [a, b])).toThrow("differ in their number of rows");
  });
});
