import type { CascadeRecord, CascadeTransition } from "../../src/cascade/cascade-record.ts";

export type Waiting = {
  readonly id: number;
  /** When it was added, ms. */
  readonly time: number;
  readonly kind: CascadeTransition["kind"] | null;
  readonly record: CascadeRecord;
};

/** What is to be told of cascades: kept until it has been, so that a restart loses no transition. */
export class CascadeOutbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** A transition is told as an event and kept as a record; a mere record (`kind` null) is only kept. */
  add(kind: CascadeTransition["kind"] | null, record: CascadeRecord, now: number): void {
    this.#sql.exec("INSERT INTO cascade_outbox (time, kind, record) VALUES (?, ?, ?)", now, kind, JSON.stringify(record));
  }

  /** The oldest entries, in order. */
  waiting(): Waiting[] {
    return this.#sql
      .exec<Omit<Waiting, "record"> & { record: string }>("SELECT id, time, kind, record FROM cascade_outbox ORDER BY id LIMIT 50")
      .toArray()
      .map((row) => ({ ...row, record: JSON.parse(row.record) as CascadeRecord }));
  }

  done(upToId: number): void {
    this.#sql.exec("DELETE FROM cascade_outbox WHERE id <= ?", upToId);
  }
}
