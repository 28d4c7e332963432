import { encodeBase64Url } from "hono/utils/encode";
import * as z from "zod";

export const ifNoneMatch = z
  .string()
  .max(1_000, "must be an ETag")
  .optional()
  .meta({ description: "An `ETag` from an earlier response. An unchanged resource returns 304 without a body." });

/** The digest of a text, for an entity tag. */
export async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return encodeBase64Url(digest.slice(0, 18));
}

/** Whether `If-None-Match` names this tag (RFC 9110, 13.1.2: by weak comparison). */
export function isNamedBy(header: string | undefined, etag: string): boolean {
  const opaque = etag.replace(/^W\//, "");
  return (header ?? "").split(",").some((part) => part.trim() === "*" || part.trim().replace(/^W\//, "") === opaque);
}
