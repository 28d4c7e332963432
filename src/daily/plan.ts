import { z } from "zod";
import { fileCoverage } from "../file-coverage.ts";
import { DAY_MS, MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { rowCounts } from "./row-counts.ts";
import { storedDailyManifest } from "./manifest.ts";

/** Rows of a slice are held in columns, about 500 bytes each. Rows of a group are not, see `encodeGroup`. */
export const SLICE_ROWS = 2_500;
/** Each batch is one request to the bucket. */
export const SLICE_BATCHES = 60;
/**
 * Consecutive slices that are read, sorted and stored together: what an object costs besides its rows, such as the start of each
 * of its columns in every set of columns of a group, takes as long as hundreds of rows.
 */
export const SLICES_AT_ONCE = 4;
/** How slices are joined, part of the id of a plan's pieces. Raise it with `slicesAtOnce`, so that pieces of both ways are not mixed. */
export const JOIN_VERSION = 2;
export const GROUP_ROWS = 50_000;

const batchRef = z.object({ key: z.string(), etag: z.string() });
const batchSource = batchRef.extend({ rows: z.int(), first_event_time: z.int(), last_event_time: z.int() }).readonly();

/** The batches that a published file contains, with the hash of that file. */
export const includedBatches = z.object({
  sha256: z.string(),
  batches: z.array(batchRef),
  /** Number of impacts known in D1 by hour of the day, at the time of planning. */
  hot_impacts: z.array(z.int()),
  /** The rows of the file; null in lists from before they were counted. */
  counts: rowCounts.nullable().default(null),
});

/** The plan of a day's file. It is written once and then followed to its end, whatever arrives in the meantime. */
export const dailyPlan = z.object({
  date: z.iso.date(),
  planned_time: z.int(),
  /** The published file, whose rows are reused; null where there is none. */
  base: storedDailyManifest.nullable(),
  /** Batches that the base contains. */
  included: z.array(batchRef),
  batches: z.array(batchSource),
  hot_impacts: z.array(z.int()),
  /**
   * The gaps that go into the file. They are part of the plan because a run that continues it has to write the same bytes;
   * null in plans from before files held their gaps.
   */
  coverage: fileCoverage.nullable().default(null),
  /** The whole day, in order. */
  slices: z.array(z.object({ start: z.int(), end: z.int() })),
});

export type BatchRef = z.output<typeof batchRef>;
export type BatchSource = z.output<typeof batchSource>;
export type IncludedBatches = z.output<typeof includedBatches>;
export type DailyPlan = z.output<typeof dailyPlan>;

interface RowsInTime {
  readonly rows: number;
  /** Both times lie within the day; the last one is the time of a row. */
  readonly first: number;
  readonly last: number;
}

/**
 * Cuts a day at whole minutes into slices of about `SLICE_ROWS` rows and `SLICE_BATCHES` new batches, assuming that the
 * rows of each source are spread evenly over its time. A slice spans at least one minute.
 */
export function planSlices(dayStart: number, batches: readonly BatchSource[], base: DailyPlan["base"]): readonly TimeRange[] {
  const minutes = DAY_MS / MINUTE_MS;
  const rows = new Float64Array(minutes);
  const objects = new Float64Array(minutes);
  const minuteOf = (time: number): number => Math.min(minutes - 1, Math.max(0, Math.floor((time - dayStart) / MINUTE_MS)));
  const spread = ({ rows: count, first, last }: RowsInTime): void => {
    const [from, to] = [minuteOf(first), minuteOf(last)];
    for (let minute = from; minute <= to; minute++) rows[minute] = (rows[minute] ?? 0) + count / (to - from + 1);
  };
  for (const { rows: count, first_event_time: first, last_event_time: last } of batches) {
    spread({ rows: count, first, last });
    objects[minuteOf(first)] = (objects[minuteOf(first)] ?? 0) + 1;
  }
  for (const { rows: count, from_time, to_time } of base?.slices ?? []) spread({ rows: count, first: from_time, last: to_time - 1 });

  const slices: TimeRange[] = [];
  let [start, heldRows, heldObjects] = [0, 0, 0];
  const cut = (end: number): void => {
    slices.push({ start: dayStart + start * MINUTE_MS, end: dayStart + end * MINUTE_MS });
    [start, heldRows, heldObjects] = [end, 0, 0];
  };
  for (let minute = 0; minute < minutes; minute++) {
    const [more, moreObjects] = [rows[minute] ?? 0, objects[minute] ?? 0];
    if (minute > start && (heldRows + more > SLICE_ROWS || heldObjects + moreObjects > SLICE_BATCHES)) cut(minute);
    heldRows += more;
    heldObjects += moreObjects;
  }
  cut(minutes);
  return slices;
}

/**
 * The slices of a plan that are read, sorted and stored together, in order. A slice of one minute stands alone: it is the only
 * kind that may exceed `SLICE_ROWS`, and several of them would not fit in memory.
 */
export function slicesAtOnce(slices: readonly TimeRange[]): readonly (readonly TimeRange[])[] {
  const together: TimeRange[][] = [];
  let hasRoom = false;
  for (const slice of slices) {
    const isAlone = slice.end - slice.start <= MINUTE_MS;
    const last = together.at(-1);
    if (hasRoom && !isAlone && last !== undefined) last.push(slice);
    else together.push([slice]);
    hasRoom = !isAlone && (together.at(-1)?.length ?? 0) < SLICES_AT_ONCE;
  }
  return together;
}

/** The time of consecutive slices. */
export function timeOf(slices: readonly TimeRange[]): TimeRange {
  const [first, last] = [slices[0], slices.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError("there are no slices");
  return { start: first.start, end: last.end };
}

export interface GroupPart {
  readonly slice: number;
  readonly offset: number;
  readonly rows: number;
}

/** The rows of the slices that make up each row group: all groups but the last are full. */
export function cutGroups(sliceRows: readonly number[], groupRows = GROUP_ROWS): readonly (readonly GroupPart[])[] {
  const groups: GroupPart[][] = [];
  let room = 0;
  for (const [slice, rows] of sliceRows.entries()) {
    for (let offset = 0; offset < rows;) {
      if (room === 0) {
        groups.push([]);
        room = groupRows;
      }
      const taken = Math.min(room, rows - offset);
      groups.at(-1)?.push({ slice, offset, rows: taken });
      offset += taken;
      room -= taken;
    }
  }
  return groups;
}

export interface FilePart {
  readonly group: number;
  readonly offset: number;
  readonly rows: number;
}

/** The place in a file's row groups of the rows from `first` on. */
export function rowsInGroups(groups: readonly number[], first: number, count: number): readonly FilePart[] {
  const parts: FilePart[] = [];
  let groupFirst = 0;
  for (const [group, rows] of groups.entries()) {
    const from = Math.max(first, groupFirst);
    const to = Math.min(first + count, groupFirst + rows);
    if (from < to) parts.push({ group, offset: from - groupFirst, rows: to - from });
    groupFirst += rows;
  }
  return parts;
}
