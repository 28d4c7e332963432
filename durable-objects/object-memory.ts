/** What runs a statement: an object's `storage.sql`, or the tables of one venue in it. */
export type StatementRunner = Pick<SqlStorage, "exec">;

/**
 * Small values that an object must keep over a restart, one JSON value per key. A key has one writer, which must not write
 * it in a transaction: what was written last is remembered, so that an equal value is not written, and billed, again.
 */
export class ObjectMemory {
  readonly #sql: StatementRunner;
  readonly #table: string;
  readonly #written = new Map<string, string>();

  constructor(sql: StatementRunner, table = "memory") {
    this.#sql = sql;
    this.#table = table;
  }

  /** The stored value, for the caller to validate; undefined where there is none. */
  read(key: string): unknown {
    const row = this.#sql.exec<{ value: string }>(`SELECT value FROM ${this.#table} WHERE key = ?`, key).toArray()[0];
    return row === undefined ? undefined : JSON.parse(row.value);
  }

  readNumber(key: string): number | null {
    const value = this.read(key);
    return typeof value === "number" ? value : null;
  }

  write(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    if (this.#written.get(key) === text) return;
    this.#sql.exec(
      `INSERT INTO ${this.#table} (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      key,
      text,
    );
    this.#written.set(key, text);
  }
}
