import type { SymbolMark } from "../../../src/backtest/mark-book.ts";
import type { StoredDay } from "../../../src/backtest/replay-days.ts";
import type { Input, Source } from "./source.ts";

/** The liquidations of one source with the minute marks of another, or of none. */
export class MarksOverride implements Source {
  readonly name: string;
  readonly #source: Source;
  readonly #marks: Source | null;

  constructor(source: Source, marks: Source | null) {
    this.name = source.name;
    this.#source = source;
    this.#marks = marks;
  }

  readDay(day: number): Promise<StoredDay | null> {
    return this.#source.readDay(day);
  }

  readMarks(day: number): Promise<readonly SymbolMark[]> {
    return this.#marks?.readMarks(day) ?? Promise.resolve([]);
  }

  inputs(): readonly Input[] {
    return [...this.#source.inputs(), ...(this.#marks?.inputs() ?? [])];
  }

  notes(): readonly string[] {
    return [...this.#source.notes(), ...(this.#marks?.notes() ?? [])];
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
