import type { Problem } from "./api.d.ts";

/** What a program can branch on; a newer server may send codes that this client does not know. */
export type ProblemCode = Problem["code"];

/** Any error that this client throws on its own. */
export class LiquidationsError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No whole answer came: no connection, none in time, one that broke off, or something else in place of the API's. */
export class ConnectionError extends LiquidationsError {}

/** The server refused a request. There is a class for each `code` of the API's problems. */
export class ApiError extends LiquidationsError {
  /** HTTP status. */
  readonly status: number;
  /** The API's code; null where something in between answered in its place. */
  readonly code: ProblemCode | (string & {}) | null;
  /** Each parameter that was wrong, and what is allowed. */
  readonly errors: readonly { readonly parameter: string; readonly detail: string }[];
  /** Names that were most likely meant, best first. */
  readonly nearest: readonly string[];
  /** Quote it when you report a fault. */
  readonly requestId: string | null;
  /** Milliseconds until the server wants to be asked again; null where it did not say. */
  readonly retryAfterMs: number | null;

  constructor(answer: Answer) {
    const { status, problem, text = "", requestId = null, waitMs = null } = answer;
    super(problem?.detail ?? `The server answered with status ${status} and no problem of the API: ${text.slice(0, 200)}`);
    this.status = status;
    this.code = problem?.code ?? null;
    this.errors = problem?.errors ?? [];
    this.nearest = problem?.nearest ?? [];
    this.requestId = problem?.request_id ?? requestId;
    this.retryAfterMs = waitMs;
  }
}

interface Answer {
  readonly status: number;
  readonly text?: string;
  /** Null where the answer is none of the API. */
  readonly problem: (Pick<Problem, "code" | "detail"> & Partial<Problem>) | null;
  readonly requestId?: string | null;
  readonly waitMs?: number | null;
}

/** 400: a parameter or body that is not allowed; `errors` names each. */
export class BadParametersError extends ApiError {}
/** 400: a rule that cannot be read; `errors` names the line and column. */
export class BadRuleError extends BadParametersError {}
/** A rule that would fire too often; the message says how often. */
export class RuleFiresTooOftenError extends ApiError {}
/** 401: the key is missing, unknown, revoked or expired. */
export class UnauthorizedError extends ApiError {}
/** 403: the key lacks the scope. */
export class ForbiddenError extends ApiError {}
/** 404 */
export class NotFoundError extends ApiError {}
/** 404: nobody collects this base asset; `nearest` lists names that may be meant. */
export class UnknownSymbolError extends NotFoundError {}
/** 405 */
export class MethodNotAllowedError extends ApiError {}
/** 409: the state does not allow it. */
export class ConflictError extends ApiError {}
/** 410: the archive had it and has deleted it. */
export class ArchiveExpiredError extends ApiError {}
/** 410: the files of the export are deleted. */
export class ExportExpiredError extends ApiError {}
/** 413 */
export class TooLargeError extends ApiError {}
/** 416 */
export class RangeNotSatisfiableError extends ApiError {}
/** 422: the `Idempotency-Key` was used with another body. */
export class IdempotencyMismatchError extends ApiError {}
/** 429: too many requests in a minute. */
export class RateLimitedError extends ApiError {}
/** 429: the daily quota of the key is used up. */
export class QuotaExceededError extends RateLimitedError {}
/** 500: a fault of the server; quote `requestId`. */
export class InternalError extends ApiError {}
/** 501: the range needs the archive, which is not configured. */
export class ArchiveOffError extends ApiError {}
/** 502: the archive refuses the server. */
export class ArchiveRefusedError extends ApiError {}
/** 503: try again later. */
export class UnavailableError extends ApiError {}
