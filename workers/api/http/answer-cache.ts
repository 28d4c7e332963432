import { sha256Hex } from "../../../src/sha256.ts";

/** An answer without what differs between two requests for it: its request id and its age. */
export interface ComputedAnswer {
  /** ms */
  readonly computed_time: number;
  readonly etag: string;
  /** `data` as JSON. */
  readonly data: string;
  /** `meta` as JSON, without `request_id` and `computed_time`. */
  readonly meta: string;
}

/** Answers that are the same for every caller who may ask for them, kept for seconds. */
export interface AnswerCache {
  /** Never throws: a cache that is out of order has no answer. */
  read(url: string, now: number): Promise<ComputedAnswer | null>;
  /** Never throws: an answer that cannot be kept is computed again. */
  write(url: string, answer: ComputedAnswer, seconds: number): Promise<void>;
}

/** Answers that this isolate keeps besides the platform's cache, which does nothing on workers.dev. */
const MAX_KEPT = 200;
const MAX_KEPT_LENGTH = 200_000;

/** The platform's cache of the location, and in front of it what this isolate has computed itself. */
export function platformCache(): AnswerCache {
  const kept = new Map<string, { readonly answer: ComputedAnswer; readonly until: number }>();
  return {
    async read(url, now) {
      const own = kept.get(url);
      if (own !== undefined && now < own.until) return own.answer;
      kept.delete(url);
      try {
        const found = await caches.default.match(url);
        return found === undefined ? null : ((await found.json()) as ComputedAnswer);
      } catch {
        // As where it has none: the answer is computed.
        return null;
      }
    },
    async write(url, answer, seconds) {
      if (answer.data.length <= MAX_KEPT_LENGTH) {
        kept.set(url, { answer, until: answer.computed_time + seconds * 1_000 });
        const [oldest] = kept.keys();
        if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      }
      const headers = { "Cache-Control": `max-age=${seconds}`, "Content-Type": "application/json" };
      // A cache that is out of order only means that the answer is computed again.
      await caches.default.put(url, new Response(JSON.stringify(answer), { headers })).catch(() => undefined);
    },
  };
}

/**
 * The address that an answer is kept under, which no request can ask for: `/.answers` is no path of the API. It holds all that
 * the answer depends on, the version of the Worker too, and nothing of the caller.
 */
export async function answerUrl(requestUrl: string, version: string, operation: string, asked: object): Promise<string> {
  return `${new URL(requestUrl).origin}/.answers/${version}/${operation}/${await sha256Hex(JSON.stringify(asked))}`;
}
