import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./api-env.ts";
import { ProblemError } from "./problem.ts";

/** What `[[ratelimits]]` of wrangler.toml counts; the binding does not tell, so it is said again here. */
export const RATE_LIMIT_POLICY = { limit: 120, periodSeconds: 60 } as const;

const POLICY_HEADER = `"default";q=${RATE_LIMIT_POLICY.limit};w=${RATE_LIMIT_POLICY.periodSeconds}`;

/**
 * Limits requests by address. The binding answers yes or no, not how many are left, so `RateLimit` is sent only where it
 * is known: with 0 left (draft-ietf-httpapi-ratelimit-headers-10).
 */
export const rateLimit: MiddlewareHandler<ApiEnv> = async (c, next) => {
  // Absent where the Worker is run without the binding, as some local tools do.
  const limiter = c.env.RATE_LIMIT as RateLimit | undefined;
  if (limiter === undefined) return next();
  c.header("RateLimit-Policy", POLICY_HEADER);
  const { success } = await limiter.limit({ key: c.req.header("CF-Connecting-IP") ?? "unknown" });
  if (success) return next();
  const wait = String(RATE_LIMIT_POLICY.periodSeconds);
  throw new ProblemError("rate_limited", `More than ${RATE_LIMIT_POLICY.limit} requests within ${wait} s from one address.`, {
    headers: { "Retry-After": wait, "RateLimit-Policy": POLICY_HEADER, RateLimit: `"default";r=0;t=${wait}` },
  });
};
