import type { Operation } from "../http/operation.ts";
import { type ParameterError, PROBLEMS, type ProblemCode } from "../http/problem.ts";
import { type AnswerHeader, headerRefs } from "./headers.ts";

interface ProblemDoc {
  /** When it comes. */
  readonly when: string;
  /** A detail it may come with. */
  readonly detail: string;
  readonly errors?: readonly ParameterError[];
  readonly headers?: readonly AnswerHeader[];
}

const DOCS: Readonly<Record<ProblemCode, ProblemDoc>> = {
  bad_parameters: {
    when: "A parameter is missing, unknown, given twice or not what it has to be; `errors` names each.",
    detail: "window: one of 15m, 1h, 4h, 24h",
    errors: [{ parameter: "window", detail: "one of 15m, 1h, 4h, 24h" }],
  },
  unauthorized: {
    when: "A credential is needed and there is none, or the one sent opens nothing.",
    detail: "There is no such key.",
    headers: ["WWW-Authenticate"],
  },
  forbidden: {
    when: "The key lacks the scope.",
    detail: "This needs a key with the scope export; this one has read.",
    headers: ["WWW-Authenticate"],
  },
  not_found: { when: "There is nothing of that name, or not for this caller.", detail: "There is no such export." },
  method_not_allowed: { when: "Another method of this path.", detail: "Allowed here: GET, HEAD.", headers: ["Allow"] },
  conflict: { when: "What is there does not allow it.", detail: "The export is running; its files are there once it is done." },
  too_large: { when: "The body is longer than is taken.", detail: "The body is longer than 16384 bytes." },
  idempotency_mismatch: {
    when: "The Idempotency-Key came with another body before.",
    detail: "This Idempotency-Key came with another body before.",
  },
  range_not_satisfiable: {
    when: "The range is not in the file.",
    detail: "The file has 146515 bytes.",
    headers: ["Content-Range", "Accept-Ranges", "ETag"],
  },
  rate_limited: {
    when: "Too many requests within a minute.",
    detail: "More than 120 requests within 60 s from one address.",
    headers: ["Retry-After"],
  },
  quota_exceeded: {
    when: "The key's quota of the UTC day is used up.",
    detail: "The key's 10000 requests of this UTC day are used up.",
    headers: ["Retry-After"],
  },
  export_expired: { when: "The export's files are deleted.", detail: "The export's files are deleted; have it made again." },
  archive_off: {
    when: "Only the archive could answer, and there is none here.",
    detail:
      "From 2026-01-01T00:00:00.000Z to 2026-02-01T00:00:00.000Z only the archive could answer, and it is off: SUPABASE_URL and SUPABASE_SECRET_KEY are needed.",
  },
  archive_expired: {
    when: "All of the range is older than the archive keeps.",
    detail:
      "From 2026-01-01T00:00:00.000Z to 2026-02-01T00:00:00.000Z nothing is kept: the archive holds 90 days, as LIQUIDATION_SUPABASE_RETENTION_DAYS says.",
  },
  archive_unavailable: {
    when: "The archive does not answer.",
    detail: "The archive (Supabase) does not answer; what D1 holds can be asked for.",
    headers: ["Retry-After"],
  },
  archive_key_refused: {
    when: "The archive refuses this Worker's key.",
    detail: "The archive refuses the key in SUPABASE_SECRET_KEY.",
  },
  archive_schema_outdated: {
    when: "The archive's tables are not as this Worker needs them.",
    detail: "The archive misses a migration: npm run supabase:migrate.",
  },
  archive_request_refused: {
    when: "The archive refuses the request.",
    detail: "The archive refuses the request; the log says why.",
  },
  misconfigured: {
    when: "A variable of the Worker is wrong.",
    detail: "The configuration is wrong: LIQUIDATION_THRESHOLD. The log says what is allowed.",
  },
  storage_unavailable: { when: "The database does not answer.", detail: "The database does not answer.", headers: ["Retry-After"] },
  internal: { when: "A fault here.", detail: "Something failed here; the log has it under the request's id." },
};

/** Whether an operation's requests are told apart by key or address, and counted. */
export function asksWho({ doc }: Operation): boolean {
  return doc.tag !== "Documentation" && doc.id !== "getHealth";
}

/** What can go wrong with an operation: its own problems, and those its path, access and body bring with them. */
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

/** The responses of these problems, one a status, and the components they are references to. */
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
  const { detail, errors } = DOCS[code];
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
  };
}

function pascalCase(code: string): string {
  return code.replaceAll(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
