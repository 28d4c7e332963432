import * as z from "zod";
import { REFILLABLE_STORES } from "../../../src/refill.ts";
import { MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { reopenEvents } from "../../d1/hot-events.ts";
import { readRefill } from "../../d1/store-refills.ts";
import { refillFromFiles } from "../../d1/refill-from-files.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import { startedRefillSchema, storeRefillSchema } from "../schemas/store-refill.ts";

const PATH = "/v1/stores/{store}/refill";

const ofStores = {
  tag: "Status",
  access: "admin",
  path: PATH,
  params: z.strictObject({
    store: z
      .enum(REFILLABLE_STORES, { error: `must be one of ${REFILLABLE_STORES.join(", ")}` })
      .meta({ description: "Name of the store.", examples: ["d1"] }),
  }),
} as const;

const newRefill = z
  .strictObject({
    start: z
      .union([z.int(), z.string()], { error: "must be a time: milliseconds since 1970, or ISO 8601 with Z or an offset" })
      .transform(String)
      .pipe(parameters.time)
      .meta({
        description:
          "Event time from which on the store is filled again: milliseconds since 1970 UTC, or ISO 8601 with Z or an offset. For a store that was restored, the moment it was restored to, or earlier. It must not lie in the future.",
        override: { type: ["integer", "string"] },
      }),
  })
  .meta({ id: "NewRefill" });

/** Stores that were restored to an earlier time, for callers with the scope `admin`. */
export const storeRoutes: readonly Operation[] = [
  jsonOperation({
    ...ofStores,
    method: "POST",
    id: "refillStore",
    summary: "Send a store its rows again",
    description:
      "Sends a store that lost rows, for example by a restore of D1, every row from `start` on again. Each feed sends what its journal has at its next alarms; what is older comes from the batches and daily files, once a minute. Rows that the store has are not stored twice, so repeating the request is safe.",
    problems: ["conflict"],
    status: 202,
    answered: "The refill has begun.",
    body: newRefill,
    example: { params: { store: "d1" }, body: { start: "2026-11-22T07:00:00Z" } },
    data: startedRefillSchema,
    answer: async (c, { params, body }) => {
      const { store } = params;
      const { now, refillFeeds } = c.get("deps");
      // A mistyped year would look like a store that lacks nothing.
      if (body.start > now()) throw badParameters([{ parameter: "start", detail: "must not lie in the future" }]);
      // Totals are recomputed by the minute.
      const start = floorTo(body.start, MINUTE_MS);
      // Before the first feed sends a row, which D1 would refuse as too old.
      if (store === "d1") await reopenEvents(c.env.DB, start, now());
      const feeds = await refillFeeds(c.env, c.get("config"), store, start);
      if (feeds.length === 0) throw new ProblemError("conflict", `The store ${store} is off; /v1/status states the reason.`);
      const files = await refillFromFiles(c.env.DB, store, feeds, { start, now: now() });
      return { data: { store, feeds, files }, meta: {} };
    },
  }),
  jsonOperation({
    ...ofStores,
    id: "getStoreRefill",
    summary: "Get the refill of a store",
    description: "Returns the progress of the newest refill of a store from batches and daily files.",
    problems: ["not_found"],
    example: { params: { store: "d1" } },
    data: storeRefillSchema,
    answer: async (c, { params }) => {
      const refill = await readRefill(c.env.DB, params.store);
      if (refill === null) throw new ProblemError("not_found", `The store ${params.store} was never filled again from files.`);
      return { data: refill, meta: {} };
    },
  }),
];
