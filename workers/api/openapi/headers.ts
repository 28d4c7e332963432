import type { HeaderName } from "../http/operation.ts";
import { RATE_LIMITS } from "../http/rate-limit.ts";

/** Headers no operation has to name, since the kind of answer brings them. */
type OwnHeader = "X-Request-Id" | "RateLimit-Policy" | "RateLimit" | "WWW-Authenticate" | "Allow";
export type AnswerHeader = HeaderName | OwnHeader;

type HeaderDoc = {
  readonly description: string;
  /** Whether it is always there where it is named. */
  readonly required: boolean;
  readonly schema: { readonly type: "string" | "integer"; readonly minimum?: number };
  readonly example: string | number;
};

const text = (description: string, example: string, required = true): HeaderDoc => ({
  description,
  required,
  schema: { type: "string" },
  example,
});
const policy = `"address";q=${RATE_LIMITS.address.limit};w=${RATE_LIMITS.address.periodSeconds}`;

/** Every header an answer may have, beside those of HTTP, CORS and security that say nothing of the data. */
export const HEADERS: Readonly<Record<AnswerHeader, HeaderDoc>> = {
  "X-Request-Id": text("The request's id, also in the body; name it when something is wrong.", "5a1f0c9e-3d7b-4c26-9a41-6f2b8e0d7c35"),
  "RateLimit-Policy": text("What is allowed, by policy: q requests in w seconds. Absent where nothing is counted.", policy, false),
  RateLimit: text(
    "r requests are left of a policy for t seconds. Told of a key with a quota, and where nothing is left.",
    '"day";r=9120;t=41250',
    false,
  ),
  "Retry-After": {
    description: "Seconds to wait before asking again.",
    required: false,
    schema: { type: "integer", minimum: 0 },
    example: 60,
  },
  "WWW-Authenticate": text("What kind of credential is needed, and what the one sent lacks (RFC 6750).", "Bearer", false),
  Allow: text("The methods there are.", "GET, HEAD, OPTIONS"),
  Location: text("Path of what was made.", "/v1/keys/key_7c1e"),
  ETag: text("Tells this answer from another; send it as If-None-Match.", 'W/"V2hhdCBpdCBzYXlzLCBkaWdl"'),
  "Accept-Ranges": text("Ranges are taken in bytes.", "bytes"),
  "Content-Range": text("The bytes that are answered, and how many there are.", "bytes 0-1023/146515"),
  "Content-Length": {
    description: "Bytes of the body; absent where it is compressed on its way.",
    required: false,
    schema: { type: "integer", minimum: 0 },
    example: 146_515,
  },
  "Content-Disposition": text("The file's name.", 'attachment; filename="liquidation_20261120.parquet"'),
  "Repr-Digest": text("SHA-256 of the whole file (RFC 9530).", "sha-256=:RJ5bA3q2uOe1H9mC0b7S4kZ8xWv6yT1rQpLnMdKfGhE=:", false),
};

/** A reference to each of these headers. */
export function headerRefs(names: readonly AnswerHeader[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
