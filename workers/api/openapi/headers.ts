import type { HeaderName } from "../http/operation.ts";
import { RATE_LIMITS } from "../http/rate-limit.ts";

/** Headers that come with the kind of response, so that no operation has to name them. */
type OwnHeader = "X-Request-Id" | "RateLimit-Policy" | "RateLimit" | "WWW-Authenticate" | "Allow";
export type AnswerHeader = HeaderName | OwnHeader;

type HeaderDoc = {
  readonly description: string;
  /** Whether every response that names the header carries it. */
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

/** Every header a response may carry, except those of HTTP, CORS and security that say nothing about the data. */
export const HEADERS: Readonly<Record<AnswerHeader, HeaderDoc>> = {
  "X-Request-Id": text("Request id, also in the body. Quote it when you report a problem.", "5a1f0c9e-3d7b-4c26-9a41-6f2b8e0d7c35"),
  "RateLimit-Policy": text("Allowed requests by policy: q requests in w seconds. Absent where no limit applies.", policy, false),
  RateLimit: text(
    "Requests left: r requests of a policy for the next t seconds. A daily quota is exact; of a limit per minute, r is at most what is left, as each server counts for itself.",
    '"address";r=112;t=41',
    false,
  ),
  "Retry-After": {
    description: "Seconds to wait before the next request.",
    required: false,
    schema: { type: "integer", minimum: 0 },
    example: 60,
  },
  "WWW-Authenticate": text("Required kind of credential, and the reason why the given one is not sufficient (RFC 6750).", "Bearer", false),
  Allow: text("Methods that the path supports.", "GET, HEAD, OPTIONS"),
  Location: text("Path of the created resource.", "/v1/keys/key_7c1e"),
  ETag: text("Version of the response; send it back as If-None-Match.", 'W/"V2hhdCBpdCBzYXlzLCBkaWdl"'),
  Age: {
    description: "Seconds since the answer was computed; 0 where it was computed for this request.",
    required: true,
    schema: { type: "integer", minimum: 0 },
    example: 3,
  },
  "Accept-Ranges": text("Unit in which ranges may be requested.", "bytes"),
  "Content-Range": text("Returned range of bytes, and the size of the file.", "bytes 0-1023/146515"),
  "Content-Length": {
    description: "Size of the body in bytes; absent where the body is compressed in transit.",
    required: false,
    schema: { type: "integer", minimum: 0 },
    example: 146_515,
  },
  "Content-Disposition": text("Name of the file.", 'attachment; filename="liquidation_20261120.parquet"'),
  "Repr-Digest": text("SHA-256 of the whole file (RFC 9530).", "sha-256=:RJ5bA3q2uOe1H9mC0b7S4kZ8xWv6yT1rQpLnMdKfGhE=:", false),
};

/** A reference to each of these headers. */
export function headerRefs(names: readonly AnswerHeader[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
