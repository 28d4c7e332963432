import { retryAfterMs } from "../retry-after.ts";
import { type ResolveName, guardResolved } from "./address-guard.ts";
import { EXCERPT_BYTES, readBeginning, responseExcerpt } from "./response-excerpt.ts";
import { within, isTimeout } from "../within.ts";
import { messageOf } from "../message-of.ts";

export const ATTEMPT_TIMEOUT_MS = 15_000;
/** A channel that names its message sends it back whole: more than the longest of them. */
const MESSAGE_BYTES = 65_536;

/** A request ready to be sent. */
export interface Outgoing {
  readonly method: "POST" | "PATCH";
  readonly url: string;
  /** Whether the URL comes from the configuration, and so from the operator, and needs no check. */
  readonly configured: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Texts that must not show in the delivery log. */
  readonly secrets: readonly string[];
  /** Finds the id of the message in the body of the response, so that it can be edited; null where nobody needs it. */
  readonly messageId: ((body: string) => string | null) | null;
}

/** The result of an attempt. `gone`: the receiver wants no more deliveries. `busy`: it is alive and asks to wait. */
export interface AttemptResult {
  readonly outcome: "delivered" | "failed" | "busy" | "gone";
  /** HTTP status; null where there was no response. */
  readonly status: number | null;
  readonly latency_ms: number;
  /** The beginning of the response. */
  readonly response: string | null;
  /** The reason of a failure; null on success. */
  readonly error: string | null;
  readonly retry_after_ms: number | null;
  /** The id of the message in the chat; null where it is not known. */
  readonly message_id: string | null;
}

export interface AttemptDependencies {
  readonly fetch: typeof fetch;
  readonly resolve: ResolveName;
  readonly now: () => number;
  readonly localDevelopment: boolean;
  readonly timeoutMs: number;
}

/** Sends one request and returns its result; it never throws. */
export async function attempt(outgoing: Outgoing, deps: AttemptDependencies): Promise<AttemptResult> {
  const started = deps.now();
  const failure = (error: string): AttemptResult => {
    const shown = responseExcerpt(error, outgoing.secrets);
    return unanswered(shown, deps.now() - started);
  };
  try {
    const refusal = outgoing.configured ? null : await refusalOf(outgoing.url, deps);
    if (refusal !== null) return failure(refusal);
    return await within(deps.timeoutMs, async (signal) => {
      const { method, headers, body } = outgoing;
      // A redirect could lead to an address that the check would refuse.
      const response = await deps.fetch(outgoing.url, { method, headers, body, redirect: "manual", signal });
      const latency = deps.now() - started;
      const text = await readBeginning(response, outgoing.messageId === null ? EXCERPT_BYTES : MESSAGE_BYTES);
      const result = judge(response, text, deps.now(), outgoing.secrets);
      return { latency_ms: latency, ...result, message_id: result.outcome === "delivered" ? (outgoing.messageId?.(text) ?? null) : null };
    });
  } catch (error) {
    return failure(isTimeout(error) ? error.message : `connection failed: ${messageOf(error)}`);
  }
}

/** The result where there was no response. */
export function unanswered(error: string, latency_ms: number): AttemptResult {
  return { outcome: "failed", status: null, latency_ms, response: null, error, retry_after_ms: null, message_id: null };
}

async function refusalOf(url: string, deps: AttemptDependencies): Promise<string | null> {
  try {
    const guarded = await guardResolved(url, deps.localDevelopment, deps.resolve);
    return guarded.kind === "refused" ? `the URL is not allowed: it ${guarded.reason}` : null;
  } catch (error) {
    return `the name could not be resolved: ${messageOf(error)}`;
  }
}

function judge(
  response: Response,
  text: string,
  now: number,
  secrets: readonly string[],
): Omit<AttemptResult, "latency_ms" | "message_id"> {
  const { status } = response;
  const shared = { status, response: responseExcerpt(text, secrets), retry_after_ms: null };
  if (status >= 200 && status < 300) return { ...shared, outcome: "delivered", error: null };
  if (status === 410) return { ...shared, outcome: "gone", error: "HTTP 410: the receiver wants no more deliveries" };
  if (status >= 300 && status < 400) return { ...shared, outcome: "failed", error: `HTTP ${status}: redirects are not followed` };
  const asked = status === 429 || status === 503 ? retryAfterMs(response.headers.get("retry-after"), now) : null;
  const wait = status === 429 ? (asked ?? waitInBody(text)) : asked;
  return { ...shared, outcome: status === 429 ? "busy" : "failed", error: `HTTP ${status}`, retry_after_ms: wait };
}

/** Telegram and Discord state the seconds to wait in the body too. */
function waitInBody(text: string): number | null {
  const seconds = /"retry_after"\s*:\s*(\d{1,6}(?:\.\d+)?)/.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}
