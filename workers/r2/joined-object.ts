import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import { ChangedObjectError, ifStill, readBytes } from "./bucket.ts";
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
 * that is already the same stays untouched. At most 8 MiB of the current piece are held in memory.
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

/** Read at once: a stream of it would come in thousands of chunks, each of which costs as much as its bytes. */
const READ_BYTES = 8 * 1_024 * 1_024;

async function pipePiece(bucket: R2Bucket, piece: Piece, to: WritableStream): Promise<void> {
  await yieldToEventLoop();
  const writer = to.getWriter();
  try {
    if (piece.kind === "bytes") return await writer.write(piece.bytes);
    const { key, etag, from, to: end } = piece;
    const condition = etag === undefined ? {} : { etag };
    for (let offset = from; offset < end; offset += READ_BYTES) {
      const length = Math.min(READ_BYTES, end - offset);
      await writer.write(await readBytes(bucket, key, { range: { offset, length }, ...condition }));
    }
  } finally {
    writer.releaseLock();
  }
}
