import { dailyFileKey, dailyManifestKey, groupKey, includedKey, planKey, workPrefix } from "../../src/daily/daily-keys.ts";
import { type DailyManifest, dailyManifest, storedDailyManifest } from "../../src/daily/manifest.ts";
import type { DailyPlan, IncludedBatches } from "../../src/daily/plan.ts";
import { type RowsSummary, addSummaries } from "../../src/daily/slice-summary.ts";
import { EXCHANGES, SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { PARQUET_CONTENT_TYPE } from "../../src/parquet/encode.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import type { Stores } from "./stores.ts";
import { deleteAll, listAll, readJson, writeJson } from "../r2/bucket.ts";
import { putJoined } from "../r2/joined-object.ts";
import { filePieces, joinFiles } from "../r2/parquet-pieces.ts";

/**
 * Joins the groups under the final key, then records the batches that the file contains, then writes its manifest. If
 * it is interrupted it starts again, because the plan is deleted last; a file or manifest that is the same stays
 * untouched.
 */
export async function publishDay(env: Stores, plan: DailyPlan, id: string, slices: readonly RowsSummary[], groups: number): Promise<void> {
  const { BUCKET: bucket } = env;
  const summary = addSummaries(slices);
  const keys = Array.from({ length: groups }, (_, group) => groupKey(plan.date, id, group));
  const joined = await joinFiles(bucket, keys, { schema_version: SCHEMA_VERSION, rows: summary.rows, date: plan.date });
  const sha256 = await putJoined(bucket, dailyFileKey(plan.date), filePieces(joined, keys), { contentType: PARQUET_CONTENT_TYPE });
  const batches = [...plan.included, ...plan.batches.map(({ key, etag }) => ({ key, etag }))];
  await writeJson(bucket, includedKey(plan.date), { sha256, batches, hot_impacts: plan.hot_impacts } satisfies IncludedBatches);
  const { gaps, truncated } = await gapsOfDay(env.DB, plan.date);
  await putManifest(bucket, {
    date: plan.date,
    file: dailyFileKey(plan.date),
    bytes: joined.bytes,
    sha256,
    schema_version: SCHEMA_VERSION,
    ...summary,
    gaps: [...gaps],
    gaps_truncated: truncated,
    // Batches of earlier plans may be deleted by now.
    source_batches: (plan.base?.source_batches ?? 0) + plan.batches.length,
    created_time: plan.planned_time,
    row_group_rows: joined.groupRows,
    slices: plan.slices.map(({ start, end }, index) => ({ from_time: start, to_time: end, rows: slices[index]?.rows ?? 0 })),
  });
  await bucket.delete(planKey(plan.date));
  await deleteAll(
    bucket,
    (await listAll(bucket, workPrefix(plan.date))).map(({ key }) => key),
  );
}

/** A gap that lasted over midnight ends later, and some gaps become known late: the manifest follows. */
export async function refreshGaps(env: Stores, manifest: DailyManifest, now: number): Promise<void> {
  const { gaps, truncated } = await gapsOfDay(env.DB, manifest.date);
  await putManifest(env.BUCKET, { ...manifest, gaps: [...gaps], gaps_truncated: truncated, created_time: now });
}

async function gapsOfDay(db: D1Database, date: string) {
  const start = Date.parse(date);
  return gapsOf(await gapsInRange(db, EXCHANGES, { start, end: start + DAY_MS }).all());
}

async function putManifest(bucket: R2Bucket, manifest: DailyManifest): Promise<void> {
  const key = dailyManifestKey(manifest.date);
  const before = await readJson(bucket, key, storedDailyManifest);
  const { created_time: made } = before ?? manifest;
  if (before !== null && JSON.stringify(before) === JSON.stringify({ ...manifest, created_time: made })) return;
  await writeJson(bucket, key, dailyManifest.parse(manifest));
}
