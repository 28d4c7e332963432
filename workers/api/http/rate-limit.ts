import type { ApiKey } from "../../access/keys.ts";
import { type Usage, quotaResetTime } from "../../access/usage.ts";
import type { ApiContext } from "./api-env.ts";
import { ProblemError } from "./problem.ts";

/** What `[[ratelimits]]` of wrangler.toml count; the bindings do not tell, so it is said again here. */
export const RATE_LIMITS = {
  address: { limit: 120, periodSeconds: 60 },
  key: { limit: 600, periodSeconds: 60 },
  credentials: { limit: 600, periodSeconds: 60 },
} as const;

/** Limits requests without a good key. */
export function limitByAddress(c: ApiContext): Promise<void> {
  return limit(c, c.env.RATE_LIMIT, "address", addressOf(c));
}

function addressOf(c: ApiContext): string {
  return c.req.header("CF-Connecting-IP") ?? "unknown";
}

/** Limits requests with a credential, good or not, by address. */
export function limitCredentialsOf(c: ApiContext): Promise<void> {
  return limit(c, c.env.KEY_RATE_LIMIT, "credentials", `address:${addressOf(c)}`);
}

/** Limits requests of one key, whatever addresses they come from. */
export function limitByCredential(c: ApiContext, credential: string): Promise<void> {
  return limit(c, c.env.KEY_RATE_LIMIT, "key", credential);
}

/**
 * The binding answers yes or no, not how many are left, so `RateLimit` tells of it only where it is known: with 0 left
 * (draft-ietf-httpapi-ratelimit-headers-10).
 */
async function limit(c: ApiContext, limiter: RateLimit | undefined, policy: keyof typeof RATE_LIMITS, key: string): Promise<void> {
  // Absent where the Worker is run without the binding, as some local tools do.
  if (limiter === undefined) return;
  const { limit: most, periodSeconds: seconds } = RATE_LIMITS[policy];
  const header = `"${policy}";q=${most};w=${seconds}`;
  c.header("RateLimit-Policy", header);
  const { success } = await limiter.limit({ key });
  if (success) return;
  throw new ProblemError("rate_limited", `More than ${most} requests within ${seconds} s from one ${policy}.`, {
    headers: { "Retry-After": String(seconds), "RateLimit-Policy": header, RateLimit: `"${policy}";r=0;t=${seconds}` },
  });
}

/** Where a key's holder sees what is used up, which is of most use once it is. */
const FREE_OF_QUOTA = "/v1/usage";

/** Says what is left of a key's requests of the day, and ends the request where nothing is. */
export function requireQuota(c: ApiContext, { requests_per_day: most }: ApiKey, { requests }: Usage, now: number): void {
  if (most === null) return;
  const wait = secondsToReset(now);
  const policy = `"day";q=${most};w=86400`;
  c.header("RateLimit-Policy", policy, { append: true });
  c.header("RateLimit", `"day";r=${Math.max(0, most - requests)};t=${wait}`);
  if (requests <= most || c.req.path === FREE_OF_QUOTA) return;
  throw new ProblemError("quota_exceeded", `The key's ${most} requests of this UTC day are used up.`, {
    headers: { "Retry-After": String(wait) },
  });
}

export function secondsToReset(now: number): number {
  return Math.ceil((quotaResetTime(now) - now) / 1_000);
}
