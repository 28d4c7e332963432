import {
  type JoinedFile,
  type ParquetFooter,
  TRAILER_BYTES,
  footerBytes,
  joinGroups,
  parseFooter,
} from "../../src/parquet/parquet-footer.ts";
import { MissingObjectError, readBytes } from "./bucket.ts";
import type { Piece } from "./joined-object.ts";

export async function readFooter(bucket: R2Bucket, { key, etag, size }: Pick<R2Object, "key" | "etag" | "size">): Promise<ParquetFooter> {
  const trailer = await readBytes(bucket, key, { etag, range: { offset: size - TRAILER_BYTES, length: TRAILER_BYTES } });
  const length = footerBytes(trailer) + TRAILER_BYTES;
  return parseFooter(await readBytes(bucket, key, { etag, range: { offset: size - length, length } }));
}

export interface FileOfFiles extends JoinedFile {
  /** Number of rows of each row group. */
  readonly groupRows: number[];
}

/** A file of the first row groups of these objects, in their order; see `filePieces`. */
export async function joinFiles(
  bucket: R2Bucket,
  keys: readonly string[],
  metadata: Readonly<Record<string, unknown>>,
): Promise<FileOfFiles> {
  const footers: ParquetFooter[] = [];
  for (const key of keys) {
    const object = await bucket.head(key);
    if (object === null) throw new MissingObjectError(key);
    footers.push(await readFooter(bucket, object));
  }
  const joined = joinGroups(
    footers.map((footer) => ({ footer, group: 0 })),
    metadata,
  );
  return { ...joined, groupRows: footers.map(({ rows }) => rows) };
}

/** The pieces of a file of row groups, each from the object of the same place in `keys`. */
export function filePieces({ head, ranges, tail }: JoinedFile, keys: readonly string[]): readonly Piece[] {
  const groups = ranges.map(({ from, to }, index): Piece => ({ kind: "object", key: keys[index] ?? "", from, to }));
  return [{ kind: "bytes", bytes: head }, ...groups, { kind: "bytes", bytes: tail }];
}
