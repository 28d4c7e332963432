import { parseConfig } from "../../../src/config.ts";
import { exportRequest } from "../../../src/exports/export-request.ts";
import { parquetMemoryBytes } from "../../../src/parquet/module.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import type { Stores } from "../../../workers/daily/stores.ts";
import { claimExport, insertExport, readExport } from "../../../workers/exports/export-rows.ts";
import { runPart } from "../../../workers/exports/run-part.ts";
import { loadParquet } from "../../../workers/r2/parquet-module.ts";
import { MemoryBucket } from "./memory-bucket.ts";

const memory = new MemoryBucket();

/**
 * Runs the job of the daily files in a built Worker. `/sql` runs a statement, `/put?key=` stores an object with the
 * custom metadata of the header, `/get?key=` answers one, `/delete?key=` deletes one, `/run?time=` is one run and answers its
 * record, and `/export?id=` is one part of an export of the request in the body. With `store=memory` the bucket is one in the
 * Worker's memory.
 */
// oxlint-disable-next-line import/no-default-export -- a Worker's handler is its module's default export
export default {
  async fetch(request: Request, stores: Stores): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const env = searchParams.get("store") === "memory" ? { ...stores, BUCKET: memory as unknown as R2Bucket } : stores;
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
      case "/delete":
        await env.BUCKET.delete(key);
        return new Response();
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
