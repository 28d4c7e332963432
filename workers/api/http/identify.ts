import type { MiddlewareHandler } from "hono";
import { isApiKey } from "../../../src/access/api-key.ts";
import type { Caller } from "../../access/caller.ts";
import type { Config } from "../../../src/config.ts";
import { sha256Hex } from "../../../src/sha256.ts";
import { sameText } from "../../access/digest.ts";
import { type KeyRow, keyByHash, keyOf, refusalOfKey } from "../../access/keys.ts";
import { type Usage, countRequest } from "../../access/usage.ts";
import type { ApiContext, ApiEnv } from "./api-env.ts";
import { ProblemError } from "./problem.ts";
import { limitCredentialsOf, limitByAddress, limitByCredential, limitOverQuota, noteQuota } from "./rate-limit.ts";
import { rowsOf } from "../../d1/rows-of.ts";

/**
 * Identifies the caller and counts the request: by key where a valid one is sent, otherwise by address. An invalid
 * credential is refused even where none is needed, so that its holder finds out.
 */
export const identify: MiddlewareHandler<ApiEnv> = async (c, next) => {
  c.set("caller", await callerOf(c));
  return next();
};

async function callerOf(c: ApiContext): Promise<Caller> {
  const credential = credentialOf(c);
  if (credential === null) {
    await limitByAddress(c);
    return { kind: "public" };
  }
  // Before any comparison or look-up: this bounds how many credentials an address can try.
  await limitCredentialsOf(c);
  if (await isAdminToken(credential, c.get("config"))) {
    await limitByCredential(c, "admin");
    return { kind: "admin", credential };
  }
  return keyHolder(c, credential);
}

/** The previous token counts only beside the one that replaces it. Both are always compared, so that the duration tells nothing. */
async function isAdminToken(credential: string, { ADMIN_TOKEN, ADMIN_TOKEN_PREVIOUS }: Config): Promise<boolean> {
  if (ADMIN_TOKEN === null) return false;
  const matches = await Promise.all([ADMIN_TOKEN, ADMIN_TOKEN_PREVIOUS ?? ADMIN_TOKEN].map((token) => sameText(credential, token)));
  return matches.includes(true);
}

async function keyHolder(c: ApiContext, credential: string): Promise<Caller> {
  if (!isApiKey(credential)) {
    const unset = c.get("config").ADMIN_TOKEN === null ? ", and ADMIN_TOKEN is not set" : "";
    return refuse(c, `The credential is neither an API key (liq_…) nor the ADMIN_TOKEN${unset}.`);
  }
  const hash = await sha256Hex(credential);
  // Before the database is queried, so that one key cannot keep it busy.
  await limitByCredential(c, hash);
  const now = c.get("deps").now();
  const [keys, usages] = await c.env.DB.batch([keyByHash(c.env.DB, hash, now), countRequest(c.env.DB, hash, now)]);
  const [row] = rowsOf<KeyRow>(keys);
  if (row === undefined) return refuse(c, "This API key does not exist.");
  const key = keyOf(row);
  const refusal = refusalOfKey(key, now);
  if (refusal !== null) return refuse(c, refusal);
  const [usage] = rowsOf<Usage>(usages);
  if (usage === undefined) throw new RangeError("the request of a valid key was not counted");
  const isOverQuota = noteQuota(c, key, usage, now);
  if (isOverQuota) await limitOverQuota(c);
  return { kind: "key", key, usage, credential, isOverQuota };
}

/** The value of `Authorization: Bearer` or `X-API-Key`. Other authorization schemes are not ours to read. */
function credentialOf(c: ApiContext): string | null {
  return /^Bearer\b *(.*)$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? c.req.header("X-API-Key") ?? null;
}

/** Counts by address too, so that nobody can guess keys. */
async function refuse(c: ApiContext, detail: string): Promise<never> {
  await limitByAddress(c);
  throw new ProblemError("unauthorized", detail, { headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' } });
}
