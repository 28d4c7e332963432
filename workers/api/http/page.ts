import * as z from "zod";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import type { TimedPlace } from "../../d1/timed-place.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "./cursor.ts";

/** A place in a list: what the rows are ordered by, and whatever else the next page has to know. */
export type Place = readonly (string | number)[];

/** Before the first row of a list by time and id, the newest first. */
export const NEWEST: readonly [time: number, id: string] = [Number.MAX_SAFE_INTEGER, ""];

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next_cursor: string | null;
}

/** One page of a list: from where it goes on, and how it is closed. */
export interface OpenPage<At extends Place> {
  /** The place that the page before it gave out; null on the first. */
  readonly after: At | null;
  /** Rows to read: one more than are shown, which tells whether there is a next page. */
  readonly rowsToRead: number;
  /**
   * Shows as many rows as were asked for.
   * @param placeOf where the next page goes on, from the last row shown and the first that is not
   */
  close<Row>(found: readonly Row[], placeOf: (last: Row, next: Row) => Place): Page<Row>;
}

/**
 * Opens the page that a query asks for. Its cursor is bound to the path and to everything asked save the page's size.
 * @param bound more that the cursor is bound to
 * @throws {ProblemError} 400 where the cursor is none, or one of another query
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
    close(found, placeOf) {
      const rows = found.slice(0, query.limit);
      const last = rows.at(-1);
      const next = found[query.limit];
      const isEnd = last === undefined || next === undefined;
      return { rows, next_cursor: isEnd ? null : encodeCursor(fingerprint, placeOf(last, next)) };
    },
  };
}

const rangePlace = z.tuple([z.int(), z.int(), z.int(), z.string()]);

/** One page of a list by time and name within a range. */
export interface OpenRangePage {
  /** Of the first page, whatever the time is at the next. */
  readonly range: TimeRange;
  readonly after: TimedPlace | null;
  readonly rowsToRead: number;
  /** @param placeOf a row's own place: its time and name */
  close<Row>(found: readonly Row[], placeOf: (row: Row) => readonly [time: number, name: string]): Page<Row>;
}

/** @param firstRange the range that the first page is of */
export async function openRangePage(path: string, query: PageQuery, firstRange: () => TimeRange): Promise<OpenRangePage> {
  const { after, rowsToRead, close } = await openPage(path, query, rangePlace);
  const range = after === null ? firstRange() : { start: after[0], end: after[1] };
  return {
    range,
    after: after === null ? null : { time: after[2], name: after[3] },
    rowsToRead,
    close: (found, placeOf) => close(found, (last) => [range.start, range.end, ...placeOf(last)]),
  };
}
