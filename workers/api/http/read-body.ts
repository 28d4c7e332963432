import type * as z from "zod";
import type { ApiContext } from "./api-env.ts";
import { ProblemError, badParameters } from "./problem.ts";
import { readValues } from "./read-parameters.ts";

const MAX_BODY_BYTES = 16 * 1024;
/**
 * A body of unknown length that proves too long is read up to here and discarded. Closing a connection with unread bytes
 * resets it, and a client that is still writing would lose the response (RFC 9112, section 9.6).
 */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** The JSON body of a request, validated by a schema. An empty body counts as an empty object. */
export async function readBody<Body>(c: ApiContext, schema: z.ZodType<Body>): Promise<Body> {
  return readValues(schema, parse(await readText(c)));
}

/** How a body of changes complains where it has none; a field that is not allowed is reported alone. */
export function hasChanges(error: string): { readonly error: string; when(payload: { readonly issues: readonly unknown[] }): boolean } {
  return { error, when: ({ issues }) => issues.length === 0 };
}

/**
 * The body of a request as text.
 * @throws {ProblemError} 413 where the body is larger than any request needs
 */
export async function readText(c: ApiContext): Promise<string> {
  const tooLarge = new ProblemError("too_large", `The request body exceeds ${MAX_BODY_BYTES} bytes.`);
  if (Number(c.req.header("Content-Length") ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of c.req.raw.body ?? []) {
    length += part.byteLength;
    if (length <= MAX_BODY_BYTES) parts.push(part);
    if (length > MAX_DISCARDED_BYTES) break;
  }
  if (length > MAX_BODY_BYTES) throw tooLarge;
  return new TextDecoder().decode(Buffer.concat(parts));
}

function parse(text: string): object {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own message differs between engines; the error below says enough.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw badParameters([{ parameter: "body", detail: "must be a JSON object" }]);
}
