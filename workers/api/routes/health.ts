import { jsonOperation } from "../http/json-operation.ts";
import { healthSchema } from "../schemas/health.ts";

/** 200 while D1 responds and its tables exist; otherwise the error becomes a 503. */
export const healthRoute = jsonOperation({
  path: "/health",
  access: "open",
  id: "getHealth",
  cacheSeconds: 5,
  tag: "Status",
  summary: "Check the health of the Worker",
  description:
    "Needs no API key and does not count towards rate limits. Returns 503 if the database does not respond, a table is missing, or the configuration is invalid.",
  data: healthSchema,
  answer: async (c) => {
    await c.env.DB.prepare("SELECT from_time FROM hot_events").first();
    return { data: { status: "ok" as const, time: c.get("deps").now() }, meta: {} };
  },
});
