import * as z from "zod";
import { exportFileKey, exportManifestKey } from "../../../src/exports/export-keys.ts";
import { type Uncovered, exportFile, exportManifest, storedExportManifest, uncovered } from "../../../src/exports/export-manifest.ts";
import { type ExportRequest, datesOf, exportRequest } from "../../../src/exports/export-request.ts";
import { estimateBytes, estimateFiles } from "../../../src/exports/estimate.ts";
import type { Config } from "../../../src/config.ts";
import { type PriceEstimate, estimatePrice, priceEstimate } from "../../../src/prices.ts";
import { utcDate } from "../../../src/batch-object.ts";
import { hasScope, ownerOf } from "../../access/caller.ts";
import { exportRowsFree } from "../../exports/export-quota.ts";
import { countEstimatedTotals } from "../../d1/estimated-totals.ts";
import { countEvents } from "../../d1/event-counts.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import {
  EXPORT_STATES,
  type ExportRow,
  expireExport,
  insertExport,
  listExports,
  openExports,
  readExport,
} from "../../exports/export-rows.ts";
import { deleteExportObjects } from "../../exports/run-part.ts";
import { MAX_EXPORT_ROWS } from "../../../src/work-budgets.ts";
import { startExport } from "../../exports/start-export.ts";
import { estimatesNotSettled } from "../../exports/estimate-export.ts";
import { type MarkCount, estimateMarks, marksNotStoredYet } from "../../exports/mark-export.ts";
import { lackingRows } from "../../exports/uncovered.ts";
import { readJson } from "../../r2/bucket.ts";
import type { ApiContext } from "../http/api-env.ts";
import { timeMs } from "../http/answer.ts";
import { coverageOf, publishingVenues } from "../../../src/exchanges/coverage.ts";
import { NEWEST, openPage, placeName, placeTime } from "../http/page.ts";
import { idempotentRequest, madeBefore } from "../http/idempotency.ts";
import { type IdempotentRequest, earlierRequest } from "../../d1/idempotent-requests.ts";
import { fileOperation } from "../http/file-operation.ts";
import { emptyOperation, jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import { secondsToReset } from "../http/rate-limit.ts";
import { exportBody, exportRequestOf } from "./export-body.ts";
import { messageOf } from "../../../src/message-of.ts";
import { writeLog } from "../../../src/log.ts";
import { newId } from "../../new-id.ts";

const PATH = "/v1/exports";
/** The maximum number of exports of one owner that may run at a time. */
const MAX_RUNNING = 5;

const estimateSchema = z
  .object({
    request: exportRequest,
    rows: z.int().meta({ description: "Number of rows of the export; an estimate where exact is false.", examples: [18_204] }),
    exact: z.boolean().meta({
      description:
        "True where the rows were counted with the very filters of the export. False where a part of the range is older than the events in D1 and its totals lack something: the range is then widened to whole minutes, or to whole hours if it begins more than a week ago, min_usd is not applied to it, and inferred rows are not counted. Of minute marks it is false where a part of a day with a file, or some of its base assets and venues, were counted by their share. Of estimated totals it is false where the newest half hour stands for the others.",
      examples: [true],
    }),
    bytes: z.int().meta({
      description: "Estimated size in bytes: rows times the bytes per row of the format, as measured by the benchmark.",
      examples: [3_094_680],
    }),
    files: z.int().meta({ description: "Estimated number of files.", examples: [1] }),
    not_covered: z.array(uncovered),
    price: priceEstimate.nullable().meta({
      description: "Estimated price of the rows and of one download of all files; null where the operator has set no prices.",
    }),
  })
  .meta({ id: "ExportEstimate" });

const exportSchema = z
  .object({
    export_id: z.string().meta({ description: "Id of the export.", examples: ["exp_51d2c7a09be34f6e8c1f0b7d93a4e265"] }),
    state: z
      .enum(EXPORT_STATES)
      .meta({ description: "State of the export: queued, running, then done or failed, and finally expired.", examples: ["done"] }),
    request: exportRequest,
    estimated_rows: z.int().meta({ description: "Number of rows estimated at creation.", examples: [18_000] }),
    rows: z.int().meta({ description: "Number of rows written so far.", examples: [18_204] }),
    progress: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: "Share of the range written so far, 0 to 1.", examples: [1] }),
    bytes: z
      .int()
      .nullable()
      .meta({ description: "Total size of all files in bytes; null until the export is done.", examples: [2_912_640] }),
    files: z
      .int()
      .nullable()
      .meta({ description: "Number of files; null until the export is done.", examples: [1] }),
    error: z
      .string()
      .nullable()
      .meta({ description: "Reason of the failure; null unless the export failed.", examples: [null] }),
    created_time: timeMs,
    updated_time: timeMs.meta({ examples: [1_795_251_942_000] }),
    finished_time: timeMs.nullable().meta({
      description: "Time at which the export was done or failed, milliseconds since 1970 UTC; null before that.",
      examples: [1_795_251_942_000],
    }),
    expires_time: timeMs.nullable().meta({
      description: "Time at which the files are deleted, milliseconds since 1970 UTC; null until the export is done.",
      examples: [1_795_856_742_000],
    }),
  })
  .meta({ id: "Export" });

const oneExportSchema = z
  .object({
    ...exportSchema.shape,
    manifest: exportManifest
      .nullable()
      .meta({ description: "Manifest of the export; null until the export is done, and after it has expired." }),
    downloads: z
      .array(
        z.object({
          ...exportFile.unwrap().shape,
          path: z.string().meta({
            description: "Path of the file.",
            examples: ["/v1/exports/exp_51d2c7a09be34f6e8c1f0b7d93a4e265/files/liquidations_20261120T000000Z_20261121T000000Z.parquet"],
          }),
        }),
      )
      .meta({ description: "Files of the manifest, with their paths." }),
  })
  .meta({ id: "ExportWithManifest" });

const ofExports = { tag: "Exports", access: "export" } as const;
const byId = {
  params: z.strictObject({ id: z.string().meta({ description: "Id of the export.", examples: ["exp_51d2c7a09be34f6e8c1f0b7d93a4e265"] }) }),
} as const;
const exampleBody = { start: "2026-11-20T00:00:00Z", end: "2026-11-21T00:00:00Z", format: "parquet", symbols: ["BTC"] };
const cursorPlace = z.tuple([placeTime, placeName]);

/** Exports, for callers with the scope `export`. Callers see their own exports, admins see all. */
export const exportRoutes: readonly Operation[] = [
  jsonOperation({
    ...ofExports,
    method: "POST",
    path: `${PATH}/estimate`,
    id: "estimateExport",
    summary: "Estimate an export",
    description:
      "Returns the estimated rows, bytes and files of an export, the gaps inside the range, and the parts of the range that no store holds. Nothing is created.",
    body: exportBody,
    problems: ["unknown_symbol"],
    example: { body: exampleBody },
    data: estimateSchema,
    answer: async (c, { body }) => {
      const request = await exportRequestOf(c, body);
      return { data: await estimate(c, request), meta: await metaOf(c, request) };
    },
  }),
  jsonOperation({
    ...ofExports,
    path: PATH,
    id: "listExports",
    summary: "List exports",
    description: "Returns the exports of the caller, newest first; for admins, all exports.",
    query: z.strictObject({ limit: parameters.limit.default(100), cursor: parameters.cursor.optional() }),
    data: z.array(exportSchema),
    answer: async (c, { query }) => {
      const owner = ownSight(c);
      const page = await openPage(PATH, query, cursorPlace, { owner: owner ?? "all" });
      const [time, id] = page.after ?? NEWEST;
      const found = await listExports(c.env.DB, owner, { time, id }, page.rowsToRead);
      const { rows, next_cursor } = page.close(found, (last) => [last.created_time, last.export_id]);
      return { data: rows.map(shownExport), meta: { count: rows.length, next_cursor } };
    },
  }),
  jsonOperation({
    ...ofExports,
    method: "POST",
    path: PATH,
    id: "createExport",
    summary: "Create an export",
    description: `Returns at once. Poll \`Location\` until \`state\` is \`done\`, or wait for the webhook \`export.ready\`. An export of up to 100,000 rows is one file; a larger one has one file per UTC date with rows. At most ${MAX_RUNNING} exports may run at a time. If the range ends within the last minute, rows may be missing because they are not stored yet; \`not_covered\` then names that part.`,
    status: 202,
    answered: "The export is queued.",
    answerHeaders: ["Location"],
    idempotent: true,
    body: exportBody,
    problems: ["unknown_symbol", "conflict", "idempotency_mismatch", "quota_exceeded"],
    example: { body: exampleBody },
    data: exportSchema,
    answer: async (c, { body, idempotencyKey }) => {
      const id = await exportFor(c, body, idempotencyKey);
      c.header("Location", `${PATH}/${id}`);
      return { data: shownExport(await exportNamed(c, id)), meta: {} };
    },
  }),
  jsonOperation({
    ...ofExports,
    ...byId,
    path: `${PATH}/{id}`,
    id: "getExport",
    summary: "Get an export",
    description:
      "Returns the progress of a running export. Once it is done, also its manifest with the SHA-256 of each file, and the parts of the range that are not covered.",
    problems: ["not_found"],
    data: oneExportSchema,
    answer: async (c, { params }) => {
      const row = await exportNamed(c, params.id);
      const manifest = row.state === "done" ? await readJson(c.env.BUCKET, exportManifestKey(row.export_id), storedExportManifest) : null;
      const downloads = (manifest?.files ?? []).map((file) => ({ ...file, path: `${PATH}/${row.export_id}/files/${file.name}` }));
      const meta = manifest === null ? {} : { coverage: manifest.coverage, gaps: manifest.gaps, gaps_truncated: manifest.gaps_truncated };
      return { data: { ...shownExport(row), manifest, downloads }, meta };
    },
  }),
  emptyOperation({
    ...ofExports,
    ...byId,
    method: "DELETE",
    path: `${PATH}/{id}`,
    id: "deleteExport",
    summary: "Delete an export",
    description: "Stops the export and deletes its files. The export stays listed, with the state `expired`.",
    problems: ["not_found"],
    act: async (c, { params }) => {
      const { export_id: id } = await exportNamed(c, params.id);
      // First, so that a running workflow stops.
      await expireExport(c.env.DB, id, c.get("deps").now());
      await deleteExportObjects(c.env.BUCKET, id);
    },
  }),
  fileOperation({
    ...ofExports,
    path: `${PATH}/{id}/files/{name}`,
    id: "downloadExport",
    summary: "Download a file of an export",
    params: z.strictObject({ ...byId.params.shape, name: parameters.fileName }),
    contentTypes: ["application/vnd.apache.parquet", "text/csv", "application/json", "application/x-ndjson", "application/gzip"],
    problems: ["not_found", "conflict", "export_expired"],
    file: async (c, { id, name }) => {
      const row = await exportNamed(c, id);
      if (row.state === "expired")
        throw new ProblemError("export_expired", "The files of this export were deleted; create the export again.");
      if (row.state === "failed") throw new ProblemError("conflict", `The export failed: ${row.error ?? "unknown reason"}`);
      if (row.state !== "done")
        throw new ProblemError("conflict", `The export is still ${row.state}; its files are available once its state is done.`);
      const manifest = await readJson(c.env.BUCKET, exportManifestKey(id), storedExportManifest);
      const found = manifest?.files.find((file) => file.name === name);
      if (found === undefined)
        throw new ProblemError("not_found", `The export has no file with this name. Its files are ${fileNames(manifest?.files)}.`);
      return { key: exportFileKey(id, name), name, contentType: found.content_type, sha256: found.sha256 };
    },
  }),
];

function fileNames(files: readonly { readonly name: string }[] | undefined): string {
  return (
    (files ?? [])
      .slice(0, 3)
      .map(({ name }) => name)
      .join(", ") + ((files?.length ?? 0) > 3 ? " and more" : "")
  );
}

/** The export that an earlier request with the same key created, or a new one. */
async function exportFor(c: ApiContext, body: z.output<typeof exportBody>, idempotencyKey: string | null): Promise<string> {
  const now = c.get("deps").now();
  const owner = ownerOf(c.get("caller"));
  const idempotency = await idempotentRequest(PATH, { ...body }, idempotencyKey);
  const before = await repeatedExport(c, owner, idempotency);
  if (before !== null) return before;
  const request = await exportRequestOf(c, body);
  const { rows } = await estimate(c, request);
  await requireRoom(c, owner, rows, now);
  const export_id = newId("exp");
  const room = { maxOpen: MAX_RUNNING, date: utcDate(now) };
  const isWritten = await insertExport(c.env.DB, { export_id, owner, request, estimated_rows: rows, created_time: now, idempotency, room });
  // Two identical requests may arrive at once: the one that was inserted counts.
  const made = await repeatedExport(c, owner, idempotency);
  if (made !== null && made !== export_id) return made;
  if (!isWritten)
    throw new ProblemError("conflict", "Another export of this key was created at the same moment; list the exports and try again.");
  await startExport(c.env, export_id, now).catch((error: unknown) => {
    // The export is stored, and the cron run starts exports that no workflow has picked up.
    writeLog("error", { event: "export_start_failed", export_id, error: messageOf(error) });
  });
  return export_id;
}

/** The export that this very request made before. */
async function repeatedExport(c: ApiContext, owner: string, request: IdempotentRequest | null): Promise<string | null> {
  const earlier = request === null ? null : await earlierRequest(c.env.DB, "exports", request, owner, c.get("deps").now());
  return earlier === null || request === null ? null : madeBefore(earlier, request);
}

async function estimate(c: ApiContext, request: ExportRequest): Promise<z.output<typeof estimateSchema>> {
  const now = c.get("deps").now();
  const { rows, exact } = await countRows(c, request, now);
  const bytes = estimateBytes(rows, request);
  const late = await lateRows(c, request, now);
  return {
    request,
    rows,
    exact,
    bytes,
    files: estimateFiles(rows, datesOf(request).length),
    not_covered: [...(await lackingRows(c.env, c.get("config"), request, now)), ...late],
    price: priceOf(c.get("config"), rows, bytes, exact),
  };
}

/** Of the rows, and of one download of all files. */
function priceOf({ DATA_PRICES, DATA_CURRENCY }: Config, rows: number, bytes: number, exact: boolean): PriceEstimate | null {
  const counted = exact ? "the rows are counted" : "the rows are estimated";
  const note = `An estimate by the operator's prices, not an invoice: ${counted}, the bytes are estimated and count as downloaded once.`;
  return estimatePrice({ rows, requests: 0, bytes }, DATA_PRICES, DATA_CURRENCY, note);
}

/** The end of the range whose rows may not be stored yet; of liquidations that is known once the export runs. */
async function lateRows(c: ApiContext, request: ExportRequest, now: number): Promise<readonly Uncovered[]> {
  if (request.kind === "minute_marks") return marksNotStoredYet(request, now);
  return request.kind === "estimated_totals" ? estimatesNotSettled(c.env, request) : [];
}

async function countRows(c: ApiContext, request: ExportRequest, now: number): Promise<MarkCount> {
  if (request.kind === "minute_marks") return estimateMarks(c.env, request);
  if (request.kind === "estimated_totals") return countEstimatedTotals(c.env.DB, request, request, publishingVenues(c.get("config")));
  const { events, exact } = await countEvents(c.env.DB, request, now);
  return { rows: events, exact };
}

async function requireRoom(c: ApiContext, owner: string, rows: number, now: number): Promise<void> {
  if (rows > MAX_EXPORT_ROWS) {
    const detail = `makes a range of about ${rows} rows; an export may have at most ${MAX_EXPORT_ROWS}: shorten the range`;
    throw badParameters([{ parameter: "start", detail }]);
  }
  const { count } = await openExports(c.env.DB, owner);
  if (count >= MAX_RUNNING)
    throw new ProblemError("conflict", `You already have ${count} exports running, the maximum; wait until one is done.`);
  const free = await exportRowsFree(c.env.DB, owner, now);
  if (free === null || rows <= free) return;
  throw new ProblemError(
    "quota_exceeded",
    `The export has about ${rows} rows, but this API key has only ${Math.max(0, free)} left for this UTC day.`,
    {
      headers: { "Retry-After": String(secondsToReset(now)) },
    },
  );
}

async function metaOf(c: ApiContext, request: ExportRequest) {
  const config = c.get("config");
  const venues = request.exchanges ?? config.LIQUIDATION_EXCHANGES;
  const { gaps, truncated } = gapsOf(await gapsInRange(c.env.DB, venues, request).run());
  return { coverage: coverageOf({ LIQUIDATION_EXCHANGES: venues }), gaps, gaps_truncated: truncated };
}

/** The owner whose exports the caller sees; null for all owners. */
function ownSight(c: ApiContext): string | null {
  const caller = c.get("caller");
  return hasScope(caller, "admin") ? null : ownerOf(caller);
}

/** Exports of other owners are reported as missing. */
async function exportNamed(c: ApiContext, id: string): Promise<ExportRow> {
  const row = await readExport(c.env.DB, id);
  const owner = ownSight(c);
  if (row === null || (owner !== null && row.owner !== owner)) throw new ProblemError("not_found", "This export does not exist.");
  return row;
}

function shownExport({ owner: _owner, starts: _starts, done_until, ...row }: ExportRow): z.output<typeof exportSchema> {
  const { start, end } = row.request;
  return { ...row, progress: row.state === "done" ? 1 : Math.min(1, (done_until - start) / (end - start)) };
}
