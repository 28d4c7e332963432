import type { Config } from "../../src/config.ts";
import { type RowsSummary, addSummaries } from "../../src/daily/slice-summary.ts";
import { licenceOf } from "../../src/licence.ts";
import { exportFileKey, exportManifestKey } from "../../src/exports/export-keys.ts";
import { type ExportFile, type ExportManifest, exportManifest } from "../../src/exports/export-manifest.ts";
import type { ExportProgress } from "../../src/exports/export-progress.ts";
import { ONE_FILE_ROWS, datesOf, exportFileName } from "../../src/exports/export-request.ts";
import { FileText, contentTypeOf, emptyParquet, schemaVersionOf } from "../../src/exports/file-format.ts";
import { type FileCoverage, cutGaps } from "../../src/file-coverage.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { coverageOf } from "../../src/exchanges/coverage.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import type { Stores } from "../daily/stores.ts";
import { type Budget, isSpent } from "../../src/work-budgets.ts";
import { readBytes, writeJson } from "../r2/bucket.ts";
import { type Piece, bytesIn, putJoined } from "../r2/joined-object.ts";
import { filePieces, joinFiles } from "../r2/parquet-pieces.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { PART_BYTES, type StreamedObject, putStreamed } from "../r2/streamed-object.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import type { ExportRow } from "./export-rows.ts";

type Job = Pick<ExportRow, "export_id" | "request">;

/**
 * Writes the files of an export with all rows in pieces, until the budget is spent; returns true once all files are
 * written.
 */
export async function makeFiles(env: Stores, config: Config, job: Job, progress: ExportProgress, budget: Budget): Promise<boolean> {
  for (const date of fileDates(progress)) {
    const name = exportFileName(job.request, date);
    if (progress.files.some((file) => file.name === name)) continue;
    if (isSpent(budget)) return false;
    const metadata = await fileMetadata(env, config, job, progress, date);
    const file = await makeFile(env.BUCKET, job, progress, metadata, name, date);
    progress.files.push(file);
    budget.objects -= 4 * piecesOf(progress, date).length + Math.ceil(file.bytes / PART_BYTES) + 3;
    // Only the rows of a text are decoded.
    if (isText(job.request)) budget.rows -= file.rows;
  }
  return true;
}

/** The dates with a file of their own, or only null for one file with all rows. */
function fileDates({ pieces }: ExportProgress): readonly (string | null)[] {
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  return rows <= ONE_FILE_ROWS ? [null] : [...new Set(pieces.map(({ date }) => date))];
}

type Chosen = Pick<ExportProgress["pieces"][number], "key">;

function piecesOf({ pieces }: ExportProgress, date: string | null): readonly Chosen[] {
  return pieces.filter((piece) => date === null || piece.date === date);
}

/** The metadata object of a Parquet file of an export. */
type FileMetadata = FileCoverage & Readonly<Record<string, unknown>>;

/** The metadata of a file: what was asked for, and what is missing in the file's part of the range. */
async function fileMetadata(
  { DB }: Stores,
  config: Config,
  { export_id, request }: Job,
  progress: ExportProgress,
  date: string | null,
): Promise<FileMetadata> {
  const range = rangeOfFile(request, date);
  const venues = request.exchanges ?? config.LIQUIDATION_EXCHANGES;
  const { gaps, truncated } = gapsOf(await gapsInRange(DB, venues, range).run());
  const { rows } = summaryOf(progress, date);
  const { symbols, side, min_usd } = request;
  return {
    kind: request.kind,
    schema_version: schemaVersionOf(request),
    rows,
    export_id,
    ...range,
    symbols,
    side,
    min_usd,
    // A mark price has no coverage of its own.
    coverage: request.kind === "minute_marks" ? {} : coverageOf({ LIQUIDATION_EXCHANGES: venues }),
    gaps: cutGaps(gaps, range),
    gaps_truncated: truncated,
    not_covered: progress.not_covered.filter(({ start, end }) => start < range.end && end > range.start),
  };
}

/** The part of an export's range that a file holds. */
function rangeOfFile({ start, end }: TimeRange, date: string | null): TimeRange {
  if (date === null) return { start, end };
  const day = Date.parse(date);
  return { start: Math.max(start, day), end: Math.min(end, day + DAY_MS) };
}

function summaryOf(progress: ExportProgress, date: string | null): RowsSummary {
  return addSummaries(Object.entries(progress.dates).flatMap(([of, summary]) => (date === null || of === date ? [summary] : [])));
}

async function makeFile(
  bucket: R2Bucket,
  { export_id: id, request }: Job,
  progress: ExportProgress,
  metadata: FileMetadata,
  name: string,
  date: string | null,
): Promise<ExportFile> {
  const chosen = piecesOf(progress, date);
  const { rows, first_event_time, last_event_time } = summaryOf(progress, date);
  const content_type = contentTypeOf(request);
  const key = exportFileKey(id, name);
  const httpMetadata = { contentType: content_type };
  const { bytes, sha256 } = isText(request)
    ? await putStreamed(bucket, key, textOf(bucket, request, chosen), httpMetadata)
    : await putParquet(bucket, key, await parquetPieces(bucket, chosen, metadata, request), httpMetadata);
  return { name, date, bytes, sha256, content_type, rows, first_event_time, last_event_time };
}

async function putParquet(bucket: R2Bucket, key: string, pieces: readonly Piece[], httpMetadata: R2HTTPMetadata): Promise<StreamedObject> {
  return { bytes: bytesIn(pieces), sha256: await putJoined(bucket, key, pieces, httpMetadata) };
}

async function parquetPieces(
  bucket: R2Bucket,
  chosen: readonly Chosen[],
  metadata: FileMetadata,
  request: ExportRow["request"],
): Promise<readonly Piece[]> {
  const keys = chosen.map(({ key }) => key);
  if (keys.length > 0) return filePieces(await joinFiles(bucket, keys, metadata), keys);
  loadParquet();
  return [{ kind: "bytes", bytes: emptyParquet(request, metadata) }];
}

type TextRequest = ConstructorParameters<typeof FileText>[0];

function isText(request: ExportRow["request"]): request is TextRequest {
  return request.format !== "parquet";
}

/** The file's text, a few thousand rows at a time. */
async function* textOf(bucket: R2Bucket, request: TextRequest, chosen: readonly Chosen[]): AsyncGenerator<Uint8Array> {
  loadParquet();
  const text = new FileText(request);
  yield await text.head();
  for (const { key } of chosen) {
    await yieldToEventLoop();
    yield* text.rows(await readBytes(bucket, key));
  }
  yield await text.tail();
}

/** Writes the manifest of the finished files. */
export async function writeManifest(env: Stores, config: Config, job: Job, progress: ExportProgress, now: number): Promise<ExportManifest> {
  const { export_id, request } = job;
  const venues = request.exchanges ?? config.LIQUIDATION_EXCHANGES;
  const { gaps, truncated } = gapsOf(await gapsInRange(env.DB, venues, request).run());
  const summary = addSummaries(Object.values(progress.dates));
  const withRows = EXCHANGES.filter((name) => summary.exchanges[name] !== undefined);
  const manifest: ExportManifest = {
    export_id,
    request,
    schema_version: schemaVersionOf(request),
    ...summary,
    files: progress.files,
    dates_without_rows: datesOf(request).filter((date) => (progress.dates[date]?.rows ?? 0) === 0),
    // A mark price has no coverage of its own.
    coverage: request.kind === "minute_marks" ? {} : coverageOf({ LIQUIDATION_EXCHANGES: venues }, withRows),
    gaps: [...gaps],
    gaps_truncated: truncated,
    not_covered: progress.not_covered,
    sources: progress.sources,
    licence: licenceOf(config),
    created_time: now,
  };
  await writeJson(env.BUCKET, exportManifestKey(export_id), exportManifest.parse(manifest));
  return manifest;
}
