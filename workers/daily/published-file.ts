import type { z } from "zod";
import { dailyFileKey, dailyManifestKey } from "../../src/daily/daily-keys.ts";
import { markFileKey, markManifestKey } from "../../src/daily/mark-keys.ts";
import { markManifest } from "../../src/daily/mark-manifest.ts";
import { type DailyManifest, storedDailyManifest } from "../../src/daily/manifest.ts";
import { type ParquetFooter, joinGroups } from "../../src/parquet/parquet-footer.ts";
import { rowsInGroups } from "../../src/daily/plan.ts";
import { UnreadableFileError } from "../../src/parquet/decode.ts";
import { MissingObjectError, readBytes, readJson } from "../r2/bucket.ts";
import type { Piece } from "../r2/joined-object.ts";
import { filePieces, readFooter } from "../r2/parquet-pieces.ts";
import { messageOf } from "../../src/message-of.ts";
import { hex } from "../../src/sha256.ts";

/** A daily file does not match its manifest, and nothing tells which of the two is right. */
export class UntrustedDailyFileError extends Error {
  override readonly name = "UntrustedDailyFileError";

  constructor(date: string) {
    super(`the daily file of ${date} does not match its manifest; both stay unchanged`);
  }
}

/** The bytes of a daily file, or of what describes it, are not what they have to be, so reading them again is no use. */
export class UnreadableDailyFileError extends Error {
  override readonly name = "UnreadableDailyFileError";
  readonly key: string;
  readonly reason: string;

  constructor(key: string, reason: string) {
    super(`${key} cannot be read: ${reason}`);
    this.key = key;
    this.reason = reason;
  }
}

/** The keys of the files of one kind, and the form of their manifests. */
export interface DailyKind<Manifest> {
  readonly fileKey: (date: string) => string;
  readonly manifestKey: (date: string) => string;
  readonly manifest: z.ZodType<Manifest>;
}

const LIQUIDATION_FILES = { fileKey: dailyFileKey, manifestKey: dailyManifestKey, manifest: storedDailyManifest };
export const MARK_FILES = { fileKey: markFileKey, manifestKey: markManifestKey, manifest: markManifest };

/**
 * The manifest of a day's complete file of liquidations, null where the day has none.
 * @throws {UntrustedDailyFileError} while a file is being replaced, or where someone else changed it
 */
export function trustedManifest(bucket: R2Bucket, date: string): Promise<DailyManifest | null> {
  return trustedManifestOf(bucket, LIQUIDATION_FILES, date);
}

/** The same for a file of any kind. */
export async function trustedManifestOf<Manifest extends { readonly sha256: string }>(
  bucket: R2Bucket,
  kind: DailyKind<Manifest>,
  date: string,
): Promise<Manifest | null> {
  const manifest = await readJson(bucket, kind.manifestKey(date), kind.manifest);
  const head = await bucket.head(kind.fileKey(date));
  if (manifest === null && head === null) return null;
  const { sha256 } = head?.checksums ?? {};
  if (sha256 === undefined || hex(sha256) !== manifest?.sha256) throw new UntrustedDailyFileError(date);
  return manifest;
}

/** Reads the whole file back and checks that its hash and its number of rows are those of the manifest. */
export async function isVerified(bucket: R2Bucket, manifest: Pick<DailyManifest, "file" | "bytes" | "sha256" | "rows">): Promise<boolean> {
  const object = await bucket.get(manifest.file);
  if (object === null) return false;
  const digest = new crypto.DigestStream("SHA-256");
  await object.body.pipeTo(digest);
  if (object.size !== manifest.bytes || hex(await digest.digest) !== manifest.sha256) return false;
  const footer = await readFooter(bucket, object);
  return footer.rows === manifest.rows && footer.groups.reduce((sum, rows) => sum + rows, 0) === manifest.rows;
}

/** What is read of the manifest of a file. */
type ManifestOfRows = Pick<DailyManifest, "file" | "sha256" | "slices">;

/** Reads rows of a Parquet file. */
type ReadRows<Row> = (bytes: Uint8Array, part: { readonly offset: number; readonly rows: number }) => readonly Row[];

/** The consecutive rows of a file that the slices which overlap a time range hold. */
function rowsOfSlices(slices: ManifestOfRows["slices"], start: number, end: number): { readonly first: number; readonly count: number } {
  let [before, first, last] = [0, 0, 0];
  for (const { from_time, to_time, rows } of slices) {
    if (to_time <= start) first += rows;
    before += rows;
    if (from_time < end) last = before;
  }
  return { first, count: Math.max(0, last - first) };
}

/** The published file as a source of rows by time; only the required row groups are read. */
export class PublishedRows<Row> {
  readonly #bucket: R2Bucket;
  readonly #manifest: ManifestOfRows;
  readonly #readRows: ReadRows<Row>;
  readonly #object: R2Object;
  readonly #footer: ParquetFooter;
  /** The last group read: consecutive slices mostly belong to one group. */
  #held: { readonly group: number; readonly bytes: Uint8Array } | null = null;

  private constructor(bucket: R2Bucket, manifest: ManifestOfRows, readRows: ReadRows<Row>, object: R2Object, footer: ParquetFooter) {
    this.#bucket = bucket;
    this.#manifest = manifest;
    this.#readRows = readRows;
    this.#object = object;
    this.#footer = footer;
  }

  /**
   * @throws {MissingObjectError} where the file does not match the manifest
   * @throws {UnreadableDailyFileError} where it is no Parquet file
   */
  static async open<Row>(bucket: R2Bucket, manifest: ManifestOfRows, readRows: ReadRows<Row>): Promise<PublishedRows<Row>> {
    const key = manifest.file;
    const object = await bucket.head(key);
    const sha256 = object?.checksums.sha256;
    if (object === null || sha256 === undefined || hex(sha256) !== manifest.sha256) throw new MissingObjectError(key);
    try {
      return new PublishedRows(bucket, manifest, readRows, object, await readFooter(bucket, object));
    } catch (error) {
      if (error instanceof UnreadableFileError || error instanceof RangeError) throw new UnreadableDailyFileError(key, error.message);
      throw error;
    }
  }

  /**
   * The rows of the slices that overlap the time range, group by group.
   * @throws {UnreadableDailyFileError} where the bytes are not those rows
   */
  async read(start: number, end: number): Promise<readonly (readonly Row[])[]> {
    const found: (readonly Row[])[] = [];
    const { first, count } = rowsOfSlices(this.#manifest.slices, start, end);
    for (const { group, offset, rows } of rowsInGroups(this.#footer.groups, first, count)) {
      found.push(this.#decode(await this.#heldGroup(group), { offset, rows }));
    }
    return found;
  }

  #decode(bytes: Uint8Array, part: { readonly offset: number; readonly rows: number }): readonly Row[] {
    try {
      return this.#readRows(bytes, part);
    } catch (error) {
      throw new UnreadableDailyFileError(this.#object.key, messageOf(error));
    }
  }

  async #heldGroup(group: number): Promise<Uint8Array> {
    if (this.#held?.group !== group) this.#held = { group, bytes: await this.#group(group) };
    return this.#held.bytes;
  }

  /** One row group as a separate file, without decoding it. */
  groupPieces(group: number): readonly Piece[] {
    const { key, etag } = this.#object;
    const pieces = filePieces(joinGroups([{ footer: this.#footer, group }], {}), [key]);
    return pieces.map((piece) => (piece.kind === "object" ? { ...piece, etag } : piece));
  }

  async #group(group: number): Promise<Uint8Array> {
    const file = joinGroups([{ footer: this.#footer, group }], {});
    const bytes = new Uint8Array(file.bytes);
    bytes.set(file.head);
    for (const { from, to } of file.ranges) {
      const { key, etag } = this.#object;
      bytes.set(await readBytes(this.#bucket, key, { etag, range: { offset: from, length: to - from } }), file.head.length);
    }
    bytes.set(file.tail, file.bytes - file.tail.length);
    return bytes;
  }
}
