import type { CascadeRecord, CascadeTransition } from "../../src/cascade/cascade-record.ts";

export type Waiting = {
  readonly id: number;
  /** Time of insertion, ms. */
  readonly time: number;
  readonly kind: CascadeTransition["kind"] | null;
  readonly record: CascadeRecord;
};

/** Transitions of cascades to publish. They are kept until published, so that a restart loses none. */
export class CascadeOutbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** A transition is published as an event and stored as a record; an entry with a null `kind` is only stored. */
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
