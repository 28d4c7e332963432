import type { MiddlewareHandler } from "hono";
import type { ApiContext, ApiEnv } from "./api-env.ts";
import { ProblemError } from "./problem.ts";

/** Lets everybody read while `PUBLIC_READ` is true, else only who holds `ADMIN_TOKEN`. */
export const readAccess: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { PUBLIC_READ, ADMIN_TOKEN } = c.get("config");
  if (PUBLIC_READ) return next();
  if (await isAdmin(c)) return next();
  const detail =
    ADMIN_TOKEN === null
      ? "Reading is not public and ADMIN_TOKEN is not set, so nobody can read."
      : "Reading is not public here: send Authorization: Bearer with a valid key.";
  throw new ProblemError("unauthorized", detail, { headers: { "WWW-Authenticate": "Bearer" } });
};

/** Lets only who holds `ADMIN_TOKEN` through. */
export const adminAccess: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (await isAdmin(c)) return next();
  const detail =
    c.get("config").ADMIN_TOKEN === null
      ? "ADMIN_TOKEN is not set, so nobody can manage anything here."
      : "Send Authorization: Bearer with the ADMIN_TOKEN.";
  throw new ProblemError("unauthorized", detail, { headers: { "WWW-Authenticate": "Bearer" } });
};

async function isAdmin(c: ApiContext): Promise<boolean> {
  const { ADMIN_TOKEN } = c.get("config");
  const given = /^Bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
  return ADMIN_TOKEN !== null && given !== undefined && (await sameText(given, ADMIN_TOKEN));
}

/** Compares digests, so that the time taken tells nothing of the secret, not even its length. */
async function sameText(a: string, b: string): Promise<boolean> {
  return crypto.subtle.timingSafeEqual(await digest(a), await digest(b));
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
