import { utcDate } from "../../src/batch-object.ts";
import { type RowsSummary, addSummaries } from "../../src/daily/slice-summary.ts";
import { pieceKey } from "../../src/exports/export-keys.ts";
import type { ExportProgress, SourceOfRows } from "../../src/exports/export-progress.ts";
import { encodePiece, fieldsOf } from "../../src/exports/file-format.ts";
import { gather } from "../../src/parquet/gather.ts";
import { type RowPlace, storedRowsOf } from "../../src/parquet/stored-rows.ts";
import { type Piece, bytesIn, putPieces } from "../r2/joined-object.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import type { ExportRow } from "./export-rows.ts";

/**
 * Maximum number of rows per piece. A piece is a Parquet file whatever the format: as text its rows take nine times the
 * bytes. Until they are encoded they are in the columns that they were read in.
 */
export const PIECE_ROWS = 10_000;

/** What an export has to know of its rows. */
export interface PieceRows<Row> {
  /** The time by which a row belongs to a date, ms. */
  readonly timeOf: (row: Row) => number;
  readonly isWanted: (row: Row) => boolean;
  /** Rows in order of time. */
  readonly summarize: (rows: readonly Row[]) => RowsSummary;
}

/** Collects rows into pieces of one date each. */
export class Pieces<Row extends RowPlace> {
  readonly progress: ExportProgress;
  readonly request: ExportRow["request"];
  readonly #bucket: R2Bucket;
  readonly #id: string;
  readonly #rows: PieceRows<Row>;
  #held: Row[] = [];

  constructor(bucket: R2Bucket, id: string, request: ExportRow["request"], progress: ExportProgress, rows: PieceRows<Row>) {
    this.#bucket = bucket;
    this.#id = id;
    this.#rows = rows;
    this.request = request;
    this.progress = progress;
  }

  /** Adds the wanted rows; all are of one date and follow the earlier ones. */
  async add(rows: readonly Row[]): Promise<void> {
    const [first] = rows;
    const [held] = this.#held;
    if (first !== undefined && held !== undefined && this.#dateOf(first) !== this.#dateOf(held)) await this.flush();
    const wanted = rows.filter(this.#rows.isWanted);
    // The columns of a few of many rows would keep those of all in memory.
    for (const row of wanted.length * 2 < rows.length ? this.#apart(wanted) : wanted) this.#held.push(row);
    while (this.#held.length >= PIECE_ROWS) await this.#write(this.#held.splice(0, PIECE_ROWS));
  }

  /** The same rows in columns of their own. */
  #apart(rows: readonly Row[]): readonly Row[] {
    const [own] = storedRowsOf(fieldsOf(this.request), gather(fieldsOf(this.request), rows));
    return own === undefined ? rows : rows.map((row, index) => ({ ...row, rows: own, row: index }));
  }

  /** Writes the collected rows, however few they are. */
  async flush(): Promise<void> {
    if (this.#held.length > 0) await this.#write(this.#held.splice(0));
  }

  /** Joins parts of other objects into a piece. */
  async copy(date: string, parts: readonly Piece[], rows: number): Promise<void> {
    const key = pieceKey(this.#id, crypto.randomUUID());
    await putPieces(this.#bucket, key, parts);
    this.progress.pieces.push({ key, date, rows, bytes: bytesIn(parts) });
  }

  async #put(date: string, bytes: Uint8Array, rows: number): Promise<void> {
    await yieldToEventLoop();
    const key = pieceKey(this.#id, crypto.randomUUID());
    await this.#bucket.put(key, bytes);
    this.progress.pieces.push({ key, date, rows, bytes: bytes.length });
  }

  async #write(rows: readonly Row[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const date = this.#dateOf(first);
    const { dates } = this.progress;
    const before = dates[date];
    const summary = this.#rows.summarize(rows);
    await this.#put(date, encodePiece(this.request, rows), rows.length);
    dates[date] = addSummaries(before === undefined ? [summary] : [before, summary]);
  }

  #dateOf(row: Row): string {
    return utcDate(this.#rows.timeOf(row));
  }
}

/** Notes where the rows from `start` to the position of an export came from. */
export function noteSource({ sources, position }: ExportProgress, start: number, source: SourceOfRows): void {
  const last = sources.at(-1);
  if (last?.source === source && last.end === start) last.end = position;
  else sources.push({ start, end: position, source });
}
