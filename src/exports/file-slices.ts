import { DAY_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";

/**
 * Number of rows that an export reads of a daily file at once, as columns of about 500 bytes a row. Each time the reader
 * copies the row group into its memory and passes over the rows before, so few large slices are read faster than many small
 * ones.
 */
const FILE_SLICE_ROWS = 12_500;

/** A slice of a daily file, as its manifest lists them, in order. */
interface SliceOfFile {
  readonly from_time: number;
  readonly rows: number;
}

/**
 * Cuts a day into slices for reading its file: the file's own slices, several together up to `FILE_SLICE_ROWS` rows. They
 * cover the whole day.
 */
export function fileSlices(dayStart: number, slices: readonly SliceOfFile[], maxRows = FILE_SLICE_ROWS): readonly TimeRange[] {
  const starts = [dayStart];
  let held = 0;
  for (const { from_time, rows } of slices) {
    if (held > 0 && held + rows > maxRows) {
      starts.push(from_time);
      held = 0;
    }
    held += rows;
  }
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? dayStart + DAY_MS }));
}
