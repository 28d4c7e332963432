import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { utcDate } from "../../../src/batch-object.ts";
import { dailyFileKey } from "../../../src/daily/daily-keys.ts";
import type { ExportRequest } from "../../../src/exports/export-request.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { table } from "../../table.ts";
import { DAY, runUntilPublished, startDailyWorker, storeBatches } from "../daily-worker.ts";
import { exportDay } from "../export.ts";
import { workerdSeconds } from "../workerd-seconds.ts";

const ROWS = 100_000;

/** Naming every venue leaves nothing out, but has each row read and looked at. */
const CASES: readonly { readonly name: string; readonly request: Partial<ExportRequest>; readonly copy: string }[] = [
  { name: "CSV", request: { format: "csv" }, copy: "FORMAT csv" },
  { name: "JSON", request: { format: "json" }, copy: "FORMAT json, ARRAY true" },
  {
    name: "Parquet, filtered",
    request: { format: "parquet", exchanges: [...EXCHANGES] },
    copy: "FORMAT parquet, COMPRESSION snappy",
  },
];

/**
 * The daily file of 100,000 rows, and exports of it, in a built Worker with local R2 and D1, from the request to the file
 * with its hash; beside each, DuckDB's copy of the same file to the same format on the disk.
 */
export async function contestExports(print: (line: string) => void): Promise<void> {
  await using worker = await startDailyWorker();
  const { objects } = await storeBatches(worker, ROWS);
  const reading = await measured(() => worker.post("/read"));
  const daily = await measured(() => runUntilPublished(worker));
  const dayFile = await worker.post(`/get?key=${dailyFileKey(utcDate(DAY))}`);
  // The rows are stored twice: in slices, and in the file.
  const storing = await measured(() => worker.post(`/upload?key=upload&bytes=${2 * dayFile.length}`));
  const { seconds, runs } = daily.result;
  print(`Daily file: ${ROWS.toLocaleString("en")} rows of ${objects} batches, ${speed(seconds)} rows/s in ${runs} runs`);
  const withoutReading = daily.cpu - reading.cpu;
  const ofCpu = `${speed(daily.cpu)} by CPU time, ${speed(withoutReading)} without reading the batches alone`;
  print(`Daily file: ${ofCpu}, ${speed(withoutReading - storing.cpu)} without storing as many bytes twice either`);
  const folder = mkdtempSync(join(tmpdir(), "liquidations-peers-"));
  const duckdb = await DuckDBInstance.create(":memory:");
  try {
    const file = join(folder, "day.parquet");
    writeFileSync(file, dayFile);
    const connection = await duckdb.connect();
    const lines: string[][] = [];
    for (const { name, request, copy } of CASES) {
      const ours = await measured(() => exportDay(worker, `exp_${request.format ?? ""}`, request, ROWS));
      const upload = await measured(() => worker.post(`/upload?key=upload&bytes=${ours.result.bytes}`));
      const start = performance.now();
      await connection.run(`COPY (FROM '${file}') TO '${join(folder, "copy")}' (${copy})`);
      const theirs = (performance.now() - start) / 1e3;
      const { seconds: clock } = ours.result;
      const times = [clock, ours.cpu, ours.cpu - upload.cpu, upload.clock, theirs];
      lines.push([name, ...times.map(speed), (clock / theirs).toFixed(1)]);
    }
    print(`Exports of that file, rows per second; the local store, which runs in the same process, is part of ours`);
    const own = ["ours, end to end", "by its CPU time", "without storing the file alone"];
    print(table(["", ...own, "storing the file alone", "DuckDB, native", "our time ÷ DuckDB's"], lines));
    connection.closeSync();
  } finally {
    duckdb.closeSync();
    rmSync(folder, { recursive: true });
  }
}

/** Some work with its time by the clock and the processor time of the local runtime, s. */
async function measured<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cpu: number; readonly clock: number }> {
  const before = await workerdSeconds();
  const start = performance.now();
  const result = await work();
  const clock = (performance.now() - start) / 1e3;
  return { result, clock, cpu: (await workerdSeconds()) - before };
}

function speed(seconds: number): string {
  return Math.round(ROWS / seconds).toLocaleString("en");
}
