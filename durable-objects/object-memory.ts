/** Small values that an object must keep over a restart, one JSON value per key. */
export class ObjectMemory {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The stored value, for the caller to validate; undefined where there is none. */
  read(key: string): unknown {
    const row = this.#sql.exec<{ value: string }>("SELECT value FROM memory WHERE key = ?", key).toArray()[0];
    return row === undefined ? undefined : JSON.parse(row.value);
  }

  readNumber(key: string): number | null {
    const value = this.read(key);
    return typeof value === "number" ? value : null;
  }

  write(key: string, value: unknown): void {
    this.#sql.exec(
      "INSERT INTO memory (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key,
      JSON.stringify(value),
    );
  }
}
