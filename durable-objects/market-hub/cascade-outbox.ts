import { MAX_WAIT_MS } from "../../src/backoff.ts";
import type { CascadeRecord, CascadeTransition } from "../../src/cascade/cascade-record.ts";

export type Waiting = {
  readonly id: number;
  /** Time of insertion, ms. */
  readonly time: number;
  readonly kind: CascadeTransition["kind"] | null;
  readonly record: CascadeRecord;
  /** Number of failed attempts to publish it. */
  readonly tries: number;
  /** 1 once the record is stored: storing it again later could replace a newer record of its cascade. */
  readonly saved: number;
  /** 1 while an earlier transition of its cascade waits for a later attempt: it is published after that one. */
  readonly behind: number;
};

const DUE = `
  WITH postponed AS (
    SELECT record ->> '$.cascade_id' AS cascade_id, min(id) AS first_id FROM cascade_outbox
    WHERE kind IS NOT NULL AND next_time > ?1 AND next_time <= ?1 + ${MAX_WAIT_MS} GROUP BY 1
  )
  SELECT id, time, kind, record, tries, saved, kind IS NOT NULL AND first_id IS NOT NULL AS behind
  FROM cascade_outbox LEFT JOIN postponed ON cascade_id = record ->> '$.cascade_id' AND first_id < id
  WHERE (next_time <= ?1 OR next_time > ?1 + ${MAX_WAIT_MS}) AND NOT (saved = 1 AND behind = 1)
  ORDER BY id LIMIT 50`;

/** Transitions of cascades to publish. They are kept until published, so that a restart loses none. */
export class CascadeOutbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * A transition is published as an event and stored as a record; an entry with a null `kind` is only stored, and
   * replaces an earlier one of its cascade that still waits.
   */
  add(kind: CascadeTransition["kind"] | null, record: CascadeRecord, now: number): void {
    if (kind === null) {
      this.#sql.exec("DELETE FROM cascade_outbox WHERE kind IS NULL AND record ->> '$.cascade_id' = ?", record.cascade_id);
    }
    this.#sql.exec("INSERT INTO cascade_outbox (time, kind, record) VALUES (?, ?, ?)", now, kind, JSON.stringify(record));
  }

  /**
   * The oldest entries that are due, in order. One behind a postponed transition of its cascade is due only until it is
   * saved. A wait longer than any means that the clock went back: it is over.
   */
  due(now: number): Waiting[] {
    return this.#sql
      .exec<Omit<Waiting, "record"> & { record: string }>(DUE, now)
      .toArray()
      .map((row) => ({ ...row, record: JSON.parse(row.record) as CascadeRecord }));
  }

  markSaved(entries: readonly Waiting[]): void {
    for (const { id } of entries) this.#sql.exec("UPDATE cascade_outbox SET saved = 1 WHERE id = ?", id);
  }

  /** Counts a failed attempt; the next one comes at `nextTime`, ms. */
  postpone(id: number, nextTime: number): void {
    this.#sql.exec("UPDATE cascade_outbox SET tries = tries + 1, next_time = ? WHERE id = ?", nextTime, id);
  }

  done(id: number): void {
    this.#sql.exec("DELETE FROM cascade_outbox WHERE id = ?", id);
  }
}
