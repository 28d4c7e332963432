import * as z from "zod";
import { jsonOperation } from "./json-operation.ts";

/** 200 while the Worker and D1 answer and its tables are there; else the error becomes a 503. */
export const healthRoute = jsonOperation({
  path: "/health",
  access: "open",
  id: "getHealth",
  tag: "Status",
  summary: "Whether the Worker and its database answer",
  data: z.unknown(),
  answer: async (c) => {
    await c.env.DB.prepare("SELECT from_time FROM hot_events").first();
    return { data: { status: "ok", time: c.get("around").now() }, meta: {} };
  },
});
