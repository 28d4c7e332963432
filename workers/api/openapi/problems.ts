import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { Operation } from "../http/operation.ts";
import { type ParameterError, PROBLEMS, type ProblemCode } from "../http/problem.ts";
import { type AnswerHeader, headerRefs } from "./headers.ts";

interface ProblemDoc {
  /** When the problem occurs. */
  readonly when: string;
  /** An example of its detail. */
  readonly detail: string;
  readonly errors?: readonly ParameterError[];
  readonly nearest?: readonly string[];
  readonly headers?: readonly AnswerHeader[];
}

const DOCS: Readonly<Record<ProblemCode, ProblemDoc>> = {
  bad_parameters: {
    when: "A parameter is missing, unknown, repeated or invalid; `errors` names each one.",
    detail: "window: must be one of 15m, 1h, 4h, 24h",
    errors: [{ parameter: "window", detail: "must be one of 15m, 1h, 4h, 24h" }],
  },
  bad_rule: {
    when: "The rule cannot be read; `errors` names the line, the column and what is allowed there, `nearest` the fields that were most likely meant.",
    detail: "line 1, column 1: long_usd_5 is no field; did you mean long_usd_5m?",
    errors: [{ parameter: "rule", detail: "line 1, column 1: long_usd_5 is no field; did you mean long_usd_5m?", line: 1, column: 1 }],
    nearest: ["long_usd_5m"],
  },
  unauthorized: {
    when: "The operation needs a credential and none was sent, or the credential is not valid.",
    detail: "This API key does not exist.",
    headers: ["WWW-Authenticate"],
  },
  forbidden: {
    when: "The API key lacks the scope.",
    detail: "This operation needs an API key with the scope export; this key has read.",
    headers: ["WWW-Authenticate"],
  },
  not_found: { when: "Nothing with this id or name exists, or it is not visible to the caller.", detail: "This export does not exist." },
  unknown_symbol: {
    when: "The base asset is not collected, so nothing was measured; `nearest` names those that were most likely meant.",
    detail: "XBT is not collected; did you mean BTC?",
    errors: [{ parameter: "symbol", detail: "XBT is not collected; did you mean BTC?" }],
    nearest: ["BTC"],
  },
  method_not_allowed: { when: "The path does not support this method.", detail: "Supported methods: GET, HEAD.", headers: ["Allow"] },
  conflict: {
    when: "The state of the resource does not allow the request.",
    detail: "The export is still running; its files are available once its status is done.",
  },
  too_large: { when: "The request body is too large.", detail: "The request body exceeds 16384 bytes." },
  idempotency_mismatch: {
    when: "The Idempotency-Key was already used with a different request body.",
    detail: "This Idempotency-Key was already used with a different request body.",
  },
  rule_fires_too_often: {
    when: "The rule would have fired so often over the stored liquidations that its deliveries would say nothing.",
    detail:
      "In the last 6 h the rule would have fired 4318 times, 912 of them in the hour from 2026-11-21T07:00:00.000Z; allowed: up to 60 an hour. Narrow its condition, or lengthen its cooldown.",
  },
  range_not_satisfiable: {
    when: "The requested range lies outside the file.",
    detail: "The file has 146515 bytes.",
    headers: ["Content-Range", "Accept-Ranges", "ETag"],
  },
  rate_limited: {
    when: "Too many requests in one minute.",
    detail: "More than 120 requests in 60 s from one address.",
    headers: ["Retry-After"],
  },
  quota_exceeded: {
    when: "The API key has used up its quota for the UTC day, and the operation is not open to everybody.",
    detail: "This API key has used up its 10000 requests for this UTC day.",
    headers: ["Retry-After"],
  },
  export_expired: {
    when: "The files of the export were deleted.",
    detail: "The files of this export were deleted; create the export again.",
  },
  archive_off: {
    when: "Only the archive holds the range, and no archive is configured.",
    detail:
      "Only the archive holds data from 2026-01-01T00:00:00.000Z to 2026-02-01T00:00:00.000Z, and it is off: SUPABASE_URL and SUPABASE_SECRET_KEY are not set.",
  },
  archive_expired: {
    when: "The whole range is older than the retention of the archive.",
    detail:
      "Data from 2026-01-01T00:00:00.000Z to 2026-02-01T00:00:00.000Z was deleted: the archive keeps 90 days (LIQUIDATION_SUPABASE_RETENTION_DAYS).",
  },
  archive_unavailable: {
    when: "The archive does not respond.",
    detail: "The archive (Supabase) does not respond; recent data, held in D1, is still available.",
    headers: ["Retry-After"],
  },
  archive_key_refused: {
    when: "The archive rejects the key of this Worker.",
    detail: "The archive rejects the key in SUPABASE_SECRET_KEY.",
  },
  archive_schema_outdated: {
    when: "The tables of the archive lack a migration that this Worker needs.",
    detail: "The archive lacks a migration; run npm run supabase:migrate.",
  },
  archive_request_refused: {
    when: "The archive rejects the request.",
    detail: "The archive rejects the request; the log states the reason.",
  },
  misconfigured: {
    when: "A configuration variable of the Worker is invalid.",
    detail: "The configuration is invalid: LIQUIDATION_THRESHOLD. The log states the allowed values.",
  },
  storage_unavailable: { when: "The database does not respond.", detail: "The database does not respond.", headers: ["Retry-After"] },
  stream_unavailable: {
    when: "No relay of the live stream has room for another client.",
    detail: "No relay has room for another client.",
    headers: ["Retry-After"],
  },
  not_ready: {
    when: "The Worker responds, but a part of it does not work.",
    detail: `the jobs of the minute last ran at 2026-11-21T07:41:00.000Z; ${EXCHANGES[0]} has not been connected since 2026-11-21T07:39:12.000Z.`,
  },
  internal: { when: "The server failed.", detail: "The server failed; the log holds the error under the request id." },
};

/** Whether the requests of an operation are identified by key or address, and counted. */
export function asksWho({ doc }: Operation): boolean {
  return doc.tag !== "Documentation" && doc.id !== "getHealth";
}

/** The problems of an operation: its own, and those that come with its path, access and body. */
export function problemsOf(operation: Operation): readonly ProblemCode[] {
  const { access, doc } = operation;
  const isKnown = asksWho(operation);
  const codes: readonly (ProblemCode | false)[] = [
    "bad_parameters",
    isKnown && "unauthorized",
    access !== "open" && "forbidden",
    "method_not_allowed",
    doc.body !== null && "too_large",
    isKnown && "rate_limited",
    isKnown && "quota_exceeded",
    "internal",
    "misconfigured",
    "storage_unavailable",
    ...doc.problems,
  ];
  return [...new Set(codes.filter((code) => code !== false))];
}

/** The responses of these problems, one per status, and the components they refer to. */
export function problemResponses(codes: readonly ProblemCode[]) {
  const byStatus = [...Map.groupBy(codes, (code) => PROBLEMS[code].status)].map(([status, group]) => {
    const sorted = group.toSorted();
    return { status, name: sorted.map(pascalCase).join("Or"), response: problemResponse(status, sorted) };
  });
  return {
    responses: Object.fromEntries(byStatus.map(({ status, name }) => [String(status), { $ref: `#/components/responses/${name}` }])),
    components: Object.fromEntries(byStatus.map(({ name, response }) => [name, response])),
  };
}

function problemResponse(status: number, codes: readonly ProblemCode[]) {
  const headers = codes.flatMap((code) => DOCS[code].headers ?? []);
  return {
    description: codes.map((code) => `\`${code}\`: ${DOCS[code].when}`).join("\n\n"),
    headers: headerRefs([...new Set<AnswerHeader>(["X-Request-Id", "RateLimit-Policy", "RateLimit", ...headers])]),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [{ $ref: "#/components/schemas/Problem" }],
          type: "object" as const,
          properties: { status: { const: status }, code: { enum: [...codes] } },
          required: ["status", "code"],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { summary: DOCS[code].when, value: exampleOf(code) }])),
      },
    },
  };
}

function exampleOf(code: ProblemCode): object {
  const { status, title } = PROBLEMS[code];
  const { detail, errors, nearest } = DOCS[code];
  const request_id = "5a1f0c9e-3d7b-4c26-9a41-6f2b8e0d7c35";
  return {
    type: "about:blank",
    title,
    status,
    detail,
    instance: "/v1/stats",
    code,
    request_id,
    ...(errors === undefined ? {} : { errors }),
    ...(nearest === undefined ? {} : { nearest }),
  };
}

function pascalCase(code: string): string {
  return code.replaceAll(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
