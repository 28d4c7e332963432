import * as z from "zod";
import { DATASET_KINDS } from "../../../src/daily/dataset-kind.ts";
import { dailyManifest } from "../../../src/daily/manifest.ts";
import { markManifest } from "../../../src/daily/mark-manifest.ts";
import type { DatasetChange } from "../../d1/dataset-changes.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const PATH_EXAMPLES = {
  liquidations: "/v1/datasets/2026-11-20/files/liquidation_20261120.parquet",
  minute_marks: "/v1/datasets/2026-11-20/files/minute_marks_20261120.parquet",
} as const;

const served = (kind: keyof typeof PATH_EXAMPLES) => ({
  row_groups: z.int().meta({ description: "Number of row groups of the file.", examples: [1] }),
  free: z.boolean().meta({ description: "True where the download needs no API key." }),
  path: z.string().meta({ description: "Path of the file.", examples: [PATH_EXAMPLES[kind]] }),
});
const inBucket = { file: true, slices: true, row_group_rows: true } as const;
const whole = { gaps: true, gaps_truncated: true } as const;

const liquidationManifest = z.object({
  kind: z.literal("liquidations").meta({ description: "The file holds liquidations." }),
  ...dailyManifest.unwrap().omit(inBucket).shape,
  ...served("liquidations"),
});
const marksManifest = z.object({ ...markManifest.unwrap().omit(inBucket).shape, ...served("minute_marks") });

export const datasetSchema = z.discriminatedUnion("kind", [
  liquidationManifest.omit(whole).meta({ id: "Dataset", description: "The Parquet file of the liquidations of one UTC day." }),
  marksManifest.omit(whole).meta({ id: "MarkDataset", description: "The Parquet file of the minute marks of one UTC day." }),
]);
export const manifestSchema = z.discriminatedUnion("kind", [
  liquidationManifest.meta({ id: "DatasetManifest", description: "The manifest of one UTC day's file of liquidations." }),
  marksManifest.meta({ id: "MarkDatasetManifest", description: "The manifest of one UTC day's file of minute marks." }),
]);
export type ShownManifest = z.output<typeof manifestSchema>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const datasetChangeSchema = z
  .object({
    kind: z.enum(DATASET_KINDS).meta({ description: "Content of the file." }),
    sequence: z.int().meta({ description: "Number of the change; later changes have larger numbers.", examples: [17] }),
    date: z.iso.date().meta({ description: "UTC date of the file." }),
    changed_time: timeMs.meta({ description: "Time at which the file was planned, milliseconds since 1970 UTC." }),
    old_sha256: sha256.nullable().meta({ description: "SHA-256 of the file before; null for the first file of the day." }),
    new_sha256: sha256.meta({ description: "SHA-256 of the file since." }),
    rows: z.int().meta({ description: "Number of rows of the new file.", examples: [18_204] }),
    bytes: z.int().meta({ description: "Size of the new file in bytes.", examples: [2_912_640] }),
  } satisfies FieldsOf<DatasetChange>)
  .meta({
    id: "DatasetChange",
    description: "A daily file that was made, or made again.",
    examples: [
      {
        kind: "liquidations",
        sequence: 17,
        date: "2026-11-20",
        changed_time: 1_795_306_500_000,
        old_sha256: "0c5f1e2d3b4a59687786958473625140f1e2d3c4b5a69788796a5b4c3d2e1f00",
        new_sha256: "5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652",
        rows: 18_204,
        bytes: 2_912_640,
      },
    ],
  });
