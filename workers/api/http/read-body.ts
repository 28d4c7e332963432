import type * as z from "zod";
import type { ApiContext } from "./api-env.ts";
import { ProblemError, badParameters } from "./problem.ts";
import { parameterErrors } from "./read-parameters.ts";

const MAX_BODY_BYTES = 16 * 1024;
/**
 * A body without a length that proves too long is read on to here and thrown away: a connection that is closed on bytes
 * nobody read is reset, and a client that is still writing loses the answer with it (RFC 9112, section 9.6).
 */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** A request's JSON body, read by a schema; an empty body is an empty object. */
export async function readBody<Body>(c: ApiContext, schema: z.ZodType<Body>): Promise<Body> {
  const result = schema.safeParse(parse(await readText(c)));
  if (!result.success) throw badParameters(result.error.issues.flatMap(parameterErrors));
  return result.data;
}

/**
 * A request's body as text. Of one that is too long nothing more is kept, and it is cut off in the end.
 * @throws {ProblemError} 413 where it is longer than any request has reason to be
 */
export async function readText(c: ApiContext): Promise<string> {
  const tooLarge = new ProblemError("too_large", `The body is longer than ${MAX_BODY_BYTES} bytes.`);
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
    // What is wrong with it in detail depends on the engine; that it is no JSON is enough.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw badParameters([{ parameter: "body", detail: "must be a JSON object" }]);
}
