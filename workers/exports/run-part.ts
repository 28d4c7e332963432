import type { Config } from "../../src/config.ts";
import { utcDate } from "../../src/batch-object.ts";
import { exportPrefix, exportWorkPrefix, progressKey } from "../../src/exports/export-keys.ts";
import type { Uncovered } from "../../src/exports/export-manifest.ts";
import { type ExportProgress, exportProgress, startingProgress } from "../../src/exports/export-progress.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import type { Stores } from "../daily/stores.ts";
import { type Budget, MAX_EXPORT_ROWS, STEP_BUDGETS } from "../../src/work-budgets.ts";
import type { FeedReport } from "../feeds.ts";
import { deleteAll, listAll, readJson, writeJson } from "../r2/bucket.ts";
import { type ExportRow, failExport, finishExport, noteProgress, readExport } from "./export-rows.ts";
import { makeFiles, writeManifest } from "./finish-export.ts";
import { estimatesNotSettled, readEstimatesIntoPieces } from "./estimate-export.ts";
import { marksNotStoredYet, readMarksIntoPieces } from "./mark-export.ts";
import { lackingRows, notStoredYet } from "./uncovered.ts";
import { readIntoPieces } from "./work-on-export.ts";

/** The dependencies of an export run. */
export interface ExportDependencies {
  readonly now: () => number;
  readonly feedStatuses: (config: Config) => Promise<readonly FeedReport[]>;
}

/** `superseded`: another worker took the export over, or it was deleted. */
export type PartOutcome = "more" | "done" | "failed" | "superseded";

/**
 * Runs the next part of an export. All its state is in the bucket and in D1, and a part that was interrupted is simply
 * repeated, so it does not matter who calls this or how often.
 * @param number the number that `claimExport` returned
 */
export async function runPart(
  env: Stores,
  config: Config,
  deps: ExportDependencies,
  id: string,
  number: number,
  partBudget: Readonly<Budget> = STEP_BUDGETS.export,
): Promise<PartOutcome> {
  const job = await readExport(env.DB, id);
  if (job === null || job.starts !== number) return "superseded";
  if (job.state === "expired") {
    // The export was deleted while a part was still writing.
    await deleteExportObjects(env.BUCKET, id);
    return "superseded";
  }
  if (job.state === "done") {
    // The part that finished the export was interrupted before it could record that.
    await deletePrefix(env.BUCKET, exportWorkPrefix(id));
    return "done";
  }
  if (job.state !== "queued" && job.state !== "running") return "superseded";
  await noteProgress(env.DB, job, { rows: job.rows, done_until: job.done_until, ...timeOf(deps) });
  const budget = { ...partBudget };
  const progress = await begunProgress(env, config, deps, job);
  if (job.request.kind === "minute_marks") await readMarksIntoPieces(env, job, progress, budget);
  else if (job.request.kind === "estimated_totals") await readEstimatesIntoPieces(env, config, job, progress, budget);
  else await readIntoPieces(env, config, job, progress, budget, deps.now());
  const rows = progress.pieces.reduce((sum, piece) => sum + piece.rows, 0);
  if (rows > MAX_EXPORT_ROWS) {
    await abandonExport(env, config, job, `The export has more than ${MAX_EXPORT_ROWS} rows; choose a shorter range.`, deps.now());
    return "failed";
  }
  const noted = await noteProgress(env.DB, job, { rows, done_until: progress.position, ...timeOf(deps) });
  if (noted === "over_quota") {
    await abandonExport(env, config, job, "The API key has used up its export rows for this UTC day.", deps.now());
    return "failed";
  }
  if (progress.position >= job.request.end && (await makeFiles(env, config, job, progress, budget))) {
    await finish(env, config, job, progress, deps.now());
    const state = (await readExport(env.DB, id))?.state;
    if (state === "expired") await deleteExportObjects(env.BUCKET, id);
    return state === "done" ? "done" : "superseded";
  }
  await writeJson(env.BUCKET, progressKey(id), progress);
  return "more";
}

function timeOf(deps: ExportDependencies): { readonly now: number; readonly date: string } {
  const now = deps.now();
  return { now, date: utcDate(now) };
}

async function begunProgress(env: Stores, config: Config, deps: ExportDependencies, job: ExportRow): Promise<ExportProgress> {
  const begun = await readJson(env.BUCKET, progressKey(job.export_id), exportProgress);
  if (begun !== null) return begun;
  const progress = startingProgress(job.request.start);
  progress.not_covered.push(...(await lateRows(env, config, deps, job)));
  return progress;
}

/** The end of the range whose rows may not be stored yet. */
async function lateRows(
  env: Stores,
  config: Config,
  deps: ExportDependencies,
  { request }: Pick<ExportRow, "request">,
): Promise<readonly Uncovered[]> {
  if (request.kind === "minute_marks") return marksNotStoredYet(request, deps.now());
  if (request.kind === "estimated_totals") return estimatesNotSettled(env, request);
  return notStoredYet(request, await deps.feedStatuses(config), deps.now());
}

async function finish(env: Stores, config: Config, job: ExportRow, progress: ExportProgress, now: number): Promise<void> {
  // Only now, because rows that expired while others were read may be missing too.
  const lacking = await lackingRows(env, config, job.request, now);
  progress.not_covered = [...lacking, ...progress.not_covered];
  const { rows, files } = await writeManifest(env, config, job, progress, now);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const finished = { rows, bytes, files: files.length, now, expires_time: now + config.LIQUIDATION_EXPORT_RETENTION_DAYS * DAY_MS };
  await finishExport(env.DB, job, utcDate(now), finished);
  await deletePrefix(env.BUCKET, exportWorkPrefix(job.export_id));
}

/** Fails an export, with a reason for its owner. An export that another worker has taken over continues. */
export async function abandonExport(
  env: Stores,
  config: Config,
  job: Pick<ExportRow, "export_id" | "starts">,
  reason: string,
  now: number,
): Promise<void> {
  const isEnded = await failExport(env.DB, job, reason, now, now + config.LIQUIDATION_EXPORT_RETENTION_DAYS * DAY_MS);
  if (isEnded) await deleteExportObjects(env.BUCKET, job.export_id);
}

/** Deletes the files of an export and all its pieces. */
export async function deleteExportObjects(bucket: R2Bucket, id: string): Promise<void> {
  await deletePrefix(bucket, exportPrefix(id));
  await deletePrefix(bucket, exportWorkPrefix(id));
}

async function deletePrefix(bucket: R2Bucket, prefix: string): Promise<void> {
  await deleteAll(
    bucket,
    (await listAll(bucket, prefix)).map(({ key }) => key),
  );
}
