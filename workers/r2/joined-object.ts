import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import { ChangedObjectError, MissingObjectError, ifStill } from "./bucket.ts";
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
  const sha256 = await digestOf(bucket, pieces);
  if (sha256Of(await bucket.head(key)) !== hex(sha256)) await putPieces(bucket, key, pieces, { sha256, httpMetadata });
  return hex(sha256);
}

/**
 * The same, but it only replaces an object with this SHA-256, or none where `replaces` is null.
 * @throws {ChangedObjectError} where another object is there, which stays
 */
export async function replaceJoined(
  bucket: R2Bucket,
  key: string,
  replaces: string | null,
  pieces: readonly Piece[],
  httpMetadata: R2HTTPMetadata,
): Promise<string> {
  const sha256 = await digestOf(bucket, pieces);
  const there = await bucket.head(key);
  if (sha256Of(there) === hex(sha256)) return hex(sha256);
  if (sha256Of(there) !== replaces) throw new ChangedObjectError(key);
  await putPieces(bucket, key, pieces, { sha256, httpMetadata, onlyIf: ifStill(there?.etag ?? null) });
  return hex(sha256);
}

async function digestOf(bucket: R2Bucket, pieces: readonly Piece[]): Promise<ArrayBuffer> {
  const digest = new crypto.DigestStream("SHA-256");
  await pipePieces(bucket, pieces, digest);
  return digest.digest;
}

/** Null where there is no object, or one that was stored without a hash. */
function sha256Of(object: R2Object | null): string | null {
  const sha256 = object?.checksums.sha256;
  return sha256 === undefined ? null : hex(sha256);
}

/**
 * The same without a hash, for intermediate objects: an object of the right length is taken as right.
 * @throws {ChangedObjectError} where the object does not meet the condition of the options, and stays
 */
export async function putPieces(bucket: R2Bucket, key: string, pieces: readonly Piece[], options: R2PutOptions = {}): Promise<void> {
  const body = new FixedLengthStream(bytesIn(pieces));
  const put: Promise<R2Object | null> = bucket.put(key, body.readable, options);
  // The put is awaited even if a piece is missing: it then fails for lack of bytes and leaves the old object in place.
  // One that fails its condition may end before it has read all bytes.
  const piped = Promise.race([pipePieces(bucket, pieces, body.writable), put]);
  const [sent, stored] = await Promise.allSettled([piped, put]);
  if (stored.status === "fulfilled" && stored.value === null) throw new ChangedObjectError(key);
  if (sent.status === "rejected") throw sent.reason;
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
