import type { ApiKey } from "../../access/keys.ts";
import { type Usage, quotaResetTime } from "../../access/usage.ts";
import { IsolateMemory } from "../../../src/isolate-memory.ts";
import { MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { ApiContext } from "./api-env.ts";
import { countedAddress } from "./counted-address.ts";
import type { CountedLimit } from "./counted-limit.ts";
import { ProblemError } from "./problem.ts";

/** The limits in `[[ratelimits]]` of wrangler.toml, repeated here because the bindings do not expose them. */
export const RATE_LIMITS = {
  address: { limit: 120, periodSeconds: 60 },
  key: { limit: 600, periodSeconds: 60 },
  credentials: { limit: 600, periodSeconds: 60 },
} as const;

type Policy = CountedLimit["policy"];

/** Maximum number of callers counted; further ones get no number. */
const MAX_COUNTED = 20_000;

/**
 * Requests of the running minute, as far as they came to this isolate. The binding answers only yes or no, so this is
 * what `RateLimit` is computed from: other isolates may have served more, so the number left is an upper bound.
 */
class MinuteCounts {
  #minute = 0;
  readonly #counts = new Map<string, number>();

  /** Counts requests; null where too many callers are counted already. */
  add(caller: string, requests: number, now: number): number | null {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    const before = this.#counts.get(caller);
    if (before === undefined && this.#counts.size >= MAX_COUNTED) return null;
    this.#counts.set(caller, (before ?? 0) + requests);
    return (before ?? 0) + requests;
  }
}

const counts = new IsolateMemory(() => new MinuteCounts());

/** Limits requests without a valid key. */
export function limitByAddress(c: ApiContext): Promise<void> {
  return limit(c, c.env.RATE_LIMIT, "address", addressOf(c));
}

/** Limits the requests of a key beyond its daily quota like those without a key, and states both limits. */
export function limitOverQuota(c: ApiContext): Promise<void> {
  return limit(c, c.env.RATE_LIMIT, "address", addressOf(c), true);
}

/** What the client is counted by: its address as the platform gives it, or the /64 of one with IPv6. */
export function addressOf(c: ApiContext): string {
  const address = c.req.header("CF-Connecting-IP");
  return address === undefined ? "unknown" : countedAddress(address);
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
 * Counts what an answer costs beyond one request, against the limit that its caller is counted by.
 * @throws {ProblemError} 429 where that is more than is left
 */
export async function chargeCost(c: ApiContext, cost: number): Promise<void> {
  const counted = c.get("counted").at(-1);
  if (counted === undefined || cost <= 1) return;
  await count(c, counted, cost - 1);
}

/** Headers as in draft-ietf-httpapi-ratelimit-headers-10. */
async function limit(c: ApiContext, limiter: RateLimit | undefined, policy: Policy, caller: string, append = false): Promise<void> {
  // The binding is absent where a local tool runs the Worker without it.
  if (limiter === undefined) return;
  const counted = { policy, caller, limiter };
  c.set("counted", [...c.get("counted"), counted]);
  c.header("RateLimit-Policy", policyText(policy), { append });
  await count(c, counted, 1, append);
}

/** The binding has no weights, so it is asked once for each request that is counted. It answers from memory. */
async function count(c: ApiContext, { policy, caller, limiter }: CountedLimit, requests: number, append = false): Promise<void> {
  const { limit: most, periodSeconds: seconds } = RATE_LIMITS[policy];
  const now = c.get("deps").now();
  const sum = counts.kept.add(`${policy} ${caller}`, requests, now);
  const wait = Math.ceil((floorTo(now, MINUTE_MS) + MINUTE_MS - now) / 1_000);
  if (sum !== null) state(c, policy, `"${policy}";r=${Math.max(0, most - sum)};t=${wait}`, append);
  const outcomes = await Promise.all(Array.from({ length: requests }, () => limiter.limit({ key: caller })));
  if (outcomes.every(({ success }) => success)) return;
  const weighed = requests === 1 ? "" : ` This one counts as ${requests + 1}.`;
  throw new ProblemError("rate_limited", `More than ${most} requests in ${seconds} s from one ${policy}.${weighed}`, {
    headers: { "Retry-After": String(seconds), "RateLimit-Policy": policyText(policy), RateLimit: `"${policy}";r=0;t=${seconds}` },
  });
}

/** States how a limit stands, in place of what was stated of it before. */
function state(c: ApiContext, policy: Policy, standing: string, append: boolean): void {
  const stated = c.res.headers.get("RateLimit") ?? "";
  const own = new RegExp(`"${policy}";r=\\d+;t=\\d+`);
  if (own.test(stated)) c.header("RateLimit", stated.replace(own, standing));
  else c.header("RateLimit", standing, { append });
}

function policyText(policy: Policy): string {
  const { limit: most, periodSeconds: seconds } = RATE_LIMITS[policy];
  return `"${policy}";q=${most};w=${seconds}`;
}

/**
 * States how many requests of the day a key has left.
 * @returns whether the quota is used up
 */
export function noteQuota(c: ApiContext, { requests_per_day: most }: ApiKey, { requests }: Usage, now: number): boolean {
  if (most === null) return false;
  c.header("RateLimit-Policy", `"day";q=${most};w=86400`, { append: true });
  c.header("RateLimit", `"day";r=${Math.max(0, most - requests)};t=${secondsToReset(now)}`, { append: true });
  return requests > most;
}

/** The problem for what a key could do if its daily quota were not used up. */
export function quotaProblem({ requests_per_day: most }: ApiKey, now: number): ProblemError {
  return new ProblemError("quota_exceeded", `This API key has used up its ${most ?? 0} requests for this UTC day.`, {
    headers: { "Retry-After": String(secondsToReset(now)) },
  });
}

export function secondsToReset(now: number): number {
  return Math.ceil((quotaResetTime(now) - now) / 1_000);
}
