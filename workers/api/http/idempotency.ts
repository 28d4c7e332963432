import type { EarlierRequest, IdempotentRequest } from "../../d1/idempotent-requests.ts";
import { type Caller, ownerOf } from "../../access/caller.ts";
import { queryFingerprint } from "./cursor.ts";
import { ProblemError } from "./problem.ts";

/** The idempotency key of a request and a digest of its body; null for a request without `Idempotency-Key`. */
export async function idempotentRequest(
  path: string,
  body: Readonly<Record<string, unknown>>,
  key: string | null,
): Promise<IdempotentRequest | null> {
  return key === null ? null : { key, hash: await queryFingerprint(path, body) };
}

/** An idempotency key in the name of its caller, where those of all callers are kept together. It holds no space itself. */
export function ownedKey(caller: Caller, key: string): string {
  return `${ownerOf(caller)} ${key}`;
}

/**
 * The id of the resource that an earlier request with the same key created.
 * @throws {ProblemError} 422 if that request had another body
 */
export function madeBefore(earlier: EarlierRequest, request: IdempotentRequest): string {
  if (earlier.hash === request.hash) return earlier.id;
  throw new ProblemError("idempotency_mismatch", "This Idempotency-Key was already used with a different request body.");
}
