import { z } from "zod";
import { withCurrentNames } from "../daily/former-names.ts";
import { rowsSummary } from "../daily/slice-summary.ts";
import { GAP_REASONS } from "../gap.ts";
import { licence } from "../licence.ts";
import { COVERAGES, EXCHANGES } from "../liquidation-fields.ts";
import { exportRequest } from "./export-request.ts";

const time = z.int().meta({ description: "Milliseconds since 1970 UTC.", examples: [1_795_219_200_000] });
const exportId = z.string().meta({ description: "Id of the export.", examples: ["exp_51d2c7a09be34f6e8c1f0b7d93a4e265"] });

/** The reasons why a part of a range is not covered. */
export const UNCOVERED_CODES = ["archive_off", "archive_expired", "not_stored_yet", "gaps_unknown", "no_marks", "no_estimates"] as const;

export const uncovered = z
  .object({
    start: time,
    end: time.meta({ examples: [1_795_219_260_000] }),
    code: z.enum(UNCOVERED_CODES),
    detail: z.string().meta({
      description: "Description of the reason, for people.",
      examples: ["Rows of the last minute may not be stored yet."],
    }),
  })
  .readonly()
  .meta({ id: "Uncovered", description: "A part of an export's range that may lack rows, and the reason." });
export type Uncovered = z.output<typeof uncovered>;

/** The sources that rows are read from. */
export const SOURCES_OF_ROWS = ["daily_file", "batches", "archive", "d1", "none"] as const;

export const exportFile = z
  .object({
    name: z.string().meta({ description: "Name of the file.", examples: ["liquidations_20261120T000000Z_20261121T000000Z.parquet"] }),
    date: z.iso.date().nullable().meta({ description: "UTC date of the rows; null where the file holds the whole range." }),
    bytes: z.int().meta({ description: "Size of the file in bytes.", examples: [2_912_640] }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ description: "SHA-256 of the file, hexadecimal." }),
    content_type: z.string().meta({ description: "Media type of the file.", examples: ["application/vnd.apache.parquet"] }),
    rows: z.int().meta({ description: "Number of rows.", examples: [18_204] }),
    first_event_time: time.nullable().meta({ description: "Time of the first event, milliseconds since 1970 UTC; null without rows." }),
    last_event_time: time.nullable().meta({ description: "Time of the last event, milliseconds since 1970 UTC; null without rows." }),
  })
  .readonly()
  .meta({ id: "ExportFile", description: "A file of an export." });
export type ExportFile = z.output<typeof exportFile>;

/** The contents of an export, and what it does not cover. */
export const exportManifest = z
  .object({
    export_id: exportId,
    request: exportRequest,
    schema_version: z.int(),
    ...rowsSummary.unwrap().shape,
    files: z.array(exportFile),
    dates_without_rows: z
      .array(z.iso.date())
      .meta({ description: "UTC dates of the range without rows; gaps shows whether a venue was not connected on them." }),
    coverage: z
      .partialRecord(z.enum(EXCHANGES), z.enum(COVERAGES))
      .meta({ description: "Share of its liquidations that each venue's feed carries, by the venue's own documentation." }),
    gaps: z.array(z.object({ exchange: z.enum(EXCHANGES), from_time: time, to_time: time.nullable(), reason: z.enum(GAP_REASONS) })).meta({
      description:
        "Periods inside the range in which a venue was not connected, with their full length where they extend beyond the range.",
    }),
    gaps_truncated: z.boolean().meta({ description: "True where the list omits the oldest gaps because there are too many." }),
    not_covered: z.array(uncovered).meta({ description: "Parts of the range that may lack rows." }),
    sources: z.array(z.object({ start: time, end: time.meta({ examples: [1_795_219_260_000] }), source: z.enum(SOURCES_OF_ROWS) })).meta({
      description:
        "Sources of the rows by part of the range: a daily file, batches that are not in a daily file yet, the archive (Supabase), D1 for estimated totals and for minute marks without a daily file, or none.",
    }),
    licence: licence
      .nullable()
      .default(null)
      .meta({ description: "Terms of the data when the export was made; null where the operator stated none.", examples: [null] }),
    created_time: time,
  })
  .readonly()
  .meta({ id: "ExportManifest", description: "Contents of an export, and what it does not cover." });
/** A manifest as read from the bucket. */
export const storedExportManifest = z.preprocess(withCurrentNames, exportManifest);

export type ExportManifest = z.output<typeof exportManifest>;
