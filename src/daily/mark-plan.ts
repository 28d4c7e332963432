import { z } from "zod";
import { fileCoverage } from "../file-coverage.ts";
import { DAY_MS, MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { markManifest } from "./mark-manifest.ts";

/** Rows of a row group, which are objects of about 200 bytes while it is made. */
export const MARK_GROUP_ROWS = 50_000;

/** The plan of a day's file of minute marks. It is written once and then followed to its end. */
export const markPlan = z.object({
  date: z.iso.date(),
  planned_time: z.int(),
  /** The reports of the day's marks when it was planned; what came later is planned again. */
  reports: z.int(),
  /** The published file, whose rows are reused; null where there is none. */
  base: markManifest.nullable(),
  /** The gaps that go into the file, as in the plan of liquidations; null in plans from before files of marks held them. */
  coverage: fileCoverage.omit({ coverage: true }).nullable().default(null),
  /** The whole day, in order: one row group each. */
  slices: z.array(z.object({ start: z.int(), end: z.int() })),
});
export type MarkPlan = z.output<typeof markPlan>;

/**
 * Cuts a day into equal slices that divide it, as long as fits a row group. The cut follows from what the file holds, so
 * that the same marks give the same bytes, however often the file was made before.
 * @param paths the number of pairs of a base asset and a venue with a mark on the day
 */
export function sliceMarks(dayStart: number, paths: number, groupRows = MARK_GROUP_ROWS): readonly TimeRange[] {
  const dayMinutes = DAY_MS / MINUTE_MS;
  let minutes = dayMinutes;
  while (minutes > 1 && (dayMinutes % minutes !== 0 || paths * minutes > groupRows)) minutes -= 1;
  return Array.from({ length: dayMinutes / minutes }, (_, index) => {
    const start = dayStart + index * minutes * MINUTE_MS;
    return { start, end: start + minutes * MINUTE_MS };
  });
}
