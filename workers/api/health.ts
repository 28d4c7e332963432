import * as z from "zod";
import { readRoute } from "./read-route.ts";

/** 200 while the Worker and D1 answer and its tables are there; else the error becomes a 503. */
export const healthRoute = readRoute({
  path: "/health",
  query: z.strictObject({}),
  answer: async (c) => {
    await c.env.DB.prepare("SELECT from_time FROM hot_events").first();
    return { data: { status: "ok", time: c.get("around").now() }, meta: { coverage: {}, gaps: [] } };
  },
});
