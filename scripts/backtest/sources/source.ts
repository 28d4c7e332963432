import type { SymbolMark } from "../../../src/backtest/mark-book.ts";
import type { ReadDay } from "../../../src/backtest/replay-days.ts";

/** A file or a query whose content went into a backtest. */
export interface Input {
  /** Relative to the folder, the bucket or the address. */
  readonly name: string;
  readonly bytes: number;
  /** Of the bytes as they were read, hexadecimal. */
  readonly sha256: string;
}

/** Where a backtest reads its data from. */
export interface Source {
  /** As the report names it. */
  readonly name: string;
  readonly readDay: ReadDay;
  /** The minute marks of the UTC day that starts at `day`; empty where there are none. */
  readonly readMarks: (day: number) => Promise<readonly SymbolMark[]>;
  /** What was read so far, in the order of names. */
  readonly inputs: () => readonly Input[];
  /** What a reader has to know of the data: files that were not read, filters of an export. */
  readonly notes: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Data that cannot be used: exit code 1. The message names the file, what is wrong with it and what is allowed. */
export class InputError extends Error {
  override readonly name = "InputError";
}
