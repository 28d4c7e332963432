import { parseConfig } from "../../src/config.ts";
import { parquetMemoryBytes } from "../../src/parquet/module.ts";
import { dailyFiles } from "../../workers/cron/daily-files.ts";
import type { Stores } from "../../workers/daily/stores.ts";
import { loadParquet } from "../../workers/sinks/parquet-module.ts";

/**
 * Runs the job of the daily files in a built Worker. `/sql` runs a statement, `/put?key=` stores an object with the
 * custom metadata of the header, `/get?key=` answers one, `/run?time=` is one run and answers its record.
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
      default: {
        loadParquet();
        const record = await dailyFiles(env, parseConfig({}), Number(searchParams.get("time")));
        return Response.json({ ...record, module_bytes: parquetMemoryBytes() });
      }
    }
  },
};
