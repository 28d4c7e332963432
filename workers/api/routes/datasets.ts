import * as z from "zod";
import { DATASET_KINDS, type DatasetKind } from "../../../src/daily/dataset-kind.ts";
import { PARQUET_CONTENT_TYPE } from "../../../src/parquet/encode.ts";
import { requireAccess } from "../http/require-access.ts";
import { DATASET_FILES, type DatasetManifest, datasetDates } from "../../daily/dataset-files.ts";
import type { ApiContext } from "../http/api-env.ts";
import { datasetChanges } from "../../d1/dataset-changes.ts";
import { type ShownManifest, datasetChangeSchema, datasetSchema, manifestSchema } from "../schemas/dataset.ts";
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

const datasetKind = z
  .enum(DATASET_KINDS, { error: `must be one of ${DATASET_KINDS.join(", ")}` })
  .default("liquidations")
  .meta({ description: "Content of the files: liquidations, or the minute marks of all venues." });

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
    cacheSeconds: 30,
    tag: "Datasets",
    summary: "List datasets",
    description:
      "Returns the days with a complete file, newest first: files of liquidations, or of the minute marks of all venues with `kind=minute_marks`. A day appears after it has ended (UTC) and its file is complete. Minute marks have a file for every day, also for one without any.",
    query: z.strictObject({
      kind: datasetKind,
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
      const dates = (await datasetDates(c.env.BUCKET, query.kind)).filter((date) => date < before).toReversed();
      const { rows: shown, next_cursor } = page.close(dates, (last) => [last]);
      const manifests = await Promise.all(shown.map((date) => DATASET_FILES[query.kind].manifest(c.env.BUCKET, date)));
      const data = manifests.flatMap((manifest) => (manifest === null ? [] : [datasetSchema.parse(shownDay(c, manifest))]));
      return { data, meta: { count: data.length, next_cursor, coverage: coverageOf(c.get("config")) } };
    },
  }),
  jsonOperation({
    path: `${PATH}/changes`,
    id: "listDatasetChanges",
    cacheSeconds: 10,
    tag: "Datasets",
    summary: "List changes of datasets",
    description:
      "Returns each daily file of a kind that was made, oldest first, and each that was made again because rows came late, with its old and new SHA-256. To follow the changes, keep the `sequence` of the last one and send it as `after`: a file with an old hash is outdated, and the day should be downloaded again. The new file may take a moment longer to appear than its change.",
    query: z.strictObject({
      kind: datasetKind,
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
    data: z.array(datasetChangeSchema),
    answer: async (c, { query }) => {
      const page = await openPage(`${PATH}/changes`, query, z.tuple([z.int().min(1).max(999_999_999)]));
      const found = await datasetChanges(c.env.DB, query.kind, page.after?.[0] ?? query.after, page.rowsToRead);
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
      "Returns rows, bytes, SHA-256, first and last time, rows and coverage by venue, and gaps of one day's file. For minute marks it says by venue how many minutes are there and which are missing. Trust a file only if its hash equals the one in this manifest.",
    params: byDate,
    query: z.strictObject({ kind: datasetKind }),
    problems: ["unauthorized", "not_found"],
    data: manifestSchema,
    answer: async (c, { params: { date }, query: { kind } }) => {
      requireAccess(c, isFree(c, date) ? "open" : "read");
      const data = shownDay(c, await manifestOf(c, kind, date));
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
      "The name of the file says which of the two files of the day it is: `liquidation_20261120.parquet` or `minute_marks_20261120.parquet`. Needs an API key with the scope `export`, except for the free sample: the first day of each month while FREE_SAMPLE is first-of-month. Returns the whole file or one range of bytes. `Repr-Digest` is the SHA-256 of the whole file.",
    params: z.strictObject({ ...byDate.shape, name: parameters.fileName }),
    contentTypes: [PARQUET_CONTENT_TYPE],
    problems: ["unauthorized", "forbidden", "not_found"],
    file: async (c, { date, name }) => {
      requireAccess(c, isFree(c, date) ? "open" : "export");
      const kind = DATASET_KINDS.find((one) => name === fileNameOf(DATASET_FILES[one].fileKey(date)));
      if (kind === undefined) {
        const names = DATASET_KINDS.map((one) => fileNameOf(DATASET_FILES[one].fileKey(date)));
        throw new ProblemError("not_found", `The files of this day are named ${names.join(" and ")}.`);
      }
      const { file } = await manifestOf(c, kind, date);
      return { key: file, name, contentType: PARQUET_CONTENT_TYPE };
    },
  }),
];

/** @throws {ProblemError} 404 where the day has no file, 503 while the file is being replaced */
async function manifestOf(c: ApiContext, kind: DatasetKind, date: string): Promise<DatasetManifest> {
  const manifest = await DATASET_FILES[kind].trusted(c.env.BUCKET, date);
  if (manifest !== null) return manifest;
  throw new ProblemError("not_found", `No file exists for ${date}. The file of a day is written within one hour after the day ends (UTC).`);
}

function shownDay(c: ApiContext, manifest: DatasetManifest): ShownManifest {
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
