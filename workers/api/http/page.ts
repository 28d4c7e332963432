import * as z from "zod";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import type { TimedPlace } from "../../d1/timed-place.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "./cursor.ts";
import { LAST_TIME, MAX_RANGE_DAYS } from "./parameters.ts";

/** A place in a list: the sort key of a row, and any other state that the next page needs. */
export type Place = readonly (string | number)[];

/** The values in places. No store is asked for what it cannot read, such as a time beyond all dates. */
export const placeTime = z.int().min(0).max(LAST_TIME);
export const placeName = z.string().regex(/^\P{C}{1,300}$/u);

/** Whether a request could have this range; it may be widened to whole days. */
export function isPossibleRange(start: number, end: number): boolean {
  return start < end && end - start <= (MAX_RANGE_DAYS + 2) * DAY_MS;
}

/** The place before the first row of a list by time and id, newest first. */
export const NEWEST: readonly [time: number, id: string] = [Number.MAX_SAFE_INTEGER, ""];

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next_cursor: string | null;
}

/** One page of a list: where it starts, and how it is closed. */
export interface OpenPage<At extends Place> {
  /** The place from the previous page; null on the first one. */
  readonly after: At | null;
  /** Number of rows to read: one more than are shown, to detect a next page. */
  readonly rowsToRead: number;
  /**
   * Returns the requested number of rows.
   * @param placeOf the start of the next page, from the last row shown and the first one not shown
   * @param stoppedAt the start of the next page where reading stopped before this one was full; null where it did not
   */
  close<Row>(found: readonly Row[], placeOf: (last: Row, next: Row) => Place, stoppedAt?: Place | null): Page<Row>;
}

/**
 * Opens the page of a query. Its cursor is bound to the path and to all parameters except the page size.
 * @param bound further values that the cursor is bound to
 * @throws {ProblemError} 400 where the cursor is invalid or belongs to another query
 */
export async function openPage<At extends Place>(
  path: string,
  query: PageQuery,
  place: z.ZodType<At>,
  bound: Readonly<Record<string, unknown>> = {},
): Promise<OpenPage<At>> {
  const fingerprint = await queryFingerprint(path, { ...query, ...bound });
  return {
    after: query.cursor === undefined ? null : decodeCursor(query.cursor, fingerprint, place),
    rowsToRead: query.limit + 1,
    close(found, placeOf, stoppedAt = null) {
      if (stoppedAt !== null && found.length <= query.limit) {
        return { rows: found, next_cursor: encodeCursor(fingerprint, stoppedAt) };
      }
      const rows = found.slice(0, query.limit);
      const last = rows.at(-1);
      const next = found[query.limit];
      const isEnd = last === undefined || next === undefined;
      return { rows, next_cursor: isEnd ? null : encodeCursor(fingerprint, placeOf(last, next)) };
    },
  };
}

const rangePlace = z
  .tuple([placeTime, placeTime, placeTime, placeName])
  .refine(([start, end, time]) => isPossibleRange(start, end) && time < end);

/** One page of a list by time and name within a range. */
export interface OpenRangePage {
  /** The range of the first page, also on later pages. */
  readonly range: TimeRange;
  readonly after: TimedPlace | null;
  readonly rowsToRead: number;
  /** @param placeOf the place of a row: its time and name */
  close<Row>(found: readonly Row[], placeOf: (row: Row) => readonly [time: number, name: string], stoppedAt?: Place | null): Page<Row>;
}

/** @param firstRange the range of the first page */
export async function openRangePage(path: string, query: PageQuery, firstRange: () => TimeRange): Promise<OpenRangePage> {
  const { after, rowsToRead, close } = await openPage(path, query, rangePlace);
  const range = after === null ? firstRange() : { start: after[0], end: after[1] };
  return {
    range,
    after: after === null ? null : { time: after[2], name: after[3] },
    rowsToRead,
    close: (found, placeOf, stoppedAt = null) =>
      close(
        found,
        (last) => [range.start, range.end, ...placeOf(last)],
        stoppedAt === null ? null : [range.start, range.end, ...stoppedAt],
      ),
  };
}
