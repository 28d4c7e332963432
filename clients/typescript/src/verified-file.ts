import { hex } from "../../../src/sha256.ts";
import { LiquidationsError } from "./problem-errors.ts";

/** A downloaded file is not the one that its manifest names. */
export class HashMismatchError extends LiquidationsError {
  readonly expected: string;
  readonly found: string;

  constructor(name: string, expected: string, found: string) {
    super(`${name} has the SHA-256 ${found}, and its manifest says ${expected}.`);
    this.expected = expected;
    this.found = found;
  }
}

/** A file whose SHA-256 is that of its manifest. */
export class VerifiedFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Uint8Array<ArrayBuffer>;

  private constructor(name: string, sha256: string, bytes: Uint8Array<ArrayBuffer>) {
    this.name = name;
    this.sha256 = sha256;
    this.bytes = bytes;
  }

  /** @throws {HashMismatchError} where the bytes are others */
  static async of(name: string, sha256: string, bytes: ArrayBuffer): Promise<VerifiedFile> {
    const found = hex(await crypto.subtle.digest("SHA-256", bytes));
    if (found !== sha256) throw new HashMismatchError(name, sha256, found);
    return new VerifiedFile(name, sha256, new Uint8Array(bytes));
  }

  /**
   * The rows of a Parquet file, a row group at a time. Times are milliseconds and integers are numbers, as in the API.
   * @param columns only these; default: all
   * @throws where the file is none of Parquet, or lacks a column
   */
  async *rows<Row = Readonly<Record<string, string | number | null>>>(
    columns?: readonly (keyof Row & string)[],
  ): AsyncGenerator<Row, void> {
    const { parquetMetadata, parquetReadObjects } = await import("hyparquet");
    const file = this.bytes.buffer;
    const metadata = parquetMetadata(file);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const parsers = { timestampFromMilliseconds: Number };
      const chosen = columns === undefined ? {} : { columns: [...columns] };
      for (const row of await parquetReadObjects({ file, metadata, parsers, rowStart, rowEnd, ...chosen })) yield withNumbers(row) as Row;
      rowStart = rowEnd;
    }
  }
}

/** Integers of 64 bits come as bigint. The project's lie within the safe integers. */
function withNumbers(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) if (typeof value === "bigint") row[name] = Number(value);
  return row;
}
