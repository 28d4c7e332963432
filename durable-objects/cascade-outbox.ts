import type { CascadeRecord, CascadeTransition } from "../src/cascade/cascade-record.ts";

/** What is to be told of cascades: kept until it has been, so that a restart loses no transition. */
export class CascadeOutbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS cascade_outbox (id INTEGER PRIMARY KEY, kind TEXT, record TEXT NOT NULL)");
  }

  /** A transition is told as an event and kept as a record; a mere record (`kind` null) is only kept. */
  add(kind: CascadeTransition["kind"] | null, record: CascadeRecord): void {
    this.#sql.exec("INSERT INTO cascade_outbox (kind, record) VALUES (?, ?)", kind, JSON.stringify(record));
  }

  /** The oldest entries, in order. */
  waiting(): { id: number; kind: CascadeTransition["kind"] | null; record: CascadeRecord }[] {
    return this.#sql
      .exec<{ id: number; kind: CascadeTransition["kind"] | null; record: string }>(
        "SELECT id, kind, record FROM cascade_outbox ORDER BY id LIMIT 50",
      )
      .toArray()
      .map((row) => ({ ...row, record: JSON.parse(row.record) as CascadeRecord }));
  }

  done(upToId: number): void {
    this.#sql.exec("DELETE FROM cascade_outbox WHERE id <= ?", upToId);
  }
}
