import * as fc from "fast-check";
import { Float64, makeData, RecordBatch, Schema, Field, Struct, Table as ArrowTable, tableToIPC, Utf8 } from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/esm";
import { describe, expect, test } from "vitest";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { LIQUIDATION_FIELDS, type FieldSpec } from "../../../src/liquidation-fields.ts";
import { arrowTable } from "../../../src/parquet/columns.ts";
import { readLiquidations, UnreadableFileError } from "../../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";

loadParquet();

const FIELDS: readonly FieldSpec[] = LIQUIDATION_FIELDS;

function anyValue(field: FieldSpec): fc.Arbitrary<string | number | null> {
  const value = {
    text: field.values === undefined ? fc.string({ unit: "grapheme" }) : fc.constantFrom(...field.values),
    time: fc.integer({ min: 0, max: 253_402_300_799_999 }),
    double: fc.double({ noNaN: true, noDefaultInfinity: true }),
    int32: fc.integer(),
    int64: fc.maxSafeInteger(),
  }[field.type];
  return field.nullable ? fc.option<string | number>(value) : value;
}

const anyLiquidation = fc.record(
  Object.fromEntries(FIELDS.map((field) => [field.name, anyValue(field)])),
) as unknown as fc.Arbitrary<Liquidation>;

/** A file with these of the columns of a proper one. */
function fileWith(keep: (name: string) => boolean): Uint8Array {
  const whole = arrowTable(LIQUIDATION_FIELDS, sampleLiquidations(3));
  const names = whole.schema.fields.map((field) => field.name).filter(keep);
  return writeParquet(Table.fromIPCStream(tableToIPC(whole.select(names), "stream")));
}

describe("reading", () => {
  test("any liquidations come back as they were written, in their order", () => {
    fc.assert(
      fc.property(fc.array(anyLiquidation, { minLength: 1, maxLength: 40 }), (rows) => {
        expect(readLiquidations(encodeLiquidations(rows, { metadata: {} }))).toEqual(rows);
      }),
      { numRuns: 50, seed: 7 },
    );
  });

  test("rows of several row groups come back whole", () => {
    const some = sampleLiquidations(505);
    const rows = Array.from({ length: 100 }, () => some).flat();
    const back = readLiquidations(encodeLiquidations(rows, { metadata: {} }));
    expect(back.length).toBe(50_500);
    expect(back.every((row, index) => row.event_id === rows[index]?.event_id && row.usd_value === rows[index].usd_value)).toBe(true);
  }, 120_000);

  test("a nullable column the file does not have reads as null", () => {
    const rows = readLiquidations(fileWith((name) => name !== "impact_60s_bps" && name !== "order_type"));
    expect(rows).toEqual(sampleLiquidations(3).map((row) => ({ ...row, order_type: null, impact_60s_bps: null })));
  });
});

describe("files that are not ours", () => {
  test("a missing column that may not be null is named", () => {
    expect(() => readLiquidations(fileWith((name) => name !== "event_id"))).toThrow(
      new UnreadableFileError("the file has no column event_id"),
    );
  });

  test("a column of another type is named with both types", () => {
    const schema = new Schema([new Field("event_id", new Float64(), false)]);
    const children = [makeData({ type: new Float64(), length: 1, data: new Float64Array(1) })];
    const table = new ArrowTable(schema, [
      new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 1, nullCount: 0, children })),
    ]);
    const file = writeParquet(Table.fromIPCStream(tableToIPC(table, "stream")));
    expect(() => readLiquidations(file)).toThrow(
      new UnreadableFileError(`column event_id has type ${String(new Float64())}, not ${String(new Utf8())}`),
    );
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["text", new TextEncoder().encode("event_id,price\n")],
    ["half a file", encodeLiquidations(sampleLiquidations(3), { metadata: {} }).subarray(0, 4000)],
  ])("%s is no readable file, and the next one reads", (_, bytes) => {
    expect(() => readLiquidations(bytes)).toThrow(UnreadableFileError);
    expect(readLiquidations(encodeLiquidations(sampleLiquidations(3), { metadata: {} })).length).toBe(3);
  });
});
