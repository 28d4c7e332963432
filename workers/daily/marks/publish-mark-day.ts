import type { Config } from "../../../src/config.ts";
import { licenceOf } from "../../../src/licence.ts";
import { markFileKey, markGroupKey, markManifestKey, markPlanKey, markWorkPrefix } from "../../../src/daily/mark-keys.ts";
import { type MarkManifest, markManifest, minutesByVenue } from "../../../src/daily/mark-manifest.ts";
import type { MarkPlan } from "../../../src/daily/mark-plan.ts";
import { type MarkSummary, addMarkSummaries } from "../../../src/daily/mark-summary.ts";
import { MARK_SCHEMA_VERSION } from "../../../src/minute-mark-fields.ts";
import { PARQUET_CONTENT_TYPE, encodeMinuteMarks } from "../../../src/parquet/encode.ts";
import { sum } from "../../../src/daily/completeness.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { recordDatasetChange } from "../../d1/dataset-changes.ts";
import { notePublished } from "../../d1/mark-days.ts";
import { tradingSymbols } from "../../d1/symbol-lists.ts";
import { deleteAll, listAll, readStoredJson } from "../../r2/bucket.ts";
import { type Piece, replaceJoined } from "../../r2/joined-object.ts";
import { filePieces, joinFiles } from "../../r2/parquet-pieces.ts";
import type { DayContext } from "../day-context.ts";
import { gapsOfDay } from "../publish-day.ts";
import { putManifest } from "../put-manifest.ts";
import type { Stores } from "../stores.ts";
import { quarantinedMarkFiles } from "./quarantine-mark-file.ts";

/**
 * Joins the row groups under the final key, then writes the manifest, then records that D1's marks are in the file. If it
 * is interrupted it starts again, because the plan is deleted last; a file or manifest that is the same stays untouched.
 * @param summaries one for each slice of the plan
 * @throws {ChangedObjectError} where another run published in the meantime
 */
export async function publishMarkDay(
  { env, config }: DayContext,
  plan: MarkPlan,
  id: string,
  summaries: readonly MarkSummary[],
): Promise<MarkManifest> {
  const { BUCKET: bucket, DB: db } = env;
  const { date } = plan;
  const before = await readStoredJson(bucket, markManifestKey(date), markManifest);
  const summary = addMarkSummaries(summaries);
  const file = await fileOf(bucket, plan, id, summaries, summary.rows);
  const sha256 = await replaceJoined(bucket, markFileKey(date), plan.base?.sha256 ?? null, file.pieces, {
    contentType: PARQUET_CONTENT_TYPE,
  });
  const old_sha256 = before?.value.sha256 ?? null;
  if (old_sha256 !== sha256) {
    const change = { kind: "minute_marks", date, changed_time: plan.planned_time, old_sha256, new_sha256: sha256 } as const;
    await recordDatasetChange(db, { ...change, rows: summary.rows, bytes: file.bytes });
  }
  const manifest = markManifest.parse({
    kind: "minute_marks",
    date,
    file: markFileKey(date),
    bytes: file.bytes,
    sha256,
    schema_version: MARK_SCHEMA_VERSION,
    rows: summary.rows,
    first_minute: summary.first_minute,
    last_minute: summary.last_minute,
    ...(await surroundings(env, config, date, summary)),
    licence: licenceOf(config),
    created_time: plan.planned_time,
    row_group_rows: file.groupRows,
    slices: plan.slices.map(({ start, end }, index) => ({ from_time: start, to_time: end, rows: summaries[index]?.rows ?? 0 })),
  } satisfies MarkManifest);
  await putManifest(bucket, markManifestKey(date), before, manifest);
  await notePublished(db, Date.parse(date), plan.reports);
  const left = await listAll(bucket, markWorkPrefix(date));
  await deleteAll(
    bucket,
    left.map(({ key }) => key),
  );
  await bucket.delete(markPlanKey(date));
  return manifest;
}

interface JoinedMarks {
  readonly pieces: readonly Piece[];
  readonly bytes: number;
  readonly groupRows: number[];
}

/** The file of the row groups with marks; of a day without any, a file with the columns and no row. */
async function fileOf(
  bucket: R2Bucket,
  { date, slices, coverage }: MarkPlan,
  id: string,
  summaries: readonly MarkSummary[],
  rows: number,
): Promise<JoinedMarks> {
  const start = Date.parse(date);
  const metadata = { kind: "minute_marks", schema_version: MARK_SCHEMA_VERSION, rows, date, start, end: start + DAY_MS, ...coverage };
  if (rows === 0) {
    const bytes = encodeMinuteMarks([], { metadata });
    return { pieces: [{ kind: "bytes", bytes }], bytes: bytes.length, groupRows: [] };
  }
  const keys = slices.flatMap((_, index) => ((summaries[index]?.rows ?? 0) === 0 ? [] : [markGroupKey(date, id, index, "parquet")]));
  const joined = await joinFiles(bucket, keys, metadata);
  return { pieces: filePieces(joined, keys), bytes: joined.bytes, groupRows: joined.groupRows };
}

/** What stands in the manifest beside the rows: what is missing, and why. */
async function surroundings(
  { DB, BUCKET }: Stores,
  config: Config,
  date: string,
  summary: Pick<MarkSummary, "exchanges">,
): Promise<Pick<MarkManifest, "exchanges" | "minutes_missing" | "gaps" | "gaps_truncated" | "quarantined">> {
  const listed = await tradingSymbols(DB, config.LIQUIDATION_EXCHANGES);
  const exchanges = minutesByVenue(Date.parse(date), summary, listed);
  const { gaps, truncated } = await gapsOfDay(DB, date);
  return {
    exchanges,
    minutes_missing: sum(Object.values(exchanges).map((venue) => venue.minutes_missing)),
    gaps: [...gaps],
    gaps_truncated: truncated,
    quarantined: [...(await quarantinedMarkFiles(BUCKET, date))],
  };
}

/** A gap that lasted over midnight ends later, and some gaps become known late: the manifest follows. */
export async function refreshMarkGaps({ env, now }: DayContext, date: string): Promise<void> {
  const before = await readStoredJson(env.BUCKET, markManifestKey(date), markManifest);
  if (before === null) return;
  const { gaps, truncated } = await gapsOfDay(env.DB, date);
  const manifest = markManifest.parse({ ...before.value, gaps: [...gaps], gaps_truncated: truncated, created_time: now });
  await putManifest(env.BUCKET, markManifestKey(date), before, manifest);
}
