import * as z from "zod";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { dailyManifest, storedDailyManifest } from "../../../src/daily/manifest.ts";
import { PARQUET_CONTENT_TYPE } from "../../../src/parquet/encode.ts";
import { requireAccess } from "../http/require-access.ts";
import { fileDates } from "../../daily/day-contents.ts";
import { trustedManifest } from "../../daily/published-file.ts";
import { readJson } from "../../r2/bucket.ts";
import type { ApiContext } from "../http/api-env.ts";
import { type DatasetChange, datasetChanges } from "../../d1/dataset-changes.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "../schemas/fields-of.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { openPage } from "../http/page.ts";
import { fileOperation } from "../http/file-operation.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError } from "../http/problem.ts";

const PATH = "/v1/datasets";
/** Each day is one request to the bucket. */
const MAX_DAYS = 100;

const shownManifest = z.object({
  ...dailyManifest.unwrap().omit({ file: true, slices: true, row_group_rows: true }).shape,
  row_groups: z.int().meta({ description: "Number of row groups of the file.", examples: [1] }),
  free: z.boolean().meta({ description: "True where the download needs no API key." }),
  path: z.string().meta({
    description: "Path of the file.",
    examples: ["/v1/datasets/2026-11-20/files/liquidation_20261120.parquet"],
  }),
});
const datasetSchema = shownManifest
  .omit({ gaps: true, gaps_truncated: true })
  .meta({ id: "Dataset", description: "The Parquet file of one UTC day." });
const manifestSchema = shownManifest.meta({ id: "DatasetManifest", description: "The manifest of one UTC day's file." });

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const changeSchema = z
  .object({
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

const byDate = z.strictObject({
  date: z.iso
    .date({ error: "must be a UTC date such as 2026-11-20" })
    .meta({ description: "UTC date of the file.", example: "2026-11-20" }),
});

/** Whole days as Parquet files. The free sample needs no key, whatever PUBLIC_READ says. */
export const datasetRoutes: readonly Operation[] = [
  jsonOperation({
    path: PATH,
    id: "listDatasets",
    tag: "Datasets",
    summary: "List datasets",
    description: "Returns the days with a complete file, newest first. A day appears after it has ended (UTC) and its file is complete.",
    query: z.strictObject({
      limit: parameters.limit
        .default(30)
        .refine((limit) => limit <= MAX_DAYS, `must be a whole number from 1 to ${MAX_DAYS}`)
        .meta({ override: { type: "integer", minimum: 1, maximum: MAX_DAYS, default: 30 } }),
      cursor: parameters.cursor.optional(),
    }),
    data: z.array(datasetSchema),
    answer: async (c, { query }) => {
      const page = await openPage(PATH, query, z.tuple([z.iso.date()]));
      const [before] = page.after ?? ["9999"];
      const dates = (await fileDates(c.env.BUCKET)).filter((date) => date < before).toReversed();
      const { rows: shown, next_cursor } = page.close(dates, (last) => [last]);
      const manifests = await Promise.all(shown.map((date) => readJson(c.env.BUCKET, dailyManifestKey(date), storedDailyManifest)));
      const data = manifests.flatMap((manifest) => (manifest === null ? [] : [datasetSchema.parse(shownDay(c, manifest))]));
      return { data, meta: { count: data.length, next_cursor, coverage: coverageOf(c.get("config")) } };
    },
  }),
  jsonOperation({
    path: `${PATH}/changes`,
    id: "listDatasetChanges",
    tag: "Datasets",
    summary: "List changes of datasets",
    description:
      "Returns each daily file that was made, oldest first, and each that was made again because rows came late, with its old and new SHA-256. To follow the changes, keep the `sequence` of the last one and send it as `after`: a file with an old hash is outdated, and the day should be downloaded again. The new file may take a moment longer to appear than its change.",
    query: z.strictObject({
      after: z
        .string()
        .refine((text) => /^\d{1,9}$/.test(text), "must be the sequence of a change, or 0")
        .transform(Number)
        .meta({ description: "Sequence of the last change that is known; 0 for all.", override: { type: "integer", minimum: 0 } })
        .default(0),
      limit: parameters.limit.default(100),
      cursor: parameters.cursor.optional(),
    }),
    example: { query: { after: "0", limit: "10" } },
    data: z.array(changeSchema),
    answer: async (c, { query }) => {
      const page = await openPage(`${PATH}/changes`, query, z.tuple([z.int().min(1).max(999_999_999)]));
      const found = await datasetChanges(c.env.DB, page.after?.[0] ?? query.after, page.rowsToRead);
      const { rows, next_cursor } = page.close(found, (last) => [last.sequence]);
      return { data: rows, meta: { count: rows.length, next_cursor, coverage: coverageOf(c.get("config")) } };
    },
  }),
  jsonOperation({
    path: `${PATH}/{date}`,
    access: "open",
    needs: "read",
    id: "getDataset",
    tag: "Datasets",
    summary: "Get the manifest of a dataset",
    description:
      "Returns rows, bytes, SHA-256, first and last time, rows and coverage by venue, and gaps of one day's file. Trust a file only if its hash equals the one in this manifest.",
    params: byDate,
    problems: ["unauthorized", "not_found"],
    data: manifestSchema,
    answer: async (c, { params: { date } }) => {
      requireAccess(c, isFree(c, date) ? "open" : "read");
      const data = shownDay(c, await manifestOf(c, date));
      const { gaps, gaps_truncated } = data;
      return { data, meta: { coverage: coverageOf(c.get("config")), gaps, gaps_truncated } };
    },
  }),
  fileOperation({
    path: `${PATH}/{date}/files/{name}`,
    access: "open",
    needs: "export",
    id: "downloadDataset",
    tag: "Datasets",
    summary: "Download a dataset",
    description:
      "Needs an API key with the scope `export`, except for the free sample: the first day of each month while FREE_SAMPLE is first-of-month. Returns the whole file or one range of bytes. `Repr-Digest` is the SHA-256 of the whole file.",
    params: z.strictObject({ ...byDate.shape, name: parameters.fileName }),
    contentTypes: [PARQUET_CONTENT_TYPE],
    problems: ["unauthorized", "forbidden", "not_found"],
    file: async (c, { date, name }) => {
      requireAccess(c, isFree(c, date) ? "open" : "export");
      await manifestOf(c, date);
      const key = dailyFileKey(date);
      if (name !== fileNameOf(key)) throw new ProblemError("not_found", `The file of this day is named ${fileNameOf(key)}.`);
      return { key, name, contentType: PARQUET_CONTENT_TYPE };
    },
  }),
];

/** @throws {ProblemError} 404 where the day has no file, 503 while the file is being replaced */
async function manifestOf(c: ApiContext, date: string) {
  const manifest = await trustedManifest(c.env.BUCKET, date);
  if (manifest !== null) return manifest;
  throw new ProblemError("not_found", `No file exists for ${date}. The file of a day is written within one hour after the day ends (UTC).`);
}

function shownDay(c: ApiContext, manifest: z.output<typeof dailyManifest>): z.output<typeof manifestSchema> {
  const { file, slices: _slices, row_group_rows, ...shown } = manifest;
  const name = fileNameOf(file);
  return { ...shown, row_groups: row_group_rows.length, free: isFree(c, manifest.date), path: `${PATH}/${manifest.date}/files/${name}` };
}

function isFree(c: ApiContext, date: string): boolean {
  return c.get("config").FREE_SAMPLE === "first-of-month" && date.endsWith("-01");
}

function fileNameOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}
