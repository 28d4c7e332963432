import { Hono } from "hono";
import worker from "../../../workers/index.ts";
import type { Env } from "../../../workers/env.ts";

export * from "../../../workers/index.ts";

/** Answers that were stored under a name, from a route that does nothing else. */
const stored = new Map<string, { readonly bytes: ArrayBuffer; readonly type: string }>();
const bare = new Hono()
  .put("/bare/:name", async (c) => {
    stored.set(c.req.param("name"), { bytes: await c.req.arrayBuffer(), type: c.req.header("Content-Type") ?? "" });
    return c.body(null, 204);
  })
  .get("/bare/:name", (c) => {
    const found = stored.get(c.req.param("name"));
    return found === undefined ? c.notFound() : c.body(found.bytes, 200, { "Content-Type": found.type });
  });

const unlimited: RateLimit = { limit: () => Promise.resolve({ success: true }) };

// oxlint-disable-next-line import/no-default-export -- a Worker's handler is its module's default export
export default {
  ...worker,
  fetch(request: Parameters<typeof worker.fetch>[0], env: Env, context: ExecutionContext): Response | Promise<Response> {
    if (new URL(request.url).pathname.startsWith("/bare/")) return bare.fetch(request);
    // A benchmark asks more often than a client may.
    return worker.fetch(request, { ...env, RATE_LIMIT: unlimited, KEY_RATE_LIMIT: unlimited }, context);
  },
};
