import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gunzipSync } from "node:zlib";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { csvHeader, csvValue } from "../../../src/exports/csv.ts";
import { COLUMNS, type ColumnName, exportRequest } from "../../../src/exports/export-request.ts";
import { FileText, TEXT_FORMATS } from "../../../src/exports/file-format.ts";
import { CSV_SHAPE, ColumnText, JSON_SHAPE } from "../../../src/exports/text-columns.ts";
import { type FieldSpec, LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { gather } from "../../../src/parquet/gather.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { storeRows } from "../../../src/parquet/stored-rows.ts";

loadParquet();

const FIELDS: readonly FieldSpec[] = LIQUIDATION_FIELDS;
const texts = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "BTCUSDT",
    "=1+1",
    "-",
    'a"b',
    "x,y",
    "",
    "l\r\n",
    "\\",
    "\t",
    "1e5",
    "\u00a0x",
    "\ufeffx",
    "\u2028",
    "\u0000",
    "牛来",
    "＝1",
  ),
);

function anyValue({ type, nullable }: FieldSpec): fc.Arbitrary<string | number | null> {
  const value = {
    text: texts,
    time: fc.integer({ min: 0, max: 253_402_300_799_999 }),
    double: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 12 })).map(([digits, decimals]) => digits / 10 ** decimals),
      fc.constantFrom(0, -0, 1e21, 1e-7, 5e-324, 0.1 + 0.2, 1e-6, -1e-6, 9.9e-7, 1e-8, 1e7 - 1e-8, 1e7, -1e7, 64_000.00000001, 0.5),
    ),
    int32: fc.integer(),
    int64: fc.maxSafeInteger(),
  }[type];
  return nullable ? fc.option<string | number>(value) : value;
}

const liquidations = fc.record(
  Object.fromEntries(FIELDS.map((field) => [field.name, anyValue(field)])),
) as unknown as fc.Arbitrary<Liquidation>;
const columns = fc.oneof(
  fc.constant<readonly ColumnName[]>(COLUMNS.liquidations),
  fc.subarray<ColumnName>([...COLUMNS.liquidations], { minLength: 1 }),
);

/** A file's text as plainly as can be: an object per row, and a string per value. */
function plainText(format: "csv" | "json" | "ndjson", rows: readonly Liquidation[], names: readonly ColumnName[]): string {
  const values = rows.map((row) =>
    names.map((name): readonly [string, string | number | null] => [
      name,
      (row as Partial<Record<ColumnName, string | number | null>>)[name] ?? null,
    ]),
  );
  if (format === "csv") return csvHeader(names) + values.map((row) => `${row.map(([, value]) => csvValue(value)).join(",")}\r\n`).join("");
  const records = values.map((row) => JSON.stringify(Object.fromEntries(row)));
  return format === "json" ? `[\n${records.join(",\n")}\n]\n` : records.map((text) => `${text}\n`).join("");
}

async function writtenText(
  format: "csv" | "json" | "ndjson",
  files: readonly Uint8Array[],
  names: readonly ColumnName[],
  compression: "none" | "gzip" = "none",
): Promise<string> {
  const request = exportRequest.parse({
    start: 0,
    end: 1,
    format,
    compression,
    symbols: null,
    exchanges: null,
    columns: names,
    inferred: true,
  });
  const text = new FileText({ ...request, format });
  const chunks = [await text.head()];
  // A piece is overwritten by the next.
  for (const file of files) for await (const chunk of text.rows(file)) chunks.push(chunk.slice());
  chunks.push(await text.tail());
  const bytes = Buffer.concat(chunks);
  return (compression === "gzip" ? gunzipSync(bytes) : bytes).toString();
}

describe.each(["csv", "json", "ndjson"] as const)("the text of columns as %s", (format) => {
  test("is that of the rows, whatever their texts and numbers, however many files they come from", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(liquidations, { minLength: 1, maxLength: 6 }),
        fc.array(liquidations, { maxLength: 3 }),
        columns,
        async (some, more, names) => {
          const files = [some, more].map((rows) => encodeLiquidations(rows, { metadata: {}, columns: names }));
          expect(await writtenText(format, files, names)).toBe(plainText(format, [...some, ...more], names));
        },
      ),
      { numRuns: 25, seed: 5 },
    );
  });

  test("is that of the rows where they fill several blocks, and in gzip", async () => {
    const rows = sampleLiquidations(700);
    const files = [encodeLiquidations(rows.slice(0, 600), { metadata: {} }), encodeLiquidations(rows.slice(600), { metadata: {} })];
    const stored = files.flatMap((file) => readLiquidations(file));
    for (const compression of ["none", "gzip"] as const) {
      expect(await writtenText(format, files, COLUMNS.liquidations, compression)).toBe(plainText(format, stored, COLUMNS.liquidations));
    }
  });

  test("of a file that lacks a column has nulls in it", async () => {
    const rows = sampleLiquidations(3);
    const older = encodeLiquidations(rows, { metadata: {}, columns: COLUMNS.liquidations.filter((name) => name !== "impact_60s_bps") });
    const expected = rows.map((row) => ({ ...row, impact_60s_bps: null }));
    expect(await writtenText(format, [older], COLUMNS.liquidations)).toBe(plainText(format, expected, COLUMNS.liquidations));
  });

  test("without rows is valid and empty", async () => {
    expect(await writtenText(format, [], COLUMNS.liquidations, "gzip")).toBe(
      TEXT_FORMATS[format].head(COLUMNS.liquidations) + TEXT_FORMATS[format].tail,
    );
  });
});

test("numbers that are not finite are null in JSON, named in CSV, and null in the Parquet of gathered rows", () => {
  const [sample] = sampleLiquidations(1);
  const stored = storeRows(LIQUIDATION_FIELDS, [sample ?? {}, sample ?? {}, sample ?? {}]);
  const index = LIQUIDATION_FIELDS.findIndex(({ name }) => name === "usd_value");
  const values = stored.columns[index]?.values as Float64Array | undefined;
  values?.set([Number.NaN, Number.NEGATIVE_INFINITY, 2.5]);
  const written = (shape: typeof CSV_SHAPE): string => Buffer.from(new ColumnText(shape, ["usd_value"]).write(stored, 0, 3)).toString();
  expect(written(CSV_SHAPE)).toBe("NaN\r\n-Infinity\r\n2.5\r\n");
  expect(written(JSON_SHAPE)).toBe('{"usd_value":null},\n{"usd_value":null},\n{"usd_value":2.5}');
  const gathered = gather(
    LIQUIDATION_FIELDS,
    [2, 1, 0].map((row) => ({ rows: stored, row })),
  );
  expect([...(gathered.getChild("usd_value") ?? [])]).toEqual([2.5, null, null]);
});

test("a text that needs no quotes is written unchanged, whether it is recognized at once or not", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
      expect(csvValue(text)).toBe(safe === "" || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe);
    }),
    { numRuns: 500, seed: 7 },
  );
});
