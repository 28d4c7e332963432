import * as z from "zod";
import { utcDate } from "../../../src/batch-object.ts";
import { hasScope } from "../../access/caller.ts";
import { type ApiKey, readKey } from "../../access/keys.ts";
import { quotaResetTime, readUsage } from "../../access/usage.ts";
import { timeMs } from "../http/answer.ts";
import type { ApiContext } from "../http/api-env.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import { RATE_LIMITS } from "../http/rate-limit.ts";

/** As long as usage is worth looking back over; it is kept for 400. */
const SHOWN_DAYS = 31;

const usageSchema = z
  .object({
    date: z.iso.date(),
    requests: z.int().meta({ description: "Refused ones too." }),
    export_rows: z.int().meta({ description: "Rows of finished exports." }),
    download_bytes: z.int().meta({ description: "Bytes of exports and datasets that were asked for." }),
  })
  .meta({ id: "Usage", description: "What a key used on a UTC date." });

/** What a key used, against what it may. */
export const usageRoute = jsonOperation({
  path: "/v1/usage",
  access: "open",
  id: "getUsage",
  tag: "Keys",
  summary: "What a key used, by UTC date",
  description: `Of the key that asks, or, for admins, of \`key_id\`. The last ${SHOWN_DAYS} days, the latest first; a date without a request is left out.`,
  query: z.strictObject({
    key_id: z.string().max(100, "a key's id").meta({ description: "Whose usage; one's own where it is left out." }).optional(),
  }),
  problems: ["unauthorized", "forbidden", "not_found"],
  data: z
    .object({
      key_id: z.string().meta({ description: "The key's id.", examples: ["key_7c1e05a9d2f84b6e"] }),
      requests_per_day: z.int().nullable(),
      export_rows_per_day: z.int().nullable(),
      requests_per_minute: z.int(),
      reset_time: timeMs.meta({ description: "When the day's quotas begin anew, ms since 1970 UTC." }),
      today: usageSchema,
      days: z.array(usageSchema),
    })
    .meta({ id: "KeyUsage" }),
  answer: async (c, { query }) => {
    const { key_id, requests_per_day, export_rows_per_day } = await keyAskedFor(c, query.key_id);
    const now = c.get("around").now();
    const days = await readUsage(c.env.DB, key_id, now, SHOWN_DAYS);
    const date = utcDate(now);
    const today = days.find((day) => day.date === date) ?? { date, requests: 0, export_rows: 0, download_bytes: 0 };
    const limits = { requests_per_day, export_rows_per_day, requests_per_minute: RATE_LIMITS.key.limit };
    return { data: { key_id, ...limits, reset_time: quotaResetTime(now), today, days }, meta: { count: days.length } };
  },
});

async function keyAskedFor(c: ApiContext, id: string | undefined): Promise<ApiKey> {
  const caller = c.get("caller");
  if (caller.kind === "public") {
    throw new ProblemError("unauthorized", "Usage is counted by key: send one as Authorization: Bearer or as X-API-Key.", {
      headers: { "WWW-Authenticate": "Bearer" },
    });
  }
  if (caller.kind === "key" && (id === undefined || id === caller.key.key_id)) return caller.key;
  if (id === undefined) throw badParameters([{ parameter: "key_id", detail: "required: the ADMIN_TOKEN is no key and is not counted" }]);
  if (!hasScope(caller, "admin")) throw new ProblemError("forbidden", "Other keys' usage needs a key with the scope admin.");
  const key = await readKey(c.env.DB, id);
  if (key === null) throw new ProblemError("not_found", "There is no such key.");
  return key;
}
