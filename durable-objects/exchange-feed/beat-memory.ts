const KEY = "beat";

/** What remembers small values over a restart. */
export interface Memory {
  readonly read: (key: string) => unknown;
  readonly write: (key: string, value: unknown) => void;
}

/**
 * The values that change with every beat of a feed, in one row of its memory: each row written is billed. They are stored by
 * `save`, and read from rows of their own where older code wrote them.
 */
export class BeatMemory implements Memory {
  readonly #memory: Memory;
  #values: Readonly<Record<string, unknown>>;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#values = (memory.read(KEY) as Readonly<Record<string, unknown>> | undefined) ?? {};
  }

  /** The value as it was last written, for the caller to validate; undefined where there is none. */
  read(key: string): unknown {
    return key in this.#values ? this.#values[key] : this.#memory.read(key);
  }

  readNumber(key: string): number | null {
    const value = this.read(key);
    return typeof value === "number" ? value : null;
  }

  write(key: string, value: unknown): void {
    this.#values = { ...this.#values, [key]: value };
  }

  save(): void {
    this.#memory.write(KEY, this.#values);
  }
}
