import { createHash } from "node:crypto";
import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";
import type * as z from "zod";
import { badParameters } from "./problem.ts";

/** Parameters that may differ from page to page, so that a cursor is not bound to them. */
const FREE: ReadonlySet<string> = new Set(["cursor", "limit"]);

/** The query a cursor is bound to: the path and all parameters except those that may differ between pages. */
export async function queryFingerprint(path: string, query: Readonly<Record<string, unknown>>): Promise<string> {
  const asked = Object.entries(query).filter(([name, value]) => !FREE.has(name) && value !== undefined);
  const text = JSON.stringify([path, asked.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return encodeBase64Url(digest.slice(0, 9));
}

/** A place in a list, as opaque text with a checksum, so that a damaged or edited cursor is not taken for another place. */
export function encodeCursor(fingerprint: string, place: readonly (string | number)[]): string {
  const text = JSON.stringify([fingerprint, checksum(fingerprint, place), ...place]);
  return encodeBase64Url(new TextEncoder().encode(text).buffer);
}

/**
 * Reads a place back.
 * @param place the values that this API itself could have written: the checksum is no secret, so anybody can make cursors
 * @throws {ProblemError} 400 where the text is not a cursor or belongs to another query
 */
export function decodeCursor<Place>(cursor: string, fingerprint: string, place: z.ZodType<Place>): Place {
  const [bound, check, ...values] = parse(cursor);
  if (typeof bound !== "string") throw refusal("is not a cursor");
  if (bound !== fingerprint)
    throw refusal("belongs to another query; use a cursor only with the parameters of the request that returned it");
  const result = place.safeParse(values);
  if (check !== checksum(fingerprint, values) || !result.success) throw refusal("is not a cursor");
  return result.data;
}

function checksum(fingerprint: string, place: readonly unknown[]): string {
  return createHash("sha256")
    .update(JSON.stringify([fingerprint, ...place]))
    .digest("base64url")
    .slice(0, 10);
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(decodeBase64Url(cursor)));
    return Array.isArray(value) ? value : [];
  } catch {
    // Not base64, not UTF-8 or not JSON: this API did not issue it.
    return [];
  }
}

function refusal(detail: string): Error {
  return badParameters([{ parameter: "cursor", detail }]);
}
