import type { ParseAs } from "openapi-fetch";
import { fullJitter } from "../../../src/backoff.ts";
import { messageOf } from "../../../src/message-of.ts";
import { errorOf } from "./error-of.ts";
import { ApiError, ConnectionError } from "./problem-errors.ts";
import { readAnswer, withSilenceLimit } from "./read-answer.ts";
import { wait } from "./wait.ts";

export interface ClientOptions {
  /** Address of the Worker, such as `https://liquidations.example.com`. */
  readonly url: string;
  /** API key. It is sent in a header, by https or to this machine only. */
  readonly key?: string | undefined;
  /** Instead of the platform's own `fetch`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** How often a request that failed for now is sent again (default 4); 0 for never. */
  readonly retries?: number | undefined;
  /** Longest wait before a retry, ms (default 60,000): where `Retry-After` asks for more, the error is thrown instead. */
  readonly maxWaitMs?: number | undefined;
  /** Longest silence, ms (default 20,000): until an answer begins, and then until more of it comes. All of it may take longer. */
  readonly timeoutMs?: number | undefined;
}

const RETRY = { baseMs: 500, capMs: 15_000 };
/** Answers that the same request may get otherwise in a moment; those over 500 may also come from a proxy. The Python client has the same ones. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);
/** Problems with such a status that only the operator can end. */
const LASTING: ReadonlySet<string | null> = new Set([
  "archive_key_refused",
  "archive_schema_outdated",
  "archive_request_refused",
  "misconfigured",
]);
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/** Sends requests to one Worker with its key, and again where that may help. */
export class Transport {
  /** The Worker's address, without a trailing slash. */
  readonly url: string;
  readonly #key: string | null;
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #retries: number;
  readonly #maxWaitMs: number;
  readonly #timeoutMs: number;

  /** @throws {RangeError} naming the option and what is allowed */
  constructor({ url, key, fetch: given, retries = 4, maxWaitMs = 60_000, timeoutMs = 20_000 }: ClientOptions) {
    this.url = addressOf(url, key !== undefined);
    this.#key = key ?? null;
    this.#fetch = given ?? ((request) => fetch(request));
    this.#retries = retries;
    this.#maxWaitMs = maxWaitMs;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends a request and reads the answer, and does so again after a passing failure: a read, or a write that the server
   * recognizes as the same by its `Idempotency-Key`. What was limited was not done, so it is repeated whatever it is.
   * @param parseAs what the body is read as, as in openapi-fetch
   * @returns the body; undefined where there is none
   * @throws {ApiError} where the answer is a problem
   * @throws {ConnectionError} where no whole answer came
   */
  async send(request: Request, parseAs: ParseAs = "json"): Promise<unknown> {
    const isRepeatable = SAFE.has(request.method) || request.headers.has("Idempotency-Key");
    for (let failures = 1; ; failures += 1) {
      const isLast = failures > this.#retries;
      try {
        const response = await this.open(isLast ? request : request.clone());
        return await readAnswer(withSilenceLimit(response, this.#timeoutMs), parseAs);
      } catch (error) {
        // Whoever aborted the request gets the reason, not the break that it caused.
        request.signal.throwIfAborted();
        const waitMs = isLast ? null : this.#waitOf(error, failures, isRepeatable);
        if (waitMs === null) throw error;
        await wait(waitMs, request.signal);
      }
    }
  }

  /**
   * Sends a request once.
   * @returns the answer as soon as it begins, its body unread
   * @throws {ApiError} where it is a problem
   * @throws {ConnectionError} where none begins in time; the signal's reason where it is aborted
   */
  async open(request: Request): Promise<Response> {
    const response = await this.#begin(request);
    if (response.ok) return response;
    throw await errorOf(withSilenceLimit(response, this.#timeoutMs));
  }

  async #begin(request: Request): Promise<Response> {
    if (this.#key !== null) request.headers.set("Authorization", `Bearer ${this.#key}`);
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new ConnectionError(`No answer began within ${this.#timeoutMs / 1_000} s.`)),
      this.#timeoutMs,
    );
    try {
      return await this.#fetch(new Request(request, { signal: AbortSignal.any([request.signal, late.signal]) }));
    } catch (error) {
      if (request.signal.aborted || error instanceof ConnectionError) throw error;
      throw new ConnectionError(`${new URL(request.url).origin} cannot be reached: ${innermostReason(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** The wait before the next attempt, ms; null where there is none. */
  #waitOf(error: unknown, failures: number, isRepeatable: boolean): number | null {
    if (error instanceof ConnectionError) return isRepeatable ? fullJitter(failures, RETRY, Math.random) : null;
    if (!(error instanceof ApiError) || !PASSING.has(error.status) || LASTING.has(error.code)) return null;
    if (!isRepeatable && error.status !== 429) return null;
    const waitMs = error.retryAfterMs ?? fullJitter(failures, RETRY, Math.random);
    return waitMs <= this.#maxWaitMs ? waitMs : null;
  }
}

/** Node's `fetch failed` says why in its cause, by code where several addresses were tried. */
function innermostReason(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  if (error.cause instanceof Error) return innermostReason(error.cause);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

function addressOf(url: string, hasKey: boolean): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isHttp = parsed?.protocol === "https:" || parsed?.protocol === "http:";
  if (parsed === null || !isHttp) throw new RangeError(`url is ${JSON.stringify(url)}; allowed: an https:// or http:// address`);
  const isHere = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(parsed.hostname);
  if (hasKey && parsed.protocol === "http:" && !isHere) {
    throw new RangeError(`url is ${JSON.stringify(url)}; allowed with a key: an https:// address, or http:// of this machine`);
  }
  return url.replace(/\/+$/, "");
}
