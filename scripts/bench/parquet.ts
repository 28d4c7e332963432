import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Liquidation } from "../../src/liquidation.ts";
import { readLiquidations } from "../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { parquetMemoryBytes } from "../../src/parquet/module.ts";
import { loadParquet } from "../parquet-module.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";
import { startParquetWorker } from "./start-parquet-worker.ts";

/** Parquet files: time to write a batch, in Node and in a built Worker, and size and reading time against DuckDB's own. */
export async function benchParquet(print: (line: string) => void): Promise<void> {
  loadParquet();
  const rows = sampleLiquidations(200_000);
  const batch = JSON.parse(JSON.stringify(rows.slice(0, 1_000))) as readonly Liquidation[];
  const inNode = await medianMs(40, () => encodeLiquidations(batch, { metadata: {} }));
  print(`parquet: encode 1,000 rows in Node ${inNode.toFixed(1)} ms (median of 40)`);
  print(`parquet: encode 1,000 rows in workerd ${(await encodeInWorkerMs(batch)).toFixed(1)} ms (median of 8 runs of 10)`);
  print(`parquet: module memory after 1,000 rows ${megabytes(parquetMemoryBytes())}`);
  const start = performance.now();
  const file = encodeLiquidations(rows, { metadata: {} });
  print(`parquet: encode 200,000 rows in Node ${((performance.now() - start) / 1000).toFixed(1)} s`);
  await compareWithDuckDB(file, print);
  const read = performance.now();
  const back = readLiquidations(file);
  print(`parquet: read ${back.length} rows to records in Node ${((performance.now() - read) / 1000).toFixed(1)} s`);
}

/** A run of ten less a run of none, so that the request and its JSON do not count. */
async function encodeInWorkerMs(batch: readonly Liquidation[]): Promise<number> {
  await using worker = await startParquetWorker();
  await worker.post("/encode?times=30", batch);
  const none = await medianMs(8, () => worker.post("/encode?times=0", batch));
  const ten = await medianMs(8, () => worker.post("/encode?times=10", batch));
  return (ten - none) / 10;
}

async function compareWithDuckDB(file: Uint8Array, print: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "liquidations-bench-"));
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    const ours = join(folder, "ours.parquet");
    writeFileSync(ours, file);
    print(`parquet: 200,000 rows ${megabytes(file.length)}, read by DuckDB in ${(await readMs(connection, ours)).toFixed(0)} ms`);
    for (const version of ["V1", "V2"]) {
      const theirs = join(folder, `${version}.parquet`);
      await connection.run(`COPY (FROM '${ours}') TO '${theirs}' (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION ${version})`);
      const { size } = statSync(theirs);
      const ratio = (file.length / size).toFixed(3);
      const ms = (await readMs(connection, theirs)).toFixed(0);
      print(
        `parquet: DuckDB's own file, ${version}${version === "V1" ? " (default)" : ""} ${megabytes(size)}, read in ${ms} ms; ours is ${ratio} of its size`,
      );
    }
    connection.closeSync();
  } finally {
    instance.closeSync();
    rmSync(folder, { recursive: true });
  }
}

/** Every value of every column is decoded for the greatest of each. */
function readMs(connection: DuckDBConnection, path: string): Promise<number> {
  return medianMs(5, () => connection.runAndReadAll(`SELECT max(COLUMNS(*)) FROM '${path}'`));
}

async function medianMs(times: number, run: () => unknown): Promise<number> {
  const measured: number[] = [];
  for (let time = 0; time < times; time++) {
    const start = performance.now();
    await run();
    measured.push(performance.now() - start);
  }
  return measured.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
