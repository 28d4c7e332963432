import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import { MissingObjectError } from "./bucket.ts";
import { hex } from "../../src/sha256.ts";

/** Bytes at hand, or `[from, to)` of another object, while that is the one of this ETag where one is given. */
export type Piece =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "object"; readonly key: string; readonly etag?: string; readonly from: number; readonly to: number };

export function bytesIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece.kind === "bytes" ? piece.bytes.length : piece.to - piece.from), 0);
}

/**
 * Puts an object together from pieces. They are read twice, so that R2 itself checks that what arrives is what was put
 * together; an object that is the same already stays untouched. Nothing is held in memory but the piece on its way.
 * @returns the object's SHA-256, hexadecimal
 * @throws {MissingObjectError} where a piece is gone; what was there before stays
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

/** The same without a hash, for objects of the making: what has the right length is taken for right. */
export async function putPieces(bucket: R2Bucket, key: string, pieces: readonly Piece[], options: R2PutOptions = {}): Promise<void> {
  const body = new FixedLengthStream(bytesIn(pieces));
  const put = bucket.put(key, body.readable, options);
  // The put is waited for even where a piece is gone: it then fails for want of bytes, and leaves what was there.
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
  // An object whose condition is not met comes without a body.
  if (object === null || !("body" in object)) throw new MissingObjectError(key);
  await object.body.pipeTo(to, { preventClose: true });
}
