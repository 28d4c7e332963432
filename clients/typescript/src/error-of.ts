import { retryAfterMs } from "../../../src/retry-after.ts";
import type { Problem } from "./api.d.ts";
import {
  ApiError,
  ArchiveExpiredError,
  ArchiveOffError,
  ArchiveRefusedError,
  BadParametersError,
  BadRuleError,
  ConflictError,
  ExportExpiredError,
  ForbiddenError,
  IdempotencyMismatchError,
  InternalError,
  MethodNotAllowedError,
  NotFoundError,
  QuotaExceededError,
  RangeNotSatisfiableError,
  RateLimitedError,
  TooLargeError,
  RuleFiresTooOftenError,
  UnauthorizedError,
  UnavailableError,
  UnknownSymbolError,
  type ProblemCode,
} from "./problem-errors.ts";

/** The class of each code. A code that the document has and this table lacks does not compile. */
const CLASSES = {
  bad_parameters: BadParametersError,
  bad_rule: BadRuleError,
  unauthorized: UnauthorizedError,
  forbidden: ForbiddenError,
  not_found: NotFoundError,
  unknown_symbol: UnknownSymbolError,
  method_not_allowed: MethodNotAllowedError,
  conflict: ConflictError,
  archive_expired: ArchiveExpiredError,
  export_expired: ExportExpiredError,
  too_large: TooLargeError,
  idempotency_mismatch: IdempotencyMismatchError,
  rule_fires_too_often: RuleFiresTooOftenError,
  range_not_satisfiable: RangeNotSatisfiableError,
  rate_limited: RateLimitedError,
  quota_exceeded: QuotaExceededError,
  internal: InternalError,
  archive_off: ArchiveOffError,
  archive_key_refused: ArchiveRefusedError,
  archive_schema_outdated: ArchiveRefusedError,
  archive_request_refused: ArchiveRefusedError,
  archive_unavailable: UnavailableError,
  misconfigured: UnavailableError,
  storage_unavailable: UnavailableError,
  stream_unavailable: UnavailableError,
  not_ready: UnavailableError,
} as const satisfies Readonly<Record<ProblemCode, typeof ApiError>>;

/** The error of an answer that failed. It reads the body. */
export async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  const problem = problemIn(text);
  const Class: typeof ApiError = problem === null || !(problem.code in CLASSES) ? ApiError : CLASSES[problem.code];
  return new Class({
    status: response.status,
    text,
    problem,
    requestId: response.headers.get("X-Request-Id"),
    waitMs: retryAfterMs(response.headers.get("Retry-After"), Date.now()),
  });
}

function problemIn(text: string): Problem | null {
  try {
    const body = JSON.parse(text) as Partial<Problem> | null;
    return typeof body?.code === "string" && typeof body.detail === "string" ? (body as Problem) : null;
  } catch {
    return null;
  }
}
