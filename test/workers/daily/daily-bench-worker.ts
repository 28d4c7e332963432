import { parseConfig } from "../../../src/config.ts";
import { exportRequest } from "../../../src/exports/export-request.ts";
import { parquetMemoryBytes } from "../../../src/parquet/module.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import type { Stores } from "../../../workers/daily/stores.ts";
import { claimExport, insertExport, readExport } from "../../../workers/exports/export-rows.ts";
import { runPart } from "../../../workers/exports/run-part.ts";
import { listAll, readBytes } from "../../../workers/r2/bucket.ts";
import { loadParquet } from "../../../workers/r2/parquet-module.ts";
import { putStreamed } from "../../../workers/r2/streamed-object.ts";

/**
 * Runs the job of the daily files in a built Worker. `/sql` runs a statement, `/put?key=` stores an object with the
 * custom metadata of the header, `/get?key=` answers one, `/run?time=` is one run and answers its record, `/export?id=` is
 * one part of an export of the request in the body, `/upload?key=&bytes=` stores as many bytes as an export's file, and
 * `/read` only reads every object there is.
 */
// oxlint-disable-next-line import/no-default-export -- a Worker's handler is its module's default export
export default {
  async fetch(request: Request, env: Stores): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const key = searchParams.get("key") ?? "";
    switch (pathname) {
      case "/sql":
        await env.DB.prepare(await request.text()).run();
        return new Response();
      case "/put": {
        const customMetadata = JSON.parse(request.headers.get("x-metadata") ?? "{}") as Record<string, string>;
        await env.BUCKET.put(key, await request.arrayBuffer(), { customMetadata });
        return new Response();
      }
      case "/get":
        return new Response((await env.BUCKET.get(key))?.body);
      case "/upload":
        return Response.json(await putStreamed(env.BUCKET, key, zeros(Number(searchParams.get("bytes"))), {}));
      case "/read":
        return Response.json(await readAll(env.BUCKET));
      case "/export":
        return Response.json(await exportPart(env, searchParams.get("id") ?? "", await request.text()));
      default: {
        loadParquet();
        const record = await dailyFiles(env, parseConfig({}), Number(searchParams.get("time")));
        return Response.json({ ...record, module_bytes: parquetMemoryBytes() });
      }
    }
  },
};

/** As the job reads batches: six at once. */
async function readAll(bucket: R2Bucket): Promise<{ readonly objects: number; readonly bytes: number }> {
  const keys = (await listAll(bucket, "")).map(({ key }) => key);
  let bytes = 0;
  for (let from = 0; from < keys.length; from += 6) {
    const files = await Promise.all(keys.slice(from, from + 6).map((key) => readBytes(bucket, key)));
    bytes += files.reduce((sum, { length }) => sum + length, 0);
  }
  return { objects: keys.length, bytes };
}

async function* zeros(bytes: number): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(1_000_000);
  for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
}

async function exportPart(env: Stores, export_id: string, body: string) {
  const now = Date.now();
  if ((await readExport(env.DB, export_id)) === null) {
    const request = exportRequest.parse(JSON.parse(body));
    await insertExport(env.DB, { export_id, owner: "admin", request, estimated_rows: 0, created_time: now, idempotency: null });
    await claimExport(env.DB, export_id, now);
  }
  const deps = { now: Date.now, feedStatuses: () => Promise.resolve([]) };
  const outcome = await runPart(env, parseConfig({}), deps, export_id, 1);
  return { outcome, module_bytes: parquetMemoryBytes() };
}
