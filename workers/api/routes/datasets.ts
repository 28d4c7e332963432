import * as z from "zod";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { dailyManifest } from "../../../src/daily/manifest.ts";
import { PARQUET_CONTENT_TYPE } from "../../../src/parquet/encode.ts";
import { requireAccess } from "../http/require-access.ts";
import { fileDates } from "../../daily/day-contents.ts";
import { trustedManifest } from "../../daily/published-file.ts";
import { readJson } from "../../r2/bucket.ts";
import type { ApiContext } from "../http/api-env.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "../http/cursor.ts";
import { fileOperation } from "../http/file-operation.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError } from "../http/problem.ts";

const PATH = "/v1/datasets";
/** Each is a request to the bucket. */
const MOST_DAYS = 100;

const shownManifest = z.object({
  ...dailyManifest.unwrap().omit({ file: true, slices: true, row_group_rows: true }).shape,
  row_groups: z.int(),
  free: z.boolean().meta({ description: "Whether it may be had without a key." }),
  path: z.string().meta({
    description: "Where to get the file.",
    examples: ["/v1/datasets/2026-11-20/files/liquidation_20261120.parquet"],
  }),
});
const datasetSchema = shownManifest
  .omit({ gaps: true, gaps_truncated: true })
  .meta({ id: "Dataset", description: "A UTC day's Parquet file." });
const manifestSchema = shownManifest.meta({ id: "DatasetManifest", description: "What a UTC day's file holds." });

const byDate = z.strictObject({
  date: z.iso.date({ error: "a UTC date such as 2026-11-20" }).meta({ description: "A UTC date.", example: "2026-11-20" }),
});

/** Whole days as Parquet files. What is free needs no key, whatever else does. */
export const datasetRoutes: readonly Operation[] = [
  jsonOperation({
    path: PATH,
    id: "listDatasets",
    tag: "Datasets",
    summary: "The days there are, the latest first",
    description: "A day is listed once it is closed and its file is whole.",
    query: z.strictObject({
      limit: parameters.limit
        .default(30)
        .refine((limit) => limit <= MOST_DAYS, `a whole number from 1 to ${MOST_DAYS}`)
        .meta({ override: { type: "integer", minimum: 1, maximum: MOST_DAYS, default: 30 } }),
      cursor: parameters.cursor.optional(),
    }),
    data: z.array(datasetSchema),
    answer: async (c, { query }) => {
      const fingerprint = await queryFingerprint(PATH, query);
      const before = query.cursor === undefined ? "9999" : decodeCursor(query.cursor, fingerprint, z.tuple([z.iso.date()]))[0];
      const dates = (await fileDates(c.env.BUCKET)).filter((date) => date < before).toReversed();
      const shown = dates.slice(0, query.limit);
      const manifests = await Promise.all(shown.map((date) => readJson(c.env.BUCKET, dailyManifestKey(date), dailyManifest)));
      const data = manifests.flatMap((manifest) => (manifest === null ? [] : [datasetSchema.parse(shownDay(c, manifest))]));
      const last = shown.at(-1);
      const next = dates.length > query.limit && last !== undefined ? encodeCursor(fingerprint, [last]) : null;
      return { data, meta: { count: data.length, next_cursor: next, coverage: coverageOf(c.get("config")) } };
    },
  }),
  jsonOperation({
    path: `${PATH}/{date}`,
    access: "open",
    id: "getDataset",
    tag: "Datasets",
    summary: "What a day's file holds",
    description:
      "Rows, bytes, SHA-256, first and last time, rows and coverage by venue, gaps. Trust a file only where its hash is this one's.",
    params: byDate,
    problems: ["unauthorized", "not_found"],
    data: manifestSchema,
    answer: async (c, { params: { date } }) => {
      requireAccess(c.get("caller"), isFree(c, date) ? "open" : "read", c.get("config"));
      const data = shownDay(c, await manifestOf(c, date));
      const { gaps, gaps_truncated } = data;
      return { data, meta: { coverage: coverageOf(c.get("config")), gaps, gaps_truncated } };
    },
  }),
  fileOperation({
    path: `${PATH}/{date}/files/{name}`,
    access: "open",
    id: "downloadDataset",
    tag: "Datasets",
    summary: "A day's file",
    description:
      "Needs a key with the scope export, save the free sample: the first day of each month where FREE_SAMPLE is first-of-month. Whole, or one range of bytes; `Repr-Digest` is the SHA-256 of the whole file.",
    params: z.strictObject({ ...byDate.shape, name: parameters.fileName }),
    contentTypes: [PARQUET_CONTENT_TYPE],
    problems: ["unauthorized", "forbidden", "not_found"],
    file: async (c, { date, name }) => {
      requireAccess(c.get("caller"), isFree(c, date) ? "open" : "export", c.get("config"));
      await manifestOf(c, date);
      const key = dailyFileKey(date);
      if (name !== fileNameOf(key)) throw new ProblemError("not_found", `The day's file is ${fileNameOf(key)}.`);
      return { key, name, contentType: PARQUET_CONTENT_TYPE };
    },
  }),
];

/** @throws {ProblemError} 404 where the day has no file; a file that is being replaced is a fault that passes */
async function manifestOf(c: ApiContext, date: string) {
  const manifest = await trustedManifest(c.env.BUCKET, date);
  if (manifest !== null) return manifest;
  throw new ProblemError("not_found", `There is no file of ${date}. A day's file is made within the hour after it has closed (UTC).`);
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
