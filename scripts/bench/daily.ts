import { createHash } from "node:crypto";
import { utcDate } from "../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey } from "../../src/daily/daily-keys.ts";
import { dailyManifest } from "../../src/daily/manifest.ts";
import { DAY, type DailyWorker, ROWS, megabytes, runUntilPublished, startDailyWorker, storeBatches } from "./daily-worker.ts";
import { startHeapMeter } from "./heap-meter.ts";

/** A day's file of 1,000,000 rows by the cron job in a built Worker: rows/s, runs, and the most memory it had. */
export async function benchDaily(print: (line: string) => void): Promise<void> {
  await using worker = await startDailyWorker();
  const { objects, bytes } = await storeBatches(worker);
  print(`daily: ${ROWS.toLocaleString("en")} rows in ${objects} batch objects of ${megabytes(bytes)} in all`);
  const meter = await startHeapMeter(worker.inspectorUrl);
  const { seconds, runs, longest, moduleBytes } = await runUntilPublished(worker);
  meter.stop();
  await verify(worker, print);
  print(
    `daily: ${Math.round(ROWS / seconds).toLocaleString("en")} rows/s (${seconds.toFixed(0)} s in ${runs} runs, the longest ${longest.toFixed(1)} s)`,
  );
  print(`daily: peak live heap ${megabytes(meter.peak())} with its buffers, and ${megabytes(moduleBytes)} of the Parquet module`);
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
