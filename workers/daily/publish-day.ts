import { z } from "zod";
import type { Config } from "../../src/config.ts";
import { coverageOf } from "../../src/exchanges/coverage.ts";
import { licenceOf } from "../../src/licence.ts";
import { dailyFileKey, dailyManifestKey, includedKey, planKey, workPrefix } from "../../src/daily/daily-keys.ts";
import type { Completeness } from "../../src/daily/completeness.ts";
import { type DailyManifest, dailyManifest, storedDailyManifest } from "../../src/daily/manifest.ts";
import { type DailyPlan, type IncludedBatches, includedBatches } from "../../src/daily/plan.ts";
import { addRowCounts, rowCounts } from "../../src/daily/row-counts.ts";
import { addSummaries, rowsSummary } from "../../src/daily/slice-summary.ts";
import { type FileCoverage, cutGaps } from "../../src/file-coverage.ts";
import { EXCHANGES, SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { PARQUET_CONTENT_TYPE } from "../../src/parquet/encode.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { readAnchor } from "../signals/ledger-anchors.ts";
import { recordDatasetChange } from "../d1/dataset-changes.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import type { DayContext } from "./day-context.ts";
import { deleteAll, listAll, readStoredJson, writeJson } from "../r2/bucket.ts";
import { replaceJoined } from "../r2/joined-object.ts";
import { type ParquetSource, filePieces, joinFiles } from "../r2/parquet-pieces.ts";
import { putManifest } from "./put-manifest.ts";

/** What is known of the rows of slices that were made together. */
export const madeSlices = z.object({
  summary: rowsSummary,
  counts: rowCounts,
  /** Number of rows of each slice. */
  rows: z.array(z.int()).readonly(),
});

export type MadeSlices = z.output<typeof madeSlices>;

/**
 * Joins the groups under the final key, then records the batches that the file contains, then writes its manifest. If
 * it is interrupted it starts again, because the plan is deleted last; a file or manifest that is the same stays
 * untouched. Each of the three only replaces what was there when this began, so that of two runs with different files
 * one ends with an error and file, list and manifest are of the other.
 * @throws {ChangedObjectError} where another run published in the meantime
 */
export async function publishDay(
  { env, config }: Pick<DayContext, "env" | "config">,
  plan: DailyPlan,
  slices: readonly MadeSlices[],
  completeness: Completeness,
  groups: readonly ParquetSource[],
): Promise<void> {
  const { BUCKET: bucket } = env;
  // Read before the file: whatever changes them later changes the file first.
  const listBefore = await readStoredJson(bucket, includedKey(plan.date), includedBatches);
  const manifestBefore = await readStoredJson(bucket, dailyManifestKey(plan.date), storedDailyManifest);
  const summary = addSummaries(slices.map((slice) => slice.summary));
  const counts = addRowCounts(slices.map((slice) => slice.counts));
  const joined = await joinFiles(bucket, groups, {
    schema_version: SCHEMA_VERSION,
    rows: summary.rows,
    date: plan.date,
    ...plan.coverage,
  });
  const sha256 = await replaceJoined(bucket, dailyFileKey(plan.date), plan.base?.sha256 ?? null, filePieces(joined, groups), {
    contentType: PARQUET_CONTENT_TYPE,
  });
  const batches = [...plan.included, ...plan.batches.map(({ key, etag }) => ({ key, etag }))];
  const list: IncludedBatches = { sha256, batches, hot_impacts: plan.hot_impacts, counts };
  await writeJson(bucket, includedKey(plan.date), list, { replaces: listBefore?.etag ?? null });
  const { gaps, truncated } = await gapsOfDay(env.DB, plan.date);
  const old_sha256 = manifestBefore?.value.sha256 ?? null;
  if (old_sha256 !== sha256) {
    const change = { kind: "liquidations", date: plan.date, changed_time: plan.planned_time, old_sha256, new_sha256: sha256 } as const;
    await recordDatasetChange(env.DB, { ...change, rows: summary.rows, bytes: joined.bytes });
  }
  const sliceRows = slices.flatMap(({ rows }) => rows);
  const manifest = dailyManifest.parse({
    date: plan.date,
    file: dailyFileKey(plan.date),
    bytes: joined.bytes,
    sha256,
    schema_version: SCHEMA_VERSION,
    ...summary,
    gaps: [...gaps],
    gaps_truncated: truncated,
    completeness,
    ledger: plan.base?.ledger ?? (await ledgerOfDay(env.DB, plan.date)),
    licence: licenceOf(config),
    // Batches of earlier plans may be deleted by now.
    source_batches: (plan.base?.source_batches ?? 0) + plan.batches.length,
    created_time: plan.planned_time,
    row_group_rows: joined.groupRows,
    slices: plan.slices.map(({ start, end }, index) => ({ from_time: start, to_time: end, rows: sliceRows[index] ?? 0 })),
  });
  await putManifest(bucket, dailyManifestKey(plan.date), manifestBefore, manifest);
  await bucket.delete(planKey(plan.date));
  await deleteAll(
    bucket,
    (await listAll(bucket, workPrefix(plan.date))).map(({ key }) => key),
  );
}

/** A gap that lasted over midnight ends later, and some gaps become known late: the manifest follows. */
export async function refreshGaps({ env, now }: DayContext, date: string): Promise<void> {
  const before = await readStoredJson(env.BUCKET, dailyManifestKey(date), storedDailyManifest);
  if (before === null) return;
  const { gaps, truncated } = await gapsOfDay(env.DB, date);
  const ledger = before.value.ledger ?? (await ledgerOfDay(env.DB, date));
  const manifest = dailyManifest.parse({ ...before.value, gaps: [...gaps], gaps_truncated: truncated, ledger, created_time: now });
  await putManifest(env.BUCKET, dailyManifestKey(date), before, manifest);
}

/** The first anchor of a day stays in its manifest, whatever D1 says later. */
async function ledgerOfDay(db: D1Database, date: string): Promise<DailyManifest["ledger"]> {
  const anchor = await readAnchor(db, date);
  if (anchor === null) return null;
  const { date: _date, ...heads } = anchor;
  return heads;
}

/** What the file of a day will say of its gaps. */
export async function coverageOfDay(db: D1Database, config: Config, date: string): Promise<FileCoverage> {
  const { gaps, truncated } = await gapsOfDay(db, date);
  const range = { start: Date.parse(date), end: Date.parse(date) + DAY_MS };
  return { ...range, coverage: coverageOf(config), gaps: cutGaps(gaps, range), gaps_truncated: truncated };
}

/** The gaps of all venues on a UTC date. */
export async function gapsOfDay(db: D1Database, date: string) {
  const start = Date.parse(date);
  return gapsOf(await gapsInRange(db, EXCHANGES, { start, end: start + DAY_MS }).all());
}
