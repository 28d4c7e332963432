import { signal } from "@preact/signals";

/** A limit that the API states in `RateLimit-Policy` and `RateLimit` of its answers. */
export interface Limit {
  /** The API's name of what is counted, such as `key` or `day`. */
  readonly policy: string;
  /** Number of requests allowed in `seconds`. */
  readonly allowed: number;
  readonly seconds: number;
  /** At most so many are left; null where the answer does not say. */
  readonly left: number | null;
  /** By the server's clock, ms; null where the answer does not say. */
  readonly resetTime: number | null;
}

/** The limits of this visitor, as the newest answer that states any has them. */
export const limits = signal<readonly Limit[]>([]);

/** Takes the limits from an answer. One out of the browser's cache says how they stood long ago. */
export function noteLimits(headers: Headers, now: number): void {
  const stated = limitsOf(headers, now);
  if (stated.length === 0 || stated.some(({ resetTime }) => resetTime !== null && resetTime < now)) return;
  limits.value = stated;
}

/**
 * The limits that an answer states, as draft-ietf-httpapi-ratelimit-headers-10 has them.
 * @param now when it came, by the server's clock, ms: a local server sends no `Date`
 */
export function limitsOf(headers: Headers, now: number): readonly Limit[] {
  const date = Date.parse(headers.get("Date") ?? "");
  const time = Number.isNaN(date) ? now : date;
  const standings = new Map(items(headers.get("RateLimit")).map((item) => [item.name, item.values] as const));
  return items(headers.get("RateLimit-Policy")).flatMap(({ name, values }) => {
    const [allowed, seconds] = [values.get("q"), values.get("w")];
    if (allowed === undefined || seconds === undefined) return [];
    const standing = standings.get(name);
    const wait = standing?.get("t");
    const resetTime = wait === undefined ? null : time + wait * 1_000;
    return [{ policy: name, allowed, seconds, left: standing?.get("r") ?? null, resetTime }];
  });
}

/** `"key";r=590;t=30, "day";r=9000;t=3600` as names with their numbers. */
function items(text: string | null): readonly { readonly name: string; readonly values: ReadonlyMap<string, number> }[] {
  return [...(text ?? "").matchAll(/"([\w-]+)"((?:;\w+=\d+)*)/g)].map(([, name = "", list = ""]) => ({
    name,
    values: new Map([...list.matchAll(/(\w+)=(\d+)/g)].map(([, key = "", value = ""]) => [key, Number(value)])),
  }));
}
