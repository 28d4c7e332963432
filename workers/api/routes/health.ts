import { jsonOperation } from "../http/json-operation.ts";
import { healthSchema } from "../schemas/health.ts";

/** 200 while the Worker and D1 answer and its tables are there; else the error becomes a 503. */
export const healthRoute = jsonOperation({
  path: "/health",
  access: "open",
  id: "getHealth",
  tag: "Status",
  summary: "Whether the Worker and its database answer",
  description: "Needs no key and is not counted. 503 where the database or a table of it is missing, or the configuration is wrong.",
  data: healthSchema,
  answer: async (c) => {
    await c.env.DB.prepare("SELECT from_time FROM hot_events").first();
    return { data: { status: "ok" as const, time: c.get("around").now() }, meta: {} };
  },
});
