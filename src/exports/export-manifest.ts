import { z } from "zod";
import { rowsSummary } from "../daily/slice-summary.ts";
import { GAP_REASONS } from "../gap.ts";
import { COVERAGES, EXCHANGES } from "../liquidation-fields.ts";
import { exportRequest } from "./export-request.ts";

const time = z.int().meta({ description: "Milliseconds since 1970 UTC.", examples: [1_795_219_200_000] });
const exportId = z.string().meta({ description: "The export's id.", examples: ["exp_51d2c7a09be34f6e8c1f0b7d93a4e265"] });

/** Why a part of a range is in no file. */
export const UNCOVERED_CODES = ["archive_off", "archive_expired", "not_stored_yet", "gaps_unknown"] as const;

export const uncovered = z
  .object({ start: time, end: time, code: z.enum(UNCOVERED_CODES), detail: z.string().meta({ description: "The same for people." }) })
  .readonly()
  .meta({ id: "Uncovered", description: "A part of an export's range that may lack liquidations, and why." });
export type Uncovered = z.output<typeof uncovered>;

/** Where the rows of a part of the range were read from. */
export const SOURCES_OF_ROWS = ["daily_file", "batches", "archive", "none"] as const;

export const exportFile = z
  .object({
    name: z.string().meta({ examples: ["liquidations_20261120T000000Z_20261121T000000Z.parquet"] }),
    date: z.iso.date().nullable().meta({ description: "The UTC date whose rows it holds; null where it holds all." }),
    bytes: z.int().meta({ examples: [2_912_640] }),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    content_type: z.string().meta({ examples: ["application/vnd.apache.parquet"] }),
    rows: z.int().meta({ examples: [18_204] }),
    first_event_time: time.nullable(),
    last_event_time: time.nullable(),
  })
  .readonly()
  .meta({ id: "ExportFile" });
export type ExportFile = z.output<typeof exportFile>;

/** What an export holds and what it does not. */
export const exportManifest = z
  .object({
    export_id: exportId,
    request: exportRequest,
    schema_version: z.int(),
    ...rowsSummary.unwrap().shape,
    files: z.array(exportFile),
    dates_without_rows: z
      .array(z.iso.date())
      .meta({ description: "UTC dates of the range without a row; whether they were quiet, the gaps say." }),
    coverage: z
      .partialRecord(z.enum(EXCHANGES), z.enum(COVERAGES))
      .meta({ description: "What each venue's feed carries of that venue's liquidations, by the venue's own word." }),
    gaps: z
      .array(z.object({ exchange: z.enum(EXCHANGES), from_time: time, to_time: time.nullable(), reason: z.enum(GAP_REASONS) }))
      .meta({ description: "Stretches of the range in which a venue was not heard, whole where they reach out of it." }),
    gaps_truncated: z.boolean(),
    not_covered: z.array(uncovered),
    sources: z
      .array(z.object({ start: time, end: time, source: z.enum(SOURCES_OF_ROWS) }))
      .meta({ description: "Where the rows were read from: a daily file, batches not in one yet, the archive (Supabase), or nowhere." }),
    made_time: time,
  })
  .readonly()
  .meta({ id: "ExportManifest", description: "What an export holds and what it does not." });
export type ExportManifest = z.output<typeof exportManifest>;
