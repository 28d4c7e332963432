import type { Config } from "../../src/config.ts";
import { addSummaries } from "../../src/daily/slice-summary.ts";
import { exportFileKey, exportManifestKey } from "../../src/exports/export-keys.ts";
import { type ExportFile, type ExportManifest, exportManifest } from "../../src/exports/export-manifest.ts";
import type { ExportProgress } from "../../src/exports/export-progress.ts";
import { ONE_FILE_ROWS, datesOf, exportFileName } from "../../src/exports/export-request.ts";
import { TEXT_FORMATS, columnsOf, contentTypeOf, encodeText } from "../../src/exports/file-format.ts";
import { EXCHANGES, SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { coverageOf } from "../../src/exchanges/coverage.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import type { Stores } from "../daily/stores.ts";
import { type Budget, isSpent } from "../daily/budget.ts";
import { writeJson } from "../r2/bucket.ts";
import { type Piece, bytesIn, putJoined } from "../r2/joined-object.ts";
import { filePieces, joinFiles } from "../r2/parquet-pieces.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import type { ExportRow } from "./export-rows.ts";

type Job = Pick<ExportRow, "export_id" | "request">;

/**
 * Writes the files of an export with all rows in pieces, until the budget is spent; returns true once all files are
 * written.
 */
export async function makeFiles(bucket: R2Bucket, job: Job, progress: ExportProgress, budget: Budget): Promise<boolean> {
  for (const date of fileDates(progress)) {
    const name = exportFileName(job.request, date);
    if (progress.files.some((file) => file.name === name)) continue;
    if (isSpent(budget)) return false;
    const chosen = piecesOf(progress, date);
    progress.files.push(await makeFile(bucket, job, progress, name, date, chosen));
    budget.objects -= 4 * chosen.length + 2;
  }
  return true;
}

/** The dates with a file of their own, or only null for one file with all rows. */
function fileDates({ pieces }: ExportProgress): readonly (string | null)[] {
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  return rows <= ONE_FILE_ROWS ? [null] : [...new Set(pieces.map(({ date }) => date))];
}

interface Chosen {
  readonly key: string;
  readonly bytes: number;
}

function piecesOf({ pieces }: ExportProgress, date: string | null): readonly Chosen[] {
  return pieces.filter((piece) => date === null || piece.date === date);
}

async function makeFile(
  bucket: R2Bucket,
  { export_id: id, request }: Job,
  progress: ExportProgress,
  name: string,
  date: string | null,
  chosen: readonly Chosen[],
): Promise<ExportFile> {
  const { rows, first_event_time, last_event_time } = addSummaries(
    Object.entries(progress.dates).flatMap(([of, summary]) => (date === null || of === date ? [summary] : [])),
  );
  const metadata = { schema_version: SCHEMA_VERSION, rows, export_id: id, start: request.start, end: request.end };
  const pieces =
    request.format === "parquet" ? await parquetPieces(bucket, chosen, metadata, request.columns) : await textPieces(request, chosen);
  const content_type = contentTypeOf(request);
  const sha256 = await putJoined(bucket, exportFileKey(id, name), pieces, { contentType: content_type });
  return { name, date, bytes: bytesIn(pieces), sha256, content_type, rows, first_event_time, last_event_time };
}

async function parquetPieces(
  bucket: R2Bucket,
  chosen: readonly Chosen[],
  metadata: Readonly<Record<string, unknown>>,
  columns: ExportRow["request"]["columns"],
): Promise<readonly Piece[]> {
  const keys = chosen.map(({ key }) => key);
  if (keys.length > 0) return filePieces(await joinFiles(bucket, keys, metadata), keys);
  loadParquet();
  return [{ kind: "bytes", bytes: encodeLiquidations([], { metadata, columns }) }];
}

async function textPieces({ format, compression, columns }: ExportRow["request"], chosen: readonly Chosen[]): Promise<readonly Piece[]> {
  if (format === "parquet") throw new RangeError("Parquet is not a text format");
  const { head, separator, tail } = TEXT_FORMATS[format];
  const bytes = async (text: string): Promise<readonly Piece[]> =>
    text === "" ? [] : [{ kind: "bytes", bytes: await encodeText(text, compression) }];
  const between = await bytes(separator);
  const rows = chosen.flatMap(({ key, bytes: length }, index): readonly Piece[] => {
    const piece: Piece = { kind: "object", key, from: 0, to: length };
    return index === 0 ? [piece] : [...between, piece];
  });
  const all = [...(await bytes(head(columnsOf({ columns })))), ...rows, ...(await bytes(tail))];
  // An empty byte sequence is not a gzip file.
  return all.length === 0 ? [{ kind: "bytes", bytes: await encodeNothing(compression) }] : all;
}

async function encodeNothing(compression: ExportRow["request"]["compression"]): Promise<Uint8Array> {
  if (compression === "none") return new Uint8Array();
  const stream = new Blob([]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Writes the manifest of the finished files. */
export async function writeManifest(env: Stores, config: Config, job: Job, progress: ExportProgress, now: number): Promise<ExportManifest> {
  const { export_id, request } = job;
  const venues = request.exchanges ?? config.LIQUIDATION_EXCHANGES;
  const { gaps, truncated } = gapsOf(await gapsInRange(env.DB, venues, request).run());
  const summary = addSummaries(Object.values(progress.dates));
  const manifest: ExportManifest = {
    export_id,
    request,
    schema_version: SCHEMA_VERSION,
    ...summary,
    files: progress.files,
    dates_without_rows: datesOf(request).filter((date) => (progress.dates[date]?.rows ?? 0) === 0),
    coverage: coverageOf(
      { LIQUIDATION_EXCHANGES: venues },
      EXCHANGES.filter((name) => summary.exchanges[name] !== undefined),
    ),
    gaps: [...gaps],
    gaps_truncated: truncated,
    not_covered: progress.not_covered,
    sources: progress.sources,
    created_time: now,
  };
  await writeJson(env.BUCKET, exportManifestKey(export_id), exportManifest.parse(manifest));
  return manifest;
}
