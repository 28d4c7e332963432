import { utcDate } from "../../src/batch-object.ts";
import { markManifestKey } from "../../src/daily/mark-keys.ts";
import { markManifest } from "../../src/daily/mark-manifest.ts";
import { sliceMarks } from "../../src/daily/mark-plan.ts";
import { summarizeMarks } from "../../src/daily/mark-summary.ts";
import type { RowsSummary } from "../../src/daily/slice-summary.ts";
import type { Uncovered } from "../../src/exports/export-manifest.ts";
import type { ExportProgress, SourceOfRows } from "../../src/exports/export-progress.ts";
import { type ExportRequest, datesOf } from "../../src/exports/export-request.ts";
import { LATE_MARKS_MS } from "../../src/lateness.ts";
import { MINUTE_MARK_FIELDS } from "../../src/minute-mark-fields.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { type RowPlace, storeRows } from "../../src/parquet/stored-rows.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { lastRowsByDate } from "../d1/dataset-changes.ts";
import { knownDays } from "../d1/mark-days.ts";
import { type MarkFilter, countMarks, markPairs } from "../d1/mark-reads.ts";
import { type Budget, isSpent } from "../../src/work-budgets.ts";
import { datasetDates } from "../daily/dataset-files.ts";
import { MarkDayRows } from "../daily/marks/mark-day-rows.ts";
import { MARK_FILES, trustedManifestOf } from "../daily/published-file.ts";
import type { Stores } from "../daily/stores.ts";
import { readJson } from "../r2/bucket.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import type { ExportRow } from "./export-rows.ts";
import { PIECE_ROWS, Pieces, noteSource } from "./pieces.ts";

/** A minute's mark is stored within this time after the minute: the feed's next batch interval, of at most a minute. */
const STORED_WITHIN_MS = MINUTE_MS + LATE_MARKS_MS;

/** Reads the minute marks of an export into pieces, until all are read or the budget is spent. */
export async function readMarksIntoPieces(
  env: Stores,
  { export_id: id, request }: Pick<ExportRow, "export_id" | "request">,
  progress: ExportProgress,
  budget: Budget,
): Promise<void> {
  loadParquet();
  const pieces = new Pieces<MinuteMark & RowPlace>(env.BUCKET, id, request, progress, {
    timeOf: ({ minute }) => minute,
    isWanted: () => true,
    summarize: summaryOf,
  });
  while (progress.position < request.end && !isSpent(budget)) {
    const start = progress.position;
    const source = await readDay(env, pieces, budget);
    noteSource(progress, start, source);
  }
}

/** Reads the rest of the day of the position. */
async function readDay(env: Stores, pieces: Pieces<MinuteMark & RowPlace>, budget: Budget): Promise<SourceOfRows> {
  const { progress, request } = pieces;
  const date = utcDate(progress.position);
  const dayStart = Date.parse(date);
  const day = { start: dayStart, end: dayStart + DAY_MS };
  const manifest = await trustedManifestOf(env.BUCKET, MARK_FILES, date);
  const hot = await markPairs(env.DB, day, request);
  budget.objects -= 2;
  if (manifest === null && hot.length === 0) {
    progress.position = Math.min(request.end, day.end);
    return "none";
  }
  const filed = Object.values(manifest?.exchanges ?? {}).reduce((sum, { symbols }) => sum + Object.keys(symbols).length, 0);
  const stored = new MarkDayRows(env, manifest);
  for (const slice of sliceMarks(dayStart, Math.max(filed, hot.length), PIECE_ROWS)) {
    const range = { start: Math.max(slice.start, progress.position), end: Math.min(slice.end, request.end) };
    if (range.start >= range.end) continue;
    if (isSpent(budget)) break;
    const marks = await stored.read(range, request);
    const rows = storeRows(MINUTE_MARK_FIELDS, marks);
    await pieces.add(marks.map((mark, row) => ({ ...mark, rows, row })));
    progress.position = range.end;
    budget.objects -= 2;
    budget.rows -= marks.length;
  }
  await pieces.flush();
  return manifest === null ? "d1" : "daily_file";
}

/** Marks have no coverage of their own: a venue has its mark price or it has none. */
function summaryOf(marks: readonly MinuteMark[]): RowsSummary {
  const { rows, first_minute, last_minute, exchanges } = summarizeMarks(marks);
  const venues = Object.entries(exchanges).map(([name, { minutes }]) => [
    name,
    { rows: Object.values(minutes).reduce((sum, count) => sum + count, 0), coverage: [] },
  ]);
  return { rows, first_event_time: first_minute, last_event_time: last_minute, exchanges: Object.fromEntries(venues) };
}

/** The parts of a range without stored minute marks: days that have no file and that D1 does not know. */
export async function lackingMarks({ BUCKET, DB }: Stores, range: TimeRange): Promise<readonly Uncovered[]> {
  const days = (await knownDays(DB)).map((day) => utcDate(day));
  const known = new Set([...(await datasetDates(BUCKET, "minute_marks")), ...days]);
  const lacking: TimeRange[] = [];
  for (const date of datesOf(range).filter((one) => !known.has(one))) {
    const start = Math.max(range.start, Date.parse(date));
    const part = { start, end: Math.min(range.end, Date.parse(date) + DAY_MS) };
    const last = lacking.at(-1);
    if (last?.end === part.start) lacking[lacking.length - 1] = { start: last.start, end: part.end };
    else lacking.push(part);
  }
  return lacking.map(({ start, end }): Uncovered => {
    const detail = `No minute mark from ${new Date(start).toISOString()} to ${new Date(end).toISOString()} is stored.`;
    return { start, end, code: "no_marks", detail };
  });
}

/** The end of a range whose minutes may not be stored yet. Call this before reading them. */
export function marksNotStoredYet({ start, end }: TimeRange, now: number): readonly Uncovered[] {
  const from = Math.max(start, now - STORED_WITHIN_MS);
  if (from >= end) return [];
  return [{ start: from, end, code: "not_stored_yet", detail: "Minute marks of the last minute may not be stored yet." }];
}

export interface MarkCount {
  readonly rows: number;
  /** True where the rows were counted with the very filters of the export. */
  readonly exact: boolean;
}

/**
 * The number of minute marks of an export. Days with a file count with the rows of the file; of a part of such a day, or of
 * some base assets and venues, the count is the share of the time and of the pairs of the newest file of the range.
 */
export async function estimateMarks(env: Stores, request: ExportRequest): Promise<MarkCount> {
  const filed = await lastRowsByDate(env.DB, "minute_marks", request);
  let [counted, ofFiles, isWhole] = [0, 0, true];
  for (const date of datesOf(request)) {
    const start = Date.parse(date);
    const part = { start: Math.max(request.start, start), end: Math.min(request.end, start + DAY_MS) };
    const rows = filed.get(date);
    if (rows === undefined) counted += await countMarks(env.DB, part, request);
    else {
      isWhole &&= part.end - part.start === DAY_MS;
      ofFiles += (rows * (part.end - part.start)) / DAY_MS;
    }
  }
  const newest = [...filed.keys()].toSorted().at(-1);
  const share = newest === undefined || isUnfiltered(request) ? 1 : await pairShare(env, request, newest);
  return { rows: counted + Math.round(ofFiles * share), exact: newest === undefined || (isWhole && isUnfiltered(request)) };
}

function isUnfiltered({ symbols, exchanges }: MarkFilter): boolean {
  return symbols === null && exchanges === null;
}

/** The share of a file's rows that is of these base assets and venues. */
async function pairShare({ BUCKET }: Stores, filter: MarkFilter, date: string): Promise<number> {
  const manifest = await readJson(BUCKET, markManifestKey(date), markManifest);
  if (manifest === null || manifest.rows === 0) return 1;
  let wanted = 0;
  for (const [exchange, { symbols }] of Object.entries(manifest.exchanges)) {
    if (filter.exchanges !== null && !filter.exchanges.some((name) => name === exchange)) continue;
    for (const [symbol, count] of Object.entries(symbols)) if (filter.symbols?.includes(symbol) ?? true) wanted += count;
  }
  return wanted / manifest.rows;
}
