import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ApiContext } from "./api-env.ts";

/** The kinds of error response, for programs to branch on. */
export type ProblemCode =
  | "bad_parameters"
  | "bad_rule"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "unknown_symbol"
  | "method_not_allowed"
  | "conflict"
  | "too_large"
  | "idempotency_mismatch"
  | "rule_fires_too_often"
  | "range_not_satisfiable"
  | "rate_limited"
  | "quota_exceeded"
  | "export_expired"
  | "archive_off"
  | "archive_expired"
  | "archive_unavailable"
  | "archive_key_refused"
  | "archive_schema_outdated"
  | "archive_request_refused"
  | "misconfigured"
  | "storage_unavailable"
  | "stream_unavailable"
  | "not_ready"
  | "internal";

export const PROBLEMS: Readonly<Record<ProblemCode, { readonly status: ContentfulStatusCode; readonly title: string }>> = {
  bad_parameters: { status: 400, title: "Bad Request" },
  bad_rule: { status: 400, title: "Bad Request" },
  unauthorized: { status: 401, title: "Unauthorized" },
  forbidden: { status: 403, title: "Forbidden" },
  not_found: { status: 404, title: "Not Found" },
  unknown_symbol: { status: 404, title: "Not Found" },
  method_not_allowed: { status: 405, title: "Method Not Allowed" },
  conflict: { status: 409, title: "Conflict" },
  archive_expired: { status: 410, title: "Gone" },
  export_expired: { status: 410, title: "Gone" },
  too_large: { status: 413, title: "Content Too Large" },
  idempotency_mismatch: { status: 422, title: "Unprocessable Content" },
  rule_fires_too_often: { status: 422, title: "Unprocessable Content" },
  range_not_satisfiable: { status: 416, title: "Range Not Satisfiable" },
  rate_limited: { status: 429, title: "Too Many Requests" },
  quota_exceeded: { status: 429, title: "Too Many Requests" },
  internal: { status: 500, title: "Internal Server Error" },
  archive_off: { status: 501, title: "Not Implemented" },
  archive_key_refused: { status: 502, title: "Bad Gateway" },
  archive_schema_outdated: { status: 502, title: "Bad Gateway" },
  archive_request_refused: { status: 502, title: "Bad Gateway" },
  archive_unavailable: { status: 503, title: "Service Unavailable" },
  misconfigured: { status: 503, title: "Service Unavailable" },
  storage_unavailable: { status: 503, title: "Service Unavailable" },
  stream_unavailable: { status: 503, title: "Service Unavailable" },
  not_ready: { status: 503, title: "Service Unavailable" },
};

export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

/** The problems of an operation whose range may reach back to data that only the archive holds. */
export const ARCHIVE_PROBLEMS = [
  "archive_off",
  "archive_expired",
  "archive_unavailable",
  "archive_key_refused",
  "archive_schema_outdated",
  "archive_request_refused",
] as const satisfies readonly ProblemCode[];

export interface ParameterError {
  readonly parameter: string;
  readonly detail: string;
  /** Place of the mistake in a text, both from 1; only where it has one. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Ends a request with a problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly ParameterError[];
  /** Names that were most likely meant, best first; null where the problem is of another kind. */
  readonly nearest: readonly string[] | null;

  constructor(
    code: ProblemCode,
    detail: string,
    extra: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly errors?: readonly ParameterError[];
      readonly nearest?: readonly string[];
    } = {},
  ) {
    super(detail);
    this.code = code;
    this.headers = extra.headers ?? {};
    this.errors = extra.errors ?? [];
    this.nearest = extra.nearest ?? null;
  }
}

/** A 400 that names each invalid parameter. */
export function badParameters(errors: readonly ParameterError[]): ProblemError {
  return new ProblemError("bad_parameters", errors.map(({ parameter, detail }) => `${parameter}: ${detail}`).join("; "), { errors });
}

/** The RFC 9457 body. `type` is `about:blank`, so `title` is the phrase of the status, and `code` tells the problems apart. */
export function problemBody(c: ApiContext, problem: ProblemError) {
  const { status, title } = PROBLEMS[problem.code];
  return {
    type: "about:blank",
    title,
    status,
    detail: problem.message,
    instance: c.req.path,
    code: problem.code,
    request_id: c.get("requestId"),
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
    ...(problem.nearest === null ? {} : { nearest: problem.nearest }),
  };
}

export function problemResponse(c: ApiContext, problem: ProblemError): Response {
  const headers = { ...problem.headers, "Content-Type": "application/problem+json" };
  return c.body(JSON.stringify(problemBody(c, problem)), PROBLEMS[problem.code].status, headers);
}
