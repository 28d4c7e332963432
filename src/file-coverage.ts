import { z } from "zod";
import { GAP_REASONS, type Gap } from "./gap.ts";
import { COVERAGES, EXCHANGES } from "./liquidation-fields.ts";
import type { TimeRange } from "./windows/range-parts.ts";

const time = z.int();

/** A gap cut to the range of a file: both ends are known, so it never goes out of date. */
export const gapInFile = z.object({ exchange: z.enum(EXCHANGES), from_time: time, to_time: time, reason: z.enum(GAP_REASONS) });
export type GapInFile = z.output<typeof gapInFile>;

/**
 * What a file of liquidations covers (one of minute marks without `coverage`), in the metadata of the file itself: a copy without its manifest still says what it
 * lacks. It holds no time of its writing, so that the same rows and gaps give the same bytes; a gap that became known
 * later is only in the manifest. Times in ms; the range is half-open.
 */
export const fileCoverage = z.object({
  start: time,
  end: time,
  /** The venues that were collected, with the share of their liquidations that their feeds carry. */
  coverage: z.partialRecord(z.enum(EXCHANGES), z.enum(COVERAGES)),
  gaps: z.array(gapInFile),
  /** True where the list omits the oldest gaps because there are too many. */
  gaps_truncated: z.boolean(),
});
export type FileCoverage = z.output<typeof fileCoverage>;

/** The gaps of a range, cut to it, oldest first. */
export function cutGaps(gaps: readonly Gap[], { start, end }: TimeRange): GapInFile[] {
  const cut = gaps.map(({ exchange, from_time, to_time, reason }) => ({
    exchange,
    from_time: Math.max(from_time, start),
    to_time: Math.min(to_time ?? end, end),
    reason,
  }));
  return cut
    .filter(({ from_time, to_time }) => from_time < to_time)
    .toSorted((a, b) => a.from_time - b.from_time || EXCHANGES.indexOf(a.exchange) - EXCHANGES.indexOf(b.exchange));
}
