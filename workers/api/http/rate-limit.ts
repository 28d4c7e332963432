import type { ApiKey } from "../../access/keys.ts";
import { type Usage, quotaResetTime } from "../../access/usage.ts";
import type { ApiContext } from "./api-env.ts";
import { ProblemError } from "./problem.ts";

/** The limits in `[[ratelimits]]` of wrangler.toml, repeated here because the bindings do not expose them. */
export const RATE_LIMITS = {
  address: { limit: 120, periodSeconds: 60 },
  key: { limit: 600, periodSeconds: 60 },
  credentials: { limit: 600, periodSeconds: 60 },
} as const;

/** Limits requests without a valid key. */
export function limitByAddress(c: ApiContext): Promise<void> {
  return limit(c, c.env.RATE_LIMIT, "address", addressOf(c));
}

function addressOf(c: ApiContext): string {
  return c.req.header("CF-Connecting-IP") ?? "unknown";
}

/** Limits requests with a credential, valid or not, by address. */
export function limitCredentialsOf(c: ApiContext): Promise<void> {
  return limit(c, c.env.KEY_RATE_LIMIT, "credentials", `address:${addressOf(c)}`);
}

/** Limits the requests of one key over all addresses. */
export function limitByCredential(c: ApiContext, credential: string): Promise<void> {
  return limit(c, c.env.KEY_RATE_LIMIT, "key", credential);
}

/**
 * The binding answers yes or no and not how many requests are left, so `RateLimit` is sent only where the number is
 * known: when it is 0 (draft-ietf-httpapi-ratelimit-headers-10).
 */
async function limit(c: ApiContext, limiter: RateLimit | undefined, policy: keyof typeof RATE_LIMITS, key: string): Promise<void> {
  // The binding is absent where a local tool runs the Worker without it.
  if (limiter === undefined) return;
  const { limit: most, periodSeconds: seconds } = RATE_LIMITS[policy];
  const header = `"${policy}";q=${most};w=${seconds}`;
  c.header("RateLimit-Policy", header);
  const { success } = await limiter.limit({ key });
  if (success) return;
  throw new ProblemError("rate_limited", `More than ${most} requests in ${seconds} s from one ${policy}.`, {
    headers: { "Retry-After": String(seconds), "RateLimit-Policy": header, RateLimit: `"${policy}";r=0;t=${seconds}` },
  });
}

/** Here a key's holder sees what is used up, so it must stay readable when the quota is. */
const FREE_OF_QUOTA = "/v1/usage";

/** States how many requests of the day a key has left, and refuses the request where none is left. */
export function requireQuota(c: ApiContext, { requests_per_day: most }: ApiKey, { requests }: Usage, now: number): void {
  if (most === null) return;
  const wait = secondsToReset(now);
  const policy = `"day";q=${most};w=86400`;
  c.header("RateLimit-Policy", policy, { append: true });
  c.header("RateLimit", `"day";r=${Math.max(0, most - requests)};t=${wait}`);
  if (requests <= most || c.req.path === FREE_OF_QUOTA) return;
  throw new ProblemError("quota_exceeded", `This API key has used up its ${most} requests for this UTC day.`, {
    headers: { "Retry-After": String(wait) },
  });
}

export function secondsToReset(now: number): number {
  return Math.ceil((quotaResetTime(now) - now) / 1_000);
}
