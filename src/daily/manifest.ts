import { GAP_REASONS } from "../gap.ts";
import { z } from "zod";
import { EXCHANGES } from "../liquidation-fields.ts";
import { rowsSummary } from "./slice-summary.ts";

const gap = z.object({
  exchange: z.enum(EXCHANGES),
  from_time: z.int(),
  to_time: z.int().nullable(),
  reason: z.enum(GAP_REASONS),
});

/**
 * What a daily file holds. The file is whole only where its SHA-256 is the manifest's: the file is put first, so that
 * a reader between the two knows to wait.
 */
export const dailyManifest = z
  .object({
    date: z.iso.date(),
    file: z.string(),
    bytes: z.int(),
    /** Of the file, hexadecimal. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    schema_version: z.int(),
    ...rowsSummary.unwrap().shape,
    /** Stretches of the day in which a venue was not heard, whole where they reach out of it. */
    gaps: z.array(gap),
    /** True where the day has so many gaps that its oldest are left out. */
    gaps_truncated: z.boolean(),
    /** Batch objects whose rows are in the file. */
    source_batches: z.int(),
    made_time: z.int(),
    row_group_rows: z.array(z.int()),
    /** Rows by time, in the file's order: where in the file a stretch of the day begins. */
    slices: z.array(z.object({ from_time: z.int(), to_time: z.int(), rows: z.int() })),
  })
  .readonly();

export type DailyManifest = z.output<typeof dailyManifest>;
