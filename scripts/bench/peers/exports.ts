import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { utcDate } from "../../../src/batch-object.ts";
import { dailyFileKey } from "../../../src/daily/daily-keys.ts";
import type { ExportRequest } from "../../../src/exports/export-request.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { table } from "../../table.ts";
import { DAY, type DailyWorker, forgetFile, inMemory, runUntilPublished, startDailyWorker, storeBatches } from "../daily-worker.ts";
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
 * The daily file of 100,000 rows, and exports of it, in a built Worker, from the request to the file with its hash, with the local
 * R2 and with a bucket in the Worker's memory; beside each export, DuckDB's copy of the same file to the same format on the disk.
 */
export async function contestExports(print: (line: string) => void): Promise<void> {
  await using worker = await startDailyWorker();
  const memory = inMemory(worker);
  const lines: string[][] = [];
  for (const [name, store] of [
    ["the local R2", worker],
    ["a bucket in memory", memory],
  ] as const) {
    await storeBatches(store, ROWS);
    for (const round of ["first", "again"]) {
      const { result, cpu } = await measured(() => runUntilPublished(store));
      lines.push([`${name}, ${round}`, speed(result.seconds), speed(cpu)]);
      if (round === "first") await forgetFile(store);
    }
    await worker.post("/sql", "DELETE FROM job_progress");
  }
  print(`Daily file of ${ROWS.toLocaleString("en")} rows, rows per second`);
  print(table(["with", "by the clock", "by CPU time"], lines));
  print("Exports of that file, rows per second");
  const own = ["ours", "by CPU time", "with a bucket in memory", "by CPU time"];
  print(table(["", ...own, "DuckDB, native", "our time ÷ DuckDB's"], await exportsBesideDuckdb(worker, memory)));
}

async function exportsBesideDuckdb(worker: DailyWorker, memory: DailyWorker): Promise<readonly (readonly string[])[]> {
  const folder = mkdtempSync(join(tmpdir(), "liquidations-peers-"));
  const duckdb = await DuckDBInstance.create(":memory:");
  try {
    const file = join(folder, "day.parquet");
    writeFileSync(file, await worker.post(`/get?key=${dailyFileKey(utcDate(DAY))}`));
    const connection = await duckdb.connect();
    const lines: string[][] = [];
    for (const { name, request, copy } of CASES) {
      const ours = await measured(() => exportDay(worker, `exp_${request.format ?? ""}`, request, ROWS));
      const alone = await measured(() => exportDay(memory, `exp_${request.format ?? ""}_memory`, request, ROWS));
      const start = performance.now();
      await connection.run(`COPY (FROM '${file}') TO '${join(folder, "copy")}' (${copy})`);
      const theirs = (performance.now() - start) / 1e3;
      const times = [ours.result.seconds, ours.cpu, alone.result.seconds, alone.cpu, theirs];
      lines.push([name, ...times.map(speed), (ours.result.seconds / theirs).toFixed(1)]);
    }
    connection.closeSync();
    return lines;
  } finally {
    duckdb.closeSync();
    rmSync(folder, { recursive: true });
  }
}

/** Some work with the processor time of the local runtime, s. */
async function measured<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cpu: number }> {
  const before = await workerdSeconds();
  const result = await work();
  return { result, cpu: (await workerdSeconds()) - before };
}

function speed(seconds: number): string {
  return Math.round(ROWS / seconds).toLocaleString("en");
}
