import * as z from "zod";
import { SCOPES } from "../../../src/access/api-key.ts";
import { insertKey, insertKeyOnce, isKnownRequest, readKey, readKeys, revokeKey } from "../../access/keys.ts";
import type { ApiKey, NewKey } from "../../access/keys.ts";
import { timeMs } from "../http/answer.ts";
import type { ApiContext } from "../http/api-env.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "../http/cursor.ts";
import { emptyOperation, jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";

const PATH = "/v1/keys";
const MOST_A_DAY = 1_000_000_000;

const quota = z
  .int({ error: `a whole number from 1 to ${MOST_A_DAY}, or null for none` })
  .min(1, `a whole number from 1 to ${MOST_A_DAY}, or null for none`)
  .max(MOST_A_DAY, `a whole number from 1 to ${MOST_A_DAY}, or null for none`)
  .nullable()
  .default(null);

const newKey = z
  .strictObject({
    name: z.string({ error: "a text" }).trim().min(1, "1 to 100 characters").max(100, "1 to 100 characters"),
    scopes: z
      .array(z.enum(SCOPES, { error: `a list of ${SCOPES.join(", ")}` }), { error: `a list of ${SCOPES.join(", ")}` })
      .min(1, "at least one scope")
      .refine((scopes) => new Set(scopes).size === scopes.length, "names a scope twice")
      .default(["read"]),
    requests_per_day: quota.meta({ description: "Requests a UTC day; null for no limit but the rate limit." }),
    export_rows_per_day: quota.meta({ description: "Rows of exports a UTC day; null for no limit." }),
    expires_time: z
      .union([z.int(), z.string()], { error: "a time" })
      .transform(String)
      .pipe(parameters.time)
      .nullable()
      .default(null)
      .meta({
        description: "When the key ends to open anything; null for never.",
        override: { type: ["integer", "string", "null"], default: null },
      }),
  })
  .meta({ id: "NewKey" });

const keySchema = z
  .object({
    key_id: z.string().meta({ description: "The key's id.", examples: ["key_7c1e05a9d2f84b6e"] }),
    prefix: z.string().meta({ description: "How the key begins.", examples: ["liq_Xa8f2k"] }),
    name: z.string().meta({ description: "What it is for.", examples: ["backtests"] }),
    scopes: z.array(z.enum(SCOPES)),
    requests_per_day: z
      .int()
      .nullable()
      .meta({ description: "Requests a UTC day; null for no limit but the rate limit.", examples: [null] }),
    export_rows_per_day: z
      .int()
      .nullable()
      .meta({ description: "Rows of exports a UTC day; null for no limit.", examples: [5_000_000] }),
    created_time: timeMs,
    expires_time: timeMs.nullable().meta({ description: "When it ends to open anything, ms; null for never.", examples: [null] }),
    revoked_time: timeMs.nullable().meta({ description: "Since when it opens nothing, ms; null while it does.", examples: [null] }),
  })
  .meta({ id: "ApiKey", description: "A key without what opens." });

const madeKeySchema = z
  .object({
    ...keySchema.shape,
    key: z.string().meta({ description: "Shown this once: only its SHA-256 is kept.", examples: ["liq_Xa8f2k…"] }),
  })
  .meta({ id: "MadeApiKey" });

const ofKeys = { tag: "Keys", access: "admin" } as const;
const one = {
  params: z.strictObject({ id: z.string().meta({ description: "A key's id.", examples: ["key_7c1e05a9d2f84b6e"] }) }),
  problems: ["not_found"],
} as const;
const cursorPlace = z.tuple([z.int(), z.string()]);

/** API keys, for who has the scope `admin`; `ADMIN_TOKEN` is the first who has. */
export const keyRoutes: readonly Operation[] = [
  jsonOperation({
    ...ofKeys,
    path: PATH,
    id: "listKeys",
    summary: "All keys, the newest first",
    description: "Revoked and expired ones too.",
    query: z.strictObject({ limit: parameters.limit.default(100), cursor: parameters.cursor.optional() }),
    data: z.array(keySchema),
    answer: async (c, { query }) => {
      const fingerprint = await queryFingerprint(PATH, query);
      const [time, id] = query.cursor === undefined ? [Number.MAX_SAFE_INTEGER, ""] : decodeCursor(query.cursor, fingerprint, cursorPlace);
      const found = await readKeys(c.env.DB, { time, id }, query.limit + 1);
      const data = found.slice(0, query.limit);
      const last = data.at(-1);
      const next = found.length > query.limit && last !== undefined ? encodeCursor(fingerprint, [last.created_time, last.key_id]) : null;
      return { data, meta: { count: data.length, next_cursor: next } };
    },
  }),
  jsonOperation({
    ...ofKeys,
    method: "POST",
    path: PATH,
    id: "createKey",
    summary: "Make a key",
    description: "The key is in this answer alone.",
    status: 201,
    idempotent: true,
    body: newKey,
    answerHeaders: ["Location"],
    problems: ["idempotency_mismatch"],
    example: { body: { name: "backtests", scopes: ["read", "export"], export_rows_per_day: 5_000_000 } },
    data: madeKeySchema,
    answer: async (c, { body, idempotencyKey }) => {
      const now = c.get("around").now();
      const isEnded = body.expires_time !== null && body.expires_time <= now;
      if (isEnded && !(await isKnownRequest(c.env.DB, idempotencyKey, now))) {
        throw badParameters([{ parameter: "expires_time", detail: "must lie in the future" }]);
      }
      const { key_id, key } = await makeKey(c, body, idempotencyKey, now);
      c.header("Location", `${PATH}/${key_id}`);
      return { data: { ...(await keyNamed(c, key_id)), key }, meta: {} };
    },
  }),
  jsonOperation({
    ...ofKeys,
    ...one,
    path: `${PATH}/{id}`,
    id: "getKey",
    summary: "One key",
    description: "What it may, until when, and whether it was revoked; not what opens.",
    data: keySchema,
    answer: async (c, { params }) => ({ data: await keyNamed(c, params.id), meta: {} }),
  }),
  emptyOperation({
    ...ofKeys,
    ...one,
    method: "DELETE",
    path: `${PATH}/{id}`,
    id: "revokeKey",
    summary: "Revoke a key",
    description: "It opens nothing from now on; the key stays listed, and what it had made stays its own.",
    act: async (c, { params }) => {
      const { key_id } = await keyNamed(c, params.id);
      await revokeKey(c.env.DB, key_id, c.get("around").now());
    },
  }),
];

async function makeKey(c: ApiContext, asked: NewKey, idempotencyKey: string | null, now: number) {
  const caller = c.get("caller");
  if (idempotencyKey === null || caller.kind === "public") return insertKey(c.env.DB, asked, now);
  const request = { key: idempotencyKey, hash: await queryFingerprint(PATH, { ...asked }) };
  const made = await insertKeyOnce(c.env.DB, asked, request, caller.credential, now);
  if (made !== null) return made;
  throw new ProblemError("idempotency_mismatch", "This Idempotency-Key came with another body, or from another caller, before.");
}

async function keyNamed(c: ApiContext, id: string): Promise<ApiKey> {
  const key = await readKey(c.env.DB, id);
  if (key === null) throw new ProblemError("not_found", "There is no such key.");
  return key;
}
