import { exportManifestKey } from "../../src/exports/export-keys.ts";
import { exportManifest } from "../../src/exports/export-manifest.ts";
import type { ExportRequest } from "../../src/exports/export-request.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { DAY, type DailyWorker, ROWS, megabytes, runUntilPublished, startDailyWorker, storeBatches } from "./daily-worker.ts";
import { startHeapMeter } from "./heap-meter.ts";

/** Naming every venue leaves nothing out, but has each row read and looked at. */
const EVERY_VENUE = [...EXCHANGES];

const CASES: readonly { readonly name: string; readonly request: Partial<ExportRequest> }[] = [
  { name: "parquet, the whole day", request: { format: "parquet" } },
  { name: "parquet, filtered", request: { format: "parquet", exchanges: EVERY_VENUE } },
  { name: "csv", request: { format: "csv" } },
  { name: "csv, gzip", request: { format: "csv", compression: "gzip" } },
  { name: "json", request: { format: "json" } },
  { name: "ndjson, gzip", request: { format: "ndjson", compression: "gzip" } },
];

/** Exports of a day of 1,000,000 rows in a built Worker, by format: rows/s, bytes a row, and the most memory it had. */
export async function benchExport(print: (line: string) => void): Promise<void> {
  await using worker = await startDailyWorker();
  await storeBatches(worker);
  await runUntilPublished(worker);
  for (const [index, { name, request }] of CASES.entries()) {
    const meter = await startHeapMeter(worker.inspectorUrl);
    const { seconds, parts, longest, bytes, moduleBytes } = await exportDay(worker, `exp_${index}`, request);
    meter.stop();
    const speed = `${Math.round(ROWS / seconds).toLocaleString("en")} rows/s in ${parts} parts, the longest ${longest.toFixed(1)} s`;
    const memory = `peak live heap ${megabytes(meter.peak())} with its buffers, and ${megabytes(moduleBytes)} of the Parquet module`;
    print(`export: ${name}: ${speed}; ${(bytes / ROWS).toFixed(0)} bytes a row; ${memory}`);
  }
}

export async function exportDay(worker: DailyWorker, id: string, changes: Partial<ExportRequest>, rows = ROWS) {
  const whole = {
    start: DAY,
    end: DAY + DAY_MS,
    compression: "none",
    symbols: null,
    exchanges: null,
    side: null,
    min_usd: null,
    columns: null,
    inferred: false,
  };
  const times: number[] = [];
  let moduleBytes = 0;
  for (let outcome = "more"; outcome === "more";) {
    const start = performance.now();
    const answer = JSON.parse(Buffer.from(await worker.post(`/export?id=${id}`, JSON.stringify({ ...whole, ...changes }))).toString()) as {
      readonly outcome: string;
      readonly module_bytes: number;
    };
    times.push((performance.now() - start) / 1_000);
    ({ outcome } = answer);
    moduleBytes = Math.max(moduleBytes, answer.module_bytes);
  }
  const manifest = exportManifest.parse(JSON.parse(Buffer.from(await worker.post(`/get?key=${exportManifestKey(id)}`)).toString()));
  if (manifest.rows !== rows) throw new Error(`${manifest.rows} rows, not ${rows}`);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return { seconds: times.reduce((sum, time) => sum + time, 0), parts: times.length, longest: Math.max(...times), bytes, moduleBytes };
}
