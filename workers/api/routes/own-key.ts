import * as z from "zod";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import type { Caller } from "../../access/caller.ts";
import { rotateKey } from "../../access/key-rotation.ts";
import { type ApiKey, readKey, revokeKey } from "../../access/keys.ts";
import { announceRules } from "../../rules/announce-rules.ts";
import { idempotentRequest, ownedKey } from "../http/idempotency.ts";
import type { ApiContext } from "../http/api-env.ts";
import { emptyOperation, jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { ProblemError } from "../http/problem.ts";
import { keySchema, madeKeySchema } from "../schemas/api-key.ts";

const PATH = "/v1/key";
const MAX_GRACE_HOURS = 168;
const GRACE_RULE = `must be a whole number of hours from 0 to ${MAX_GRACE_HOURS}`;

const rotation = z
  .strictObject({
    grace_hours: z
      .int({ error: GRACE_RULE })
      .min(0, GRACE_RULE)
      .max(MAX_GRACE_HOURS, GRACE_RULE)
      .default(24)
      .meta({ description: "Hours for which the former secret still works; 0 ends it at once, as after a leak.", examples: [24] }),
  })
  .meta({ id: "KeyRotation" });

const ofOwnKey = { path: PATH, tag: "Keys", access: "open", needs: "key" } as const;

/** What the holder of a key does with it, without the admin. */
export const ownKeyRoutes: readonly Operation[] = [
  jsonOperation({
    ...ofOwnKey,
    id: "getOwnKey",
    summary: "Get your API key",
    description:
      "Returns the scopes, limits and expiry of the key that the request is sent with. `GET /v1/usage` returns what it has used.",
    problems: ["unauthorized", "forbidden"],
    data: keySchema,
    answer: async (c) => ({ data: holderOf(c).key, meta: {} }),
  }),
  jsonOperation({
    ...ofOwnKey,
    method: "POST",
    path: `${PATH}/rotate`,
    id: "rotateOwnKey",
    summary: "Rotate your API key",
    description:
      "Gives the key a new secret, which appears only in this response. Its id stays, and with it quotas, usage, webhooks and exports. The former secret works for `grace_hours` more, but cannot rotate. Send an `Idempotency-Key`: where the response is lost, the same request by the former secret returns the new one again for 24 h while that secret works.",
    idempotent: true,
    body: rotation,
    problems: ["unauthorized", "forbidden", "conflict", "idempotency_mismatch"],
    example: { body: { grace_hours: 24 } },
    data: madeKeySchema,
    answer: async (c, { body, idempotencyKey }) => {
      const caller = holderOf(c);
      const now = c.get("deps").now();
      const own = idempotencyKey === null ? null : ownedKey(caller, idempotencyKey);
      const request = await idempotentRequest(`${PATH}/rotate`, body, own);
      const until = now + body.grace_hours * HOUR_MS;
      const rotated = await rotateKey(c.env.DB, caller.key.key_id, caller.credential, request, until, now);
      if (rotated.kind === "mismatch")
        throw new ProblemError("idempotency_mismatch", "This Idempotency-Key was already used with a different request body.");
      if (rotated.kind === "replaced")
        throw new ProblemError("conflict", "This secret was replaced by a newer one of the same key: rotate with that one.");
      return { data: { ...(await keyOfHolder(c, caller.key)), key: rotated.key }, meta: {} };
    },
  }),
  emptyOperation({
    ...ofOwnKey,
    method: "DELETE",
    id: "revokeOwnKey",
    summary: "Revoke your API key",
    description:
      "The key that the request is sent with stops working at once, with its former secret, and its webhook endpoints are disabled within a minute. Only an admin can create another.",
    params: z.strictObject({}),
    problems: ["unauthorized", "forbidden"],
    act: async (c) => {
      await revokeKey(c.env.DB, holderOf(c).key.key_id, c.get("deps").now());
      // Its rules stop with it.
      await announceRules(c.env, c.get("config"));
    },
  }),
];

function holderOf(c: ApiContext): Extract<Caller, { kind: "key" }> {
  const caller = c.get("caller");
  if (caller.kind === "key") return caller;
  if (caller.kind === "admin") throw new ProblemError("forbidden", "The ADMIN_TOKEN is not an API key; it is changed where it is set.");
  throw new ProblemError("unauthorized", "Send your API key as Authorization: Bearer or as X-API-Key.", {
    headers: { "WWW-Authenticate": "Bearer" },
  });
}

async function keyOfHolder(c: ApiContext, { key_id }: ApiKey): Promise<ApiKey> {
  const key = await readKey(c.env.DB, key_id);
  if (key === null) throw new RangeError(`the key ${key_id} of a valid request does not exist`);
  return key;
}
