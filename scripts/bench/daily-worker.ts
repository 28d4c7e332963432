import { fileURLToPath } from "node:url";
import { unstable_splitSqlQuery, unstable_startWorker } from "wrangler";
import { batchObjectKey, utcDate } from "../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey, includedKey } from "../../src/daily/daily-keys.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { d1Migrations } from "../d1-migrations.ts";
import { loadParquet } from "../parquet-module.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

/** The day the benchmarks of daily files and exports play on. */
export const DAY = Date.UTC(2026, 10, 20);
export const ROWS = 1_000_000;
/** Each has a batch a venue. */
const BLOCKS = 288;
const BLOCK_MS = DAY_MS / BLOCKS;

export interface DailyWorker extends AsyncDisposable {
  readonly inspectorUrl: string;
  post(path: string, body?: string | Uint8Array, metadata?: Readonly<Record<string, number>>): Promise<Uint8Array>;
}

/** A built Worker with the jobs of daily files and exports, its D1 migrated. */
export async function startDailyWorker(): Promise<DailyWorker> {
  const worker = await unstable_startWorker({
    config: fileURLToPath(new URL("daily.toml", import.meta.url)),
    dev: { server: { port: 0 }, inspector: { port: 0 }, logLevel: "error", persist: false, watch: false },
  });
  await worker.ready;
  const inspectorUrl = await worker.inspectorUrl;
  if (inspectorUrl === undefined) throw new Error("the Worker has no inspector");
  const started: DailyWorker = {
    inspectorUrl: inspectorUrl.href,
    async post(path, body = "", metadata = {}) {
      const headers = {
        "x-metadata": JSON.stringify(metadata, (_, value: unknown) => (typeof value === "number" ? String(value) : value)),
      };
      const response = await worker.fetch(`http://daily-bench${path}`, { method: "POST", body, headers });
      const answer = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) throw new Error(`${path}: ${response.status} ${Buffer.from(answer).toString()}`);
      return answer;
    },
    [Symbol.asyncDispose]: () => worker.dispose(),
  };
  for (const statement of d1Migrations().flatMap(({ sql }) => unstable_splitSqlQuery(sql))) await started.post("/sql", statement);
  return started;
}

/** The same Worker with a bucket in its memory. */
export function inMemory({ inspectorUrl, post, ...worker }: DailyWorker): DailyWorker {
  return { ...worker, inspectorUrl, post: (path, ...given) => post(`${path}${path.includes("?") ? "&" : "?"}store=memory`, ...given) };
}

/** Puts a day of rows into the bucket as the feeds would. */
export async function storeBatches(worker: DailyWorker, rowsOfDay = ROWS): Promise<{ readonly objects: number; readonly bytes: number }> {
  loadParquet();
  let objects = 0;
  let sent = 0;
  for (let block = 0; block < BLOCKS; block++) {
    for (const [exchange, rows] of Map.groupBy(blockRows(block, rowsOfDay), (row) => row.exchange)) {
      const times = rows.map((row) => row.event_time);
      const metadata = { rows: rows.length, first_event_time: Math.min(...times), last_event_time: Math.max(...times) };
      const bytes = encodeLiquidations(rows, { metadata: {} });
      await worker.post(`/put?key=${batchObjectKey(exchange, DAY, block + 1, utcDate(DAY))}`, bytes, metadata);
      objects += 1;
      sent += bytes.length;
    }
  }
  return { objects, bytes: sent };
}

/** Rows as they come, their times drawn together into the block's; a number keeps equal twins apart. */
function blockRows(block: number, rowsOfDay: number): readonly Liquidation[] {
  const start = DAY + block * BLOCK_MS;
  const count = Math.floor(((block + 1) * rowsOfDay) / BLOCKS) - Math.floor((block * rowsOfDay) / BLOCKS);
  const rows = sampleLiquidations(count, block + 1, start);
  const span = rows.reduce((last, row) => Math.max(last, row.event_time), start) - start + 1;
  return rows.map((row, index) => {
    const time = start + Math.floor(((row.event_time - start) * BLOCK_MS) / span);
    return {
      ...row,
      event_id: `${row.event_id}:${block}:${index}`,
      event_time: time,
      received_time: time + row.received_time - row.event_time,
    };
  });
}

/** Runs the job of the daily files until the day's file is there. */
export async function runUntilPublished(worker: DailyWorker) {
  const runs: number[] = [];
  let moduleBytes = 0;
  for (let more = true; more;) {
    const start = performance.now();
    const text = Buffer.from(await worker.post(`/run?time=${DAY + DAY_MS + 5 * MINUTE_MS}`)).toString();
    const record = JSON.parse(text) as { readonly more: boolean; readonly module_bytes: number };
    runs.push((performance.now() - start) / 1_000);
    moduleBytes = Math.max(moduleBytes, record.module_bytes);
    more = record.more;
  }
  return { seconds: runs.reduce((sum, run) => sum + run, 0), runs: runs.length, longest: Math.max(...runs), moduleBytes };
}

/** Deletes the day's file with all that is known of it, so that the job makes it again of the same batches. */
export async function forgetFile(worker: DailyWorker): Promise<void> {
  const date = utcDate(DAY);
  for (const key of [dailyFileKey(date), dailyManifestKey(date), includedKey(date)]) await worker.post(`/delete?key=${key}`);
  await worker.post("/sql", "DELETE FROM job_progress");
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
