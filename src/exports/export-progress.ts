import { z } from "zod";
import { rowsSummary } from "../daily/slice-summary.ts";
import { SOURCES_OF_ROWS, exportFile, uncovered } from "./export-manifest.ts";

/** The progress of an export: everything that any worker needs to continue it. */
export const exportProgress = z.object({
  /** Every event before this time is in a piece. */
  position: z.int(),
  /** The last archive row read, where its time is `position`: more rows of the same time may follow. */
  after: z.object({ event_time: z.int(), event_id: z.string() }).nullable(),
  /** The pieces: objects with rows of one date each. */
  pieces: z.array(z.object({ key: z.string(), date: z.iso.date(), rows: z.int(), bytes: z.int() })),
  /** A summary of the pieces of each date. */
  dates: z.record(z.string(), rowsSummary),
  sources: z.array(z.object({ start: z.int(), end: z.int(), source: z.enum(SOURCES_OF_ROWS) })),
  not_covered: z.array(uncovered),
  files: z.array(exportFile),
});

export type ExportProgress = z.output<typeof exportProgress>;
export type SourceOfRows = ExportProgress["sources"][number]["source"];

export function startingProgress(start: number): ExportProgress {
  return { position: start, after: null, pieces: [], dates: {}, sources: [], not_covered: [], files: [] };
}
