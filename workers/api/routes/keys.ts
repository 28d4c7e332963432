import * as z from "zod";
import { SCOPES } from "../../../src/access/api-key.ts";
import { insertKey, insertKeyOnce, isKnownRequest, readKey, readKeys, revokeKey } from "../../access/keys.ts";
import type { ApiKey, NewKey } from "../../access/keys.ts";
import { announceRules } from "../../rules/announce-rules.ts";
import type { ApiContext } from "../http/api-env.ts";
import { NEWEST, openPage, placeName, placeTime } from "../http/page.ts";
import { idempotentRequest, ownedKey } from "../http/idempotency.ts";
import { emptyOperation, jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { parameters } from "../http/parameters.ts";
import { keySchema, madeKeySchema } from "../schemas/api-key.ts";
import { ProblemError, badParameters } from "../http/problem.ts";

const PATH = "/v1/keys";
const MAX_PER_DAY = 1_000_000_000;

const quota = z
  .int({ error: `must be a whole number from 1 to ${MAX_PER_DAY}, or null for no limit` })
  .min(1, `must be a whole number from 1 to ${MAX_PER_DAY}, or null for no limit`)
  .max(MAX_PER_DAY, `must be a whole number from 1 to ${MAX_PER_DAY}, or null for no limit`)
  .nullable()
  .default(null);

const newKey = z
  .strictObject({
    name: z.string({ error: "must be a string" }).trim().min(1, "must have 1 to 100 characters").max(100, "must have 1 to 100 characters"),
    scopes: z
      .array(z.enum(SCOPES, { error: `must be a list of ${SCOPES.join(", ")}` }), { error: `must be a list of ${SCOPES.join(", ")}` })
      .min(1, "must have at least one scope")
      .refine((scopes) => new Set(scopes).size === scopes.length, "names a scope twice")
      .default(["read"]),
    requests_per_day: quota.meta({ description: "Maximum number of requests per UTC day; null for no limit except the rate limit." }),
    export_rows_per_day: quota.meta({ description: "Maximum number of exported rows per UTC day; null for no limit." }),
    expires_time: z
      .union([z.int(), z.string()], { error: "must be a time, or null" })
      .transform(String)
      .pipe(parameters.time)
      .nullable()
      .default(null)
      .meta({
        description: "Time at which the key expires; null if it never does.",
        override: { type: ["integer", "string", "null"], default: null },
      }),
  })
  .meta({ id: "NewKey" });

const ofKeys = { tag: "Keys", access: "admin" } as const;
const one = {
  params: z.strictObject({ id: z.string().meta({ description: "Id of the API key.", examples: ["key_7c1e05a9d2f84b6e"] }) }),
  problems: ["not_found"],
} as const;
const cursorPlace = z.tuple([placeTime, placeName]);

/** API keys, for callers with the scope `admin`; the first of them holds `ADMIN_TOKEN`. */
export const keyRoutes: readonly Operation[] = [
  jsonOperation({
    ...ofKeys,
    path: PATH,
    id: "listKeys",
    summary: "List API keys",
    description: "Returns all API keys, newest first, including revoked and expired ones.",
    query: z.strictObject({ limit: parameters.limit.default(100), cursor: parameters.cursor.optional() }),
    data: z.array(keySchema),
    answer: async (c, { query }) => {
      const page = await openPage(PATH, query, cursorPlace);
      const [time, id] = page.after ?? NEWEST;
      const found = await readKeys(c.env.DB, { time, id }, page.rowsToRead);
      const { rows, next_cursor } = page.close(found, (last) => [last.created_time, last.key_id]);
      return { data: rows, meta: { count: rows.length, next_cursor } };
    },
  }),
  jsonOperation({
    ...ofKeys,
    method: "POST",
    path: PATH,
    id: "createKey",
    summary: "Create an API key",
    description: "The secret key appears only in this response.",
    status: 201,
    idempotent: true,
    body: newKey,
    answerHeaders: ["Location"],
    problems: ["idempotency_mismatch"],
    example: { body: { name: "backtests", scopes: ["read", "export"], export_rows_per_day: 5_000_000 } },
    data: madeKeySchema,
    answer: async (c, { body, idempotencyKey }) => {
      const now = c.get("deps").now();
      const isEnded = body.expires_time !== null && body.expires_time <= now;
      const ownKey = idempotencyKey === null ? null : ownedKey(c.get("caller"), idempotencyKey);
      if (isEnded && !(await isKnownRequest(c.env.DB, ownKey, now))) {
        throw badParameters([{ parameter: "expires_time", detail: "must lie in the future" }]);
      }
      const { key_id, key } = await makeKey(c, body, ownKey, now);
      c.header("Location", `${PATH}/${key_id}`);
      return { data: { ...(await keyNamed(c, key_id)), key }, meta: {} };
    },
  }),
  jsonOperation({
    ...ofKeys,
    ...one,
    path: `${PATH}/{id}`,
    id: "getKey",
    summary: "Get an API key",
    description: "Returns the scopes, limits and expiry of the key, and whether it was revoked. The secret is not returned.",
    data: keySchema,
    answer: async (c, { params }) => ({ data: await keyNamed(c, params.id), meta: {} }),
  }),
  emptyOperation({
    ...ofKeys,
    ...one,
    method: "DELETE",
    path: `${PATH}/{id}`,
    id: "revokeKey",
    summary: "Revoke an API key",
    description: "The key stops working at once. It stays listed, and its exports remain.",
    act: async (c, { params }) => {
      const { key_id } = await keyNamed(c, params.id);
      await revokeKey(c.env.DB, key_id, c.get("deps").now());
      // Its rules stop with it.
      await announceRules(c.env, c.get("config"));
    },
  }),
];

async function makeKey(c: ApiContext, asked: NewKey, ownKey: string | null, now: number) {
  const caller = c.get("caller");
  const request = await idempotentRequest(PATH, { ...asked }, ownKey);
  if (request === null || caller.kind === "public") return insertKey(c.env.DB, asked, now);
  const made = await insertKeyOnce(c.env.DB, asked, request, caller.credential, now);
  if (made !== null) return made;
  throw new ProblemError(
    "idempotency_mismatch",
    "This Idempotency-Key was already used with a different request body, or with an ADMIN_TOKEN that has changed since.",
  );
}

async function keyNamed(c: ApiContext, id: string): Promise<ApiKey> {
  const key = await readKey(c.env.DB, id);
  if (key === null) throw new ProblemError("not_found", "This API key does not exist.");
  return key;
}
