import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetWriteBuffer } from "hyparquet-writer";
import { type FieldType, LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { valueOf } from "../../../src/storable.ts";
import { loadParquet } from "../../parquet-module.ts";
import { sampleLiquidations } from "../sample-liquidations.ts";
import { type Contender, bestOf, ratioTable } from "./contest.ts";

const ROWS = 200_000;
const ROUNDS = 3;

/**
 * One Parquet file of 200,000 liquidations with all fields, Snappy-compressed: ours and hyparquet-writer's from records,
 * DuckDB's from a table that it already holds.
 */
export async function contestParquetWriters(print: (line: string) => void): Promise<void> {
  loadParquet();
  const rows = sampleLiquidations(ROWS);
  const folder = mkdtempSync(join(tmpdir(), "liquidations-peers-"));
  const duckdb = await DuckDBInstance.create(":memory:");
  try {
    const connection = await duckdb.connect();
    const [ours, theirs] = [join(folder, "ours.parquet"), join(folder, "duckdb.parquet")];
    writeFileSync(ours, encodeLiquidations(rows, { metadata: {} }));
    await connection.run(`CREATE TABLE liquidations AS FROM '${ours}'`);
    const contenders: readonly Contender[] = [
      { name: "ours", run: () => encodeLiquidations(rows, { metadata: {} }).length },
      { name: "hyparquet-writer", run: () => hyparquetFile(rows).byteLength },
      {
        name: "DuckDB",
        async run() {
          await connection.run(`COPY liquidations TO '${theirs}' (FORMAT parquet, COMPRESSION snappy)`);
          return statSync(theirs).size;
        },
      },
    ];
    print(`Parquet: ${ROWS.toLocaleString("en")} liquidations with all fields, best of ${ROUNDS} rounds in turns`);
    for (const line of ratioTable("file, MB", 1e6, await bestOf(ROUNDS, contenders))) print(line);
    connection.closeSync();
  } finally {
    duckdb.closeSync();
    rmSync(folder, { recursive: true });
  }
}

const HYPARQUET_TYPES = {
  text: "STRING",
  time: "TIMESTAMP",
  double: "DOUBLE",
  int32: "INT32",
  int64: "INT64",
} as const satisfies Record<FieldType, string>;

function hyparquetFile(rows: readonly Liquidation[]): ArrayBuffer {
  const columnData = LIQUIDATION_FIELDS.map((field) => {
    const { name, type, nullable } = field;
    return { name, type: HYPARQUET_TYPES[type], nullable, data: rows.map((row) => hyparquetValue(type, valueOf(row, field))) };
  });
  return parquetWriteBuffer({ columnData, codec: "SNAPPY", rowGroupSize: 50_000 });
}

function hyparquetValue(type: FieldType, value: unknown): unknown {
  if (typeof value !== "number") return value;
  if (type === "time") return new Date(value);
  return type === "int64" ? BigInt(value) : value;
}
