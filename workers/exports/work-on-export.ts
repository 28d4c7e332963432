import type { Config } from "../../src/config.ts";
import { utcDate } from "../../src/batch-object.ts";
import { planSlices } from "../../src/daily/plan.ts";
import { sliceRows } from "../../src/daily/slice-rows.ts";
import { addSummaries, summarize } from "../../src/daily/slice-summary.ts";
import { pieceKey } from "../../src/exports/export-keys.ts";
import type { ExportProgress, SourceOfRows } from "../../src/exports/export-progress.ts";
import { isWhole, rowFilter } from "../../src/exports/export-request.ts";
import { encodePiece } from "../../src/exports/file-format.ts";
import { type Stretch, stretchFrom } from "../../src/exports/stretches.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type DayContents, batchSources, dayContents } from "../daily/day-contents.ts";
import { DayRows } from "../daily/day-rows.ts";
import { PublishedRows } from "../daily/published-file.ts";
import type { Stores } from "../daily/stores.ts";
import { type Budget, isSpent } from "../daily/budget.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import { type Piece, bytesIn, putPieces } from "../r2/joined-object.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { missingVariables } from "../supabase/connection.ts";
import type { Page } from "../supabase/pages.ts";
import { type EventKey, readLiquidations } from "../supabase/read-liquidations.ts";
import type { ExportRow } from "./export-rows.ts";
import { filesKeptFrom, storedDates } from "./uncovered.ts";

/**
 * Maximum number of rows per piece. Until they are encoded they are objects of about 1.4 kB each, and as text they take
 * that much again as a string and as bytes. A Parquet piece is a row group, and larger ones compress better.
 */
const PARQUET_PIECE_ROWS = 10_000;
const TEXT_PIECE_ROWS = 4_000;

/** Number of rows per request to Supabase: the maximum of a project by default. */
const PAGE_ROWS = 1_000;

/** Reads the rows of an export into pieces, each a separate object, until all rows are read or the budget is spent. */
export async function readIntoPieces(
  env: Stores,
  config: Config,
  { export_id: id, request }: Pick<ExportRow, "export_id" | "request">,
  progress: ExportProgress,
  budget: Budget,
  now: number,
): Promise<void> {
  loadParquet();
  const dates = await storedDates(env.BUCKET);
  const pieces = new Pieces(env.BUCKET, id, request, progress);
  while (progress.position < request.end && !isSpent(budget)) {
    const stretch = stretchFrom(progress.position, request.end, dates);
    const source = await readStretch(env, config, pieces, stretch, budget, now);
    noteSource(progress, stretch.start, source);
  }
}

async function readStretch(
  env: Stores,
  config: Config,
  pieces: Pieces,
  stretch: Stretch,
  budget: Budget,
  now: number,
): Promise<SourceOfRows> {
  if (stretch.kind === "elsewhere") return readArchive(config, pieces, stretch, budget);
  const date = utcDate(stretch.start);
  const contents = await dayContents(env.BUCKET, date);
  const isMerged = missingVariables(config).length === 0 && mayBePartial(stretch, config, now);
  const isCopied = !isMerged && (await copyGroups(env.BUCKET, contents, pieces, stretch, budget));
  if (!isCopied) await readDay(env, date, contents, pieces, stretch, budget, isMerged ? config : null);
  return contents.fresh.length > 0 ? "batches" : "daily_file";
}

/** Whether the archive may have rows of a stored day that the bucket lacks. */
function mayBePartial({ kind, start }: Stretch, config: Config, now: number): boolean {
  return kind === "partial" || start < filesKeptFrom(config, now);
}

/** Rows of the archive are held in memory beside those of the bucket, so a day with both is read in short slices. */
const MERGED_SLICE_MS = 10 * MINUTE_MS;

async function readDay(
  env: Stores,
  date: string,
  { manifest: base, fresh }: DayContents,
  pieces: Pieces,
  { end }: Stretch,
  budget: Budget,
  archive: Config | null,
): Promise<void> {
  const { progress } = pieces;
  const batches = [...batchSources(date, fresh)];
  const day = new DayRows(env, { base, batches });
  const slices = archive === null ? planSlices(Date.parse(date), batches, base) : shortSlices(Date.parse(date));
  for (const slice of slices) {
    const range = { start: Math.max(slice.start, progress.position), end: Math.min(slice.end, end) };
    if (range.start >= range.end) continue;
    if (isSpent(budget)) break;
    const stored = await day.read(range);
    const rows = archive === null ? stored : sliceRows([stored, await archivedRows(archive, range)], range, new Map());
    await pieces.add(rows);
    progress.position = range.end;
    budget.objects -= day.batchesIn(range).length + 2;
    budget.rows -= rows.length;
  }
  await pieces.flush();
}

function shortSlices(dayStart: number): readonly TimeRange[] {
  return Array.from({ length: DAY_MS / MERGED_SLICE_MS }, (_, index) => {
    const start = dayStart + index * MERGED_SLICE_MS;
    return { start, end: start + MERGED_SLICE_MS };
  });
}

/** All rows of the archive in a range; filtered out later, together with the rows of the bucket. */
async function archivedRows(config: Config, range: TimeRange): Promise<readonly Liquidation[]> {
  const all = {
    ...range,
    symbols: null,
    exchanges: null,
    side: null,
    minUsd: null,
    inferred: true,
    order: "asc",
    limit: PAGE_ROWS,
  } as const;
  const found: Liquidation[] = [];
  for (let after: EventKey | null = null; ;) {
    const page: Page<Liquidation, EventKey> = await readLiquidations(config, { ...all, after });
    found.push(...page.rows);
    after = page.next;
    if (after === null) return found;
  }
}

/**
 * Copies the row groups of the daily file where a whole day is exported without filters.
 * @returns whether it did
 */
async function copyGroups(
  bucket: R2Bucket,
  { manifest, fresh }: DayContents,
  pieces: Pieces,
  { start, end }: Stretch,
  budget: Budget,
): Promise<boolean> {
  const { progress, request } = pieces;
  const isWholeDay = start === progress.position && end - start === DAY_MS && (progress.after?.event_time ?? 0) < start;
  if (request.format !== "parquet" || !isWholeDay || !isWhole(request) || manifest === null || fresh.length > 0) return false;
  if (manifest.schema_version !== SCHEMA_VERSION) return false;
  const holdsInferred = Object.values(manifest.exchanges).some(({ coverage }) => coverage.includes("inferred"));
  if (holdsInferred && !request.inferred) return false;
  const file = await PublishedRows.open(bucket, manifest);
  for (const [group, rows] of manifest.row_group_rows.entries()) {
    await pieces.copy(manifest.date, file.groupPieces(group), rows);
    budget.objects -= 2;
  }
  const { rows, first_event_time, last_event_time, exchanges } = manifest;
  progress.dates[manifest.date] = { rows, first_event_time, last_event_time, exchanges };
  progress.position = end;
  return true;
}

async function readArchive(config: Config, pieces: Pieces, { start, end }: Stretch, budget: Budget): Promise<SourceOfRows> {
  const { progress, request } = pieces;
  if (missingVariables(config).length > 0) {
    progress.position = end;
    return "none";
  }
  const { symbols, exchanges, side, min_usd: minUsd, inferred } = request;
  const query = { start, end, symbols, exchanges, side, minUsd, inferred, order: "asc", limit: PAGE_ROWS } as const;
  while (progress.position < end && !isSpent(budget)) {
    const { rows, next } = await readLiquidations(config, { ...query, after: progress.after });
    for (const [, ofDate] of Map.groupBy(rows, (row) => utcDate(row.event_time))) await pieces.add(ofDate);
    progress.after = next;
    progress.position = next?.event_time ?? end;
    budget.objects -= 1;
    budget.rows -= rows.length;
  }
  await pieces.flush();
  return "archive";
}

function noteSource({ sources, position }: ExportProgress, start: number, source: SourceOfRows): void {
  const last = sources.at(-1);
  if (last?.source === source && last.end === start) last.end = position;
  else sources.push({ start, end: position, source });
}

/** Rows that were read from the archive are not read again after the bucket has received them too. */
function isBehind(row: Liquidation, after: EventKey): boolean {
  return row.event_time > after.event_time || (row.event_time === after.event_time && row.event_id > after.event_id);
}

/** Collects rows into pieces of one date each. */
class Pieces {
  readonly progress: ExportProgress;
  readonly request: ExportRow["request"];
  readonly #bucket: R2Bucket;
  readonly #id: string;
  readonly #isWanted: (row: Liquidation) => boolean;
  #held: Liquidation[] = [];

  constructor(bucket: R2Bucket, id: string, request: ExportRow["request"], progress: ExportProgress) {
    this.#bucket = bucket;
    this.#id = id;
    this.request = request;
    this.progress = progress;
    this.#isWanted = rowFilter(request);
  }

  /** Adds the rows that pass the filters; all are of one date and follow the earlier ones. */
  async add(rows: readonly Liquidation[]): Promise<void> {
    const [first] = rows;
    const [held] = this.#held;
    if (first !== undefined && held !== undefined && utcDate(first.event_time) !== utcDate(held.event_time)) await this.flush();
    const { after } = this.progress;
    for (const row of rows) if (this.#isWanted(row) && (after === null || isBehind(row, after))) this.#held.push(row);
    const most = this.request.format === "parquet" ? PARQUET_PIECE_ROWS : TEXT_PIECE_ROWS;
    while (this.#held.length >= most) await this.#write(this.#held.splice(0, most));
  }

  /** Writes the collected rows, however few they are. */
  async flush(): Promise<void> {
    if (this.#held.length > 0) await this.#write(this.#held.splice(0));
  }

  async put(date: string, bytes: Uint8Array, rows: number): Promise<void> {
    await yieldToEventLoop();
    const key = pieceKey(this.#id, crypto.randomUUID());
    await this.#bucket.put(key, bytes);
    this.progress.pieces.push({ key, date, rows, bytes: bytes.length });
  }

  /** Joins parts of other objects into a piece. */
  async copy(date: string, parts: readonly Piece[], rows: number): Promise<void> {
    const key = pieceKey(this.#id, crypto.randomUUID());
    await putPieces(this.#bucket, key, parts);
    this.progress.pieces.push({ key, date, rows, bytes: bytesIn(parts) });
  }

  async #write(rows: readonly Liquidation[]): Promise<void> {
    const date = utcDate(rows[0]?.event_time ?? 0);
    const { dates } = this.progress;
    const before = dates[date];
    await this.put(date, await encodePiece(this.request, rows), rows.length);
    dates[date] = addSummaries(before === undefined ? [summarize(rows)] : [before, summarize(rows)]);
  }
}
