import { GAP_REASONS } from "../gap.ts";
import { z } from "zod";
import { EXCHANGES } from "../liquidation-fields.ts";
import { licence } from "../licence.ts";
import { withCurrentNames } from "./former-names.ts";
import { completeness } from "./completeness.ts";
import { rowsSummary } from "./slice-summary.ts";

/** A period in which a venue was not connected. */
export const datedGap = z.object({
  exchange: z.enum(EXCHANGES),
  from_time: z.int().meta({ examples: [1_795_170_000_000] }),
  to_time: z
    .int()
    .nullable()
    .meta({ examples: [1_795_170_043_000] }),
  reason: z.enum(GAP_REASONS),
});

/**
 * The contents of a daily file. The file is written before its manifest, so it is valid only if its SHA-256 equals the
 * one in the manifest; a reader that sees a difference must wait.
 */
export const dailyManifest = z
  .object({
    date: z.iso.date(),
    file: z.string(),
    bytes: z.int().meta({ description: "Size of the file in bytes.", examples: [2_912_640] }),
    /** SHA-256 of the file, hexadecimal. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    schema_version: z.int().meta({ description: "Version of the list of fields.", examples: [1] }),
    ...rowsSummary.unwrap().shape,
    /** Periods of the day in which a venue was not connected, with their full length where they extend beyond the day. */
    gaps: z.array(datedGap),
    /** True where the list omits the oldest gaps because there are too many. */
    gaps_truncated: z.boolean(),
    completeness: completeness.nullable().meta({
      description: "Comparison of the file's rows with other counts; null for files from before rows were compared.",
    }),
    ledger: z
      .object({
        sequence: z.int(),
        hash: z.string(),
        grades_sequence: z.int().nullable(),
        grades_hash: z.string().nullable(),
        anchored_time: z.int(),
      })
      .nullable()
      .meta({
        examples: [
          {
            sequence: 17,
            hash: "5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652",
            grades_sequence: 81,
            grades_hash: "9c1d5f2b0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652",
            anchored_time: 1_795_219_260_000,
          },
        ],
        description:
          "The last decision and the last grade of the ledger of signals when the day had ended: their sequence numbers and hashes, and when they were read. null for files from before the ledger was anchored; the grade is null for files from before grades were chained.",
      }),
    licence: licence
      .nullable()
      .default(null)
      .meta({ description: "Terms of the data when the file was made; null where the operator stated none.", examples: [null] }),
    /** Number of batch objects with rows in the file. */
    source_batches: z.int().meta({ description: "Number of batches with rows in the file.", examples: [4_102] }),
    created_time: z
      .int()
      .meta({ description: "Time at which the file was planned, milliseconds since 1970 UTC.", examples: [1_795_220_100_000] }),
    row_group_rows: z.array(z.int()),
    /** Number of rows by time, in the order of the file, to find where a part of the day begins. */
    slices: z.array(z.object({ from_time: z.int(), to_time: z.int(), rows: z.int() })),
  })
  .readonly();

/** A manifest as read from the bucket. */
export const storedDailyManifest = z.preprocess(withCurrentNames, dailyManifest);

export type DailyManifest = z.output<typeof dailyManifest>;
