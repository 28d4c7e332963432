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

/** A Parquet file: the key of its object, or its bytes. */
export type ParquetSource = string | Uint8Array;

export interface FileOfFiles extends JoinedFile {
  /** Number of rows of each row group. */
  readonly groupRows: number[];
}

/** A file of the first row groups of these files, in their order; see `filePieces`. */
export async function joinFiles(
  bucket: R2Bucket,
  files: readonly ParquetSource[],
  metadata: Readonly<Record<string, unknown>>,
): Promise<FileOfFiles> {
  const footers: ParquetFooter[] = [];
  for (const file of files) footers.push(typeof file === "string" ? await storedFooter(bucket, file) : parseFooter(file));
  const joined = joinGroups(
    footers.map((footer) => ({ footer, group: 0 })),
    metadata,
  );
  return { ...joined, groupRows: footers.map(({ rows }) => rows) };
}

async function storedFooter(bucket: R2Bucket, key: string): Promise<ParquetFooter> {
  const object = await bucket.head(key);
  if (object === null) throw new MissingObjectError(key);
  return readFooter(bucket, object);
}

/** The pieces of a file of row groups, each from the file of the same place in `files`. */
export function filePieces({ head, ranges, tail }: JoinedFile, files: readonly ParquetSource[]): readonly Piece[] {
  const groups = ranges.map(({ from, to }, index): Piece => {
    const file = files[index] ?? "";
    return typeof file === "string" ? { kind: "object", key: file, from, to } : { kind: "bytes", bytes: file.subarray(from, to) };
  });
  return [{ kind: "bytes", bytes: head }, ...groups, { kind: "bytes", bytes: tail }];
}
