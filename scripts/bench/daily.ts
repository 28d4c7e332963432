import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { unstable_startWorker } from "wrangler";
import { batchObjectKey, utcDate } from "../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey } from "../../src/daily/daily-keys.ts";
import { dailyManifest } from "../../src/daily/manifest.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { loadParquet } from "../parquet-module.ts";
import { startHeapMeter } from "./heap-meter.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

const DAY = Date.UTC(2026, 10, 20);
const ROWS = 1_000_000;
/** Each has a batch a venue. */
const BLOCKS = 288;
const BLOCK_MS = DAY_MS / BLOCKS;
const MIGRATIONS = ["0001_collector.sql", "0005_job_progress.sql"];

/** A day's file of 1,000,000 rows by the cron job in a built Worker: rows/s, runs, and the most memory it had. */
export async function benchDaily(print: (line: string) => void): Promise<void> {
  loadParquet();
  await using worker = await startDailyWorker();
  for (const statement of MIGRATIONS.flatMap(statements)) await worker.post("/sql", statement);
  let objects = 0;
  let sentBytes = 0;
  for (let block = 0; block < BLOCKS; block++) {
    for (const [exchange, rows] of Map.groupBy(blockRows(block), (row) => row.exchange)) {
      const times = rows.map((row) => row.event_time);
      const metadata = { rows: rows.length, first_event_time: Math.min(...times), last_event_time: Math.max(...times) };
      const bytes = encodeLiquidations(rows, { metadata: {} });
      await worker.post(`/put?key=${batchObjectKey(exchange, DAY, block + 1, utcDate(DAY))}`, bytes, metadata);
      objects += 1;
      sentBytes += bytes.length;
    }
  }
  print(`daily: ${ROWS.toLocaleString("en")} rows in ${objects} batch objects of ${megabytes(sentBytes)} in all`);
  const meter = await startHeapMeter(worker.inspectorUrl);
  const { seconds, runs, longest, moduleBytes } = await runUntilPublished(worker);
  meter.stop();
  await verify(worker, print);
  print(
    `daily: ${Math.round(ROWS / seconds).toLocaleString("en")} rows/s (${seconds.toFixed(0)} s in ${runs} runs, the longest ${longest.toFixed(1)} s)`,
  );
  print(`daily: peak heap ${megabytes(meter.peak())} of JavaScript, ${megabytes(moduleBytes)} of the Parquet module`);
}

interface DailyWorker extends AsyncDisposable {
  readonly inspectorUrl: string;
  post(path: string, body?: string | Uint8Array, metadata?: Readonly<Record<string, number>>): Promise<Uint8Array>;
}

async function startDailyWorker(): Promise<DailyWorker> {
  const worker = await unstable_startWorker({
    config: fileURLToPath(new URL("daily.toml", import.meta.url)),
    dev: { server: { port: 0 }, inspector: { port: 0 }, logLevel: "error", persist: false, watch: false },
  });
  await worker.ready;
  const inspectorUrl = await worker.inspectorUrl;
  if (inspectorUrl === undefined) throw new Error("the Worker has no inspector");
  return {
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
}

/** Rows as they come, their times drawn together into the block's; a number keeps equal twins apart. */
function blockRows(block: number): readonly Liquidation[] {
  const start = DAY + block * BLOCK_MS;
  const count = Math.floor(((block + 1) * ROWS) / BLOCKS) - Math.floor((block * ROWS) / BLOCKS);
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

async function runUntilPublished(worker: DailyWorker) {
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

async function verify(worker: DailyWorker, print: (line: string) => void): Promise<void> {
  const manifest = dailyManifest.parse(JSON.parse(Buffer.from(await worker.post(`/get?key=${dailyManifestKey(utcDate(DAY))}`)).toString()));
  const file = await worker.post(`/get?key=${dailyFileKey(utcDate(DAY))}`);
  const sha256 = createHash("sha256").update(file).digest("hex");
  if (manifest.rows !== ROWS || sha256 !== manifest.sha256) throw new Error(`${manifest.rows} rows, hash ${sha256}: not what was sent`);
  print(
    `daily: ${manifest.row_group_rows.length} row groups, ${megabytes(manifest.bytes)}, every row there and the hash as the manifest says`,
  );
}

function statements(file: string): readonly string[] {
  const sql = readFileSync(new URL(`../../migrations/${file}`, import.meta.url), "utf8").replaceAll(/^\s*--.*$/gm, "");
  return sql.split(";").filter((statement) => statement.trim() !== "");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
