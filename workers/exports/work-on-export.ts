import type { Config } from "../../src/config.ts";
import { utcDate } from "../../src/batch-object.ts";
import { type BatchSource, planSlices } from "../../src/daily/plan.ts";
import { slicePlaces } from "../../src/daily/slice-places.ts";
import { summarize } from "../../src/daily/slice-summary.ts";
import type { ExportProgress, SourceOfRows } from "../../src/exports/export-progress.ts";
import { isWhole, rowFilter } from "../../src/exports/export-request.ts";
import { fileSlices } from "../../src/exports/file-slices.ts";
import { type Stretch, stretchFrom } from "../../src/exports/stretches.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { type PlacedLiquidation, placeLiquidations, placedLiquidations } from "../../src/parquet/decode.ts";
import { storeRows } from "../../src/parquet/stored-rows.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type DayContents, batchSources, dayContents } from "../daily/day-contents.ts";
import { DayRows } from "../daily/day-rows.ts";
import { PublishedRows } from "../daily/published-file.ts";
import type { Stores } from "../daily/stores.ts";
import { type Budget, isSpent } from "../../src/work-budgets.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { missingVariables } from "../supabase/connection.ts";
import type { Page } from "../supabase/pages.ts";
import { type EventKey, readLiquidations } from "../supabase/read-liquidations.ts";
import type { ExportRow } from "./export-rows.ts";
import { Pieces, noteSource } from "./pieces.ts";
import { filesKeptFrom, storedDates } from "./uncovered.ts";

/** Number of rows per request to Supabase: the maximum of a project by default. */
const PAGE_ROWS = 1_000;

/** Reads the liquidations of an export into pieces, each a separate object, until all are read or the budget is spent. */
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
  const isOfRequest = rowFilter(request);
  const pieces = new Pieces<PlacedLiquidation>(env.BUCKET, id, request, progress, {
    timeOf: (row) => row.event_time,
    isWanted: (row) => isOfRequest(row) && (progress.after === null || isBehind(row, progress.after)),
    summarize,
  });
  while (progress.position < request.end && !isSpent(budget)) {
    const stretch = stretchFrom(progress.position, request.end, dates);
    const source = await readStretch(env, config, pieces, stretch, budget, now);
    noteSource(progress, stretch.start, source);
  }
}

async function readStretch(
  env: Stores,
  config: Config,
  pieces: Pieces<PlacedLiquidation>,
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
  pieces: Pieces<PlacedLiquidation>,
  { end }: Stretch,
  budget: Budget,
  archive: Config | null,
): Promise<void> {
  const { progress } = pieces;
  const batches = [...batchSources(date, fresh)];
  const day = new DayRows(env, { base, batches });
  const dayStart = Date.parse(date);
  const slices = archive === null ? slicesOf(dayStart, base, batches) : shortSlices(dayStart);
  for (const slice of slices) {
    const range = { start: Math.max(slice.start, progress.position), end: Math.min(slice.end, end) };
    if (range.start >= range.end) continue;
    if (isSpent(budget)) break;
    const stored = await day.read(range);
    const rows = archive === null ? stored : slicePlaces([stored, placed(await archivedRows(archive, range))], range, new Map());
    await pieces.add(rows);
    progress.position = range.end;
    budget.objects -= day.batchesIn(range).length + 2;
    budget.rows -= rows.length;
  }
  await pieces.flush();
}

function slicesOf(dayStart: number, base: DayContents["manifest"], batches: readonly BatchSource[]): readonly TimeRange[] {
  return base === null || batches.length > 0 ? planSlices(dayStart, batches, base) : fileSlices(dayStart, base.slices);
}

function shortSlices(dayStart: number): readonly TimeRange[] {
  return Array.from({ length: DAY_MS / MERGED_SLICE_MS }, (_, index) => {
    const start = dayStart + index * MERGED_SLICE_MS;
    return { start, end: start + MERGED_SLICE_MS };
  });
}

/** Rows of the archive in columns, as those of files are. */
function placed(rows: readonly Liquidation[]): readonly PlacedLiquidation[] {
  return placedLiquidations(storeRows(LIQUIDATION_FIELDS, rows));
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
  pieces: Pieces<PlacedLiquidation>,
  { start, end }: Stretch,
  budget: Budget,
): Promise<boolean> {
  const { progress, request } = pieces;
  const isWholeDay = start === progress.position && end - start === DAY_MS && (progress.after?.event_time ?? 0) < start;
  if (!isWholeDay || !isWhole(request) || manifest === null || fresh.length > 0) return false;
  if (manifest.schema_version !== SCHEMA_VERSION) return false;
  const holdsInferred = Object.values(manifest.exchanges).some(({ coverage }) => coverage.includes("inferred"));
  if (holdsInferred && !request.inferred) return false;
  const file = await PublishedRows.open(bucket, manifest, placeLiquidations);
  for (const [group, rows] of manifest.row_group_rows.entries()) {
    await pieces.copy(manifest.date, file.groupPieces(group), rows);
    budget.objects -= 2;
  }
  const { rows, first_event_time, last_event_time, exchanges } = manifest;
  progress.dates[manifest.date] = { rows, first_event_time, last_event_time, exchanges };
  progress.position = end;
  return true;
}

async function readArchive(
  config: Config,
  pieces: Pieces<PlacedLiquidation>,
  { start, end }: Stretch,
  budget: Budget,
): Promise<SourceOfRows> {
  const { progress, request } = pieces;
  if (missingVariables(config).length > 0) {
    progress.position = end;
    return "none";
  }
  const { symbols, exchanges, side, min_usd: minUsd, inferred } = request;
  const query = { start, end, symbols, exchanges, side, minUsd, inferred, order: "asc", limit: PAGE_ROWS } as const;
  while (progress.position < end && !isSpent(budget)) {
    const { rows, next } = await readLiquidations(config, { ...query, after: progress.after });
    for (const [, ofDate] of Map.groupBy(rows, (row) => utcDate(row.event_time))) await pieces.add(placed(ofDate));
    progress.after = next;
    progress.position = next?.event_time ?? end;
    budget.objects -= 1;
    budget.rows -= rows.length;
  }
  await pieces.flush();
  return "archive";
}

/** Rows that were read from the archive are not read again after the bucket has received them too. */
function isBehind(row: Pick<Liquidation, "event_time" | "event_id">, after: EventKey): boolean {
  return row.event_time > after.event_time || (row.event_time === after.event_time && row.event_id > after.event_id);
}
