import * as z from "zod";
import type { Config } from "../../../src/config.ts";
import { type PriceEstimate, estimatePrice, priceEstimate } from "../../../src/prices.ts";
import { utcDate } from "../../../src/batch-object.ts";
import { hasScope } from "../../access/caller.ts";
import { type ApiKey, readKey } from "../../access/keys.ts";
import { type Usage, quotaResetTime, readUsage } from "../../access/usage.ts";
import { openExports } from "../../exports/export-rows.ts";
import { timeMs } from "../http/answer.ts";
import type { ApiContext } from "../http/api-env.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import { RATE_LIMITS } from "../http/rate-limit.ts";

/** Days shown; usage is kept for 400. */
const SHOWN_DAYS = 31;

const usageSchema = z
  .object({
    date: z.iso.date(),
    requests: z.int().meta({ description: "Number of requests, including refused ones.", examples: [880] }),
    export_rows: z.int().meta({ description: "Number of rows in finished exports.", examples: [18_204] }),
    download_bytes: z.int().meta({ description: "Number of bytes downloaded from exports and datasets.", examples: [2_912_640] }),
  })
  .meta({ id: "Usage", description: "Usage of an API key on one UTC date." });

/** The usage of a key, next to its limits. */
export const usageRoute = jsonOperation({
  path: "/v1/usage",
  access: "open",
  needs: "key",
  id: "getUsage",
  tag: "Keys",
  summary: "Get the usage of an API key",
  description: `Returns the usage of the caller's API key by UTC date, newest first; admins may name another key in \`key_id\`. It covers the last ${SHOWN_DAYS} days and omits dates without requests.`,
  query: z.strictObject({
    key_id: z
      .string()
      .max(100, "must be the id of an API key")
      .meta({ description: "Id of the API key. Default: the key of the caller." })
      .optional(),
  }),
  problems: ["unauthorized", "forbidden", "not_found"],
  data: z
    .object({
      key_id: z.string().meta({ description: "Id of the API key.", examples: ["key_7c1e05a9d2f84b6e"] }),
      requests_per_day: z
        .int()
        .nullable()
        .meta({ description: "Maximum number of requests per UTC day; null for no limit except the rate limit.", examples: [10_000] }),
      export_rows_per_day: z
        .int()
        .nullable()
        .meta({ description: "Maximum number of exported rows per UTC day; null for no limit.", examples: [5_000_000] }),
      requests_per_minute: z.int().meta({ description: "Maximum number of requests per minute.", examples: [600] }),
      export_rows_reserved: z.int().meta({
        description: "Number of rows that running exports reserve of the day's quota: their estimate, or their rows once there are more.",
      }),
      reset_time: timeMs.meta({
        description: "Time at which the daily quotas reset, milliseconds since 1970 UTC.",
        examples: [1_795_219_200_000],
      }),
      today: usageSchema,
      days: z.array(usageSchema),
      price: priceEstimate.nullable().meta({
        description: `Estimated price of all that days has, at most ${SHOWN_DAYS} days; null where the operator has set no prices.`,
      }),
    })
    .meta({ id: "KeyUsage" }),
  answer: async (c, { query }) => {
    const { key_id, requests_per_day, export_rows_per_day } = await keyAskedFor(c, query.key_id);
    const now = c.get("deps").now();
    const days = await readUsage(c.env.DB, key_id, now, SHOWN_DAYS);
    const date = utcDate(now);
    const today = days.find((day) => day.date === date) ?? { date, requests: 0, export_rows: 0, download_bytes: 0 };
    const limits = { requests_per_day, export_rows_per_day, requests_per_minute: RATE_LIMITS.key.limit };
    const { reserved_rows } = await openExports(c.env.DB, key_id);
    const price = priceOf(c.get("config"), days);
    return {
      data: { key_id, ...limits, export_rows_reserved: reserved_rows, reset_time: quotaResetTime(now), today, days, price },
      meta: { count: days.length },
    };
  },
});

function priceOf({ DATA_PRICES, DATA_CURRENCY }: Config, days: readonly Usage[]): PriceEstimate | null {
  const sum = (of: (day: Usage) => number) => days.reduce((total, day) => total + of(day), 0);
  const used = { rows: sum((day) => day.export_rows), requests: sum((day) => day.requests), bytes: sum((day) => day.download_bytes) };
  const note = "An estimate by the operator's current prices, not an invoice: refused requests count too, and the current day is not over.";
  return estimatePrice(used, DATA_PRICES, DATA_CURRENCY, note);
}

async function keyAskedFor(c: ApiContext, id: string | undefined): Promise<ApiKey> {
  const caller = c.get("caller");
  if (caller.kind === "public") {
    throw new ProblemError("unauthorized", "Usage is counted per API key: send one as Authorization: Bearer or as X-API-Key.", {
      headers: { "WWW-Authenticate": "Bearer" },
    });
  }
  if (caller.kind === "key" && (id === undefined || id === caller.key.key_id)) return caller.key;
  if (id === undefined)
    throw badParameters([{ parameter: "key_id", detail: "is required, because usage is not counted for the ADMIN_TOKEN" }]);
  if (!hasScope(caller, "admin")) throw new ProblemError("forbidden", "The usage of other keys needs an API key with the scope admin.");
  const key = await readKey(c.env.DB, id);
  if (key === null) throw new ProblemError("not_found", "This API key does not exist.");
  return key;
}
