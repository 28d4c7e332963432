const KEPT_MS = 86_400_000;
/** No id has it, so a prefix followed by it is above all ids that begin so: a range, which the index answers. */
const LAST_CHARACTER = 0x10ffff;

/**
 * Rows about a liquidation that are no event of their own, such as market executions of a position. Kept for a day as
 * detail, and to tell how many positions showed executions but never the liquidation itself.
 */
export class ExecutionLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @param execution `eventIdPrefix`: how the `event_id` of the events begins that it belongs to */
  add({ eventIdPrefix, time, text }: { readonly eventIdPrefix: string; readonly time: number; readonly text: string }): void {
    this.#sql.exec("INSERT OR IGNORE INTO executions (event_id_prefix, time, text) VALUES (?, ?, ?)", eventIdPrefix, time, text);
  }

  /** Executions held, and the positions among them that no journaled event belongs to. */
  counts(): { executions: number; unmatched: number } {
    return this.#sql
      .exec<{ executions: number; unmatched: number }>(
        `SELECT (SELECT count(*) FROM executions) AS executions,
                (SELECT count(DISTINCT x.event_id_prefix) FROM executions x WHERE NOT EXISTS (
                   SELECT 1 FROM events e
                   WHERE e.event_id >= x.event_id_prefix AND e.event_id < x.event_id_prefix || char(${LAST_CHARACTER}))) AS unmatched`,
      )
      .one();
  }

  forget(now: number): void {
    this.#sql.exec("DELETE FROM executions WHERE time < ?", now - KEPT_MS);
  }
}
