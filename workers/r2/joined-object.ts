import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import { MissingObjectError } from "./bucket.ts";
import { hex } from "../../src/sha256.ts";

/** Bytes in memory, or the range `[from, to)` of another object, if given only while it has this ETag. */
export type Piece =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "object"; readonly key: string; readonly etag?: string; readonly from: number; readonly to: number };

export function bytesIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece.kind === "bytes" ? piece.bytes.length : piece.to - piece.from), 0);
}

/**
 * Joins pieces into an object. They are read twice, so that R2 itself verifies the hash of what it receives; an object
 * that is already the same stays untouched. Only the current piece is held in memory.
 * @returns the SHA-256 of the object, hexadecimal
 * @throws {MissingObjectError} where a piece is missing; an existing object stays
 */
export async function putJoined(bucket: R2Bucket, key: string, pieces: readonly Piece[], httpMetadata: R2HTTPMetadata): Promise<string> {
  const digest = new crypto.DigestStream("SHA-256");
  await pipePieces(bucket, pieces, digest);
  const sha256 = await digest.digest;
  const there = await bucket.head(key);
  if (there?.checksums.sha256 !== undefined && hex(there.checksums.sha256) === hex(sha256)) return hex(sha256);
  await putPieces(bucket, key, pieces, { sha256, httpMetadata });
  return hex(sha256);
}

/** The same without a hash, for intermediate objects: an object of the right length is taken as right. */
export async function putPieces(bucket: R2Bucket, key: string, pieces: readonly Piece[], options: R2PutOptions = {}): Promise<void> {
  const body = new FixedLengthStream(bytesIn(pieces));
  const put = bucket.put(key, body.readable, options);
  // The put is awaited even if a piece is missing: it then fails for lack of bytes and leaves the old object in place.
  const [piped, stored] = await Promise.allSettled([pipePieces(bucket, pieces, body.writable), put]);
  if (piped.status === "rejected") throw piped.reason;
  if (stored.status === "rejected") throw stored.reason;
}

async function pipePieces(bucket: R2Bucket, pieces: readonly Piece[], to: WritableStream): Promise<void> {
  try {
    for (const piece of pieces) await pipePiece(bucket, piece, to);
    await to.close();
  } catch (error) {
    await to.abort(error).catch(() => undefined);
    throw error;
  }
}

async function pipePiece(bucket: R2Bucket, piece: Piece, to: WritableStream): Promise<void> {
  await yieldToEventLoop();
  if (piece.kind === "bytes") {
    const writer = to.getWriter();
    await writer.write(piece.bytes);
    writer.releaseLock();
    return;
  }
  const { key, etag, from, to: end } = piece;
  const condition = etag === undefined ? {} : { onlyIf: { etagMatches: etag } };
  const object = await bucket.get(key, { range: { offset: from, length: end - from }, ...condition });
  // An object that does not meet the condition comes without a body.
  if (object === null || !("body" in object)) throw new MissingObjectError(key);
  await object.body.pipeTo(to, { preventClose: true });
}
