const KEPT_MS = 86_400_000;
/**
 * No id contains this character, so a prefix followed by it sorts after all ids with the prefix: a range that the index
 * serves.
 */
const LAST_CHARACTER = 0x10ffff;

/**
 * Rows that describe a liquidation without being events, such as market executions of a position. They are kept for a
 * day as detail, and to count positions with executions but without a liquidation event.
 */
export class ExecutionLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @param execution `eventIdPrefix`: the beginning of the `event_id` of the events it belongs to */
  add({ eventIdPrefix, time, text }: { readonly eventIdPrefix: string; readonly time: number; readonly text: string }): void {
    this.#sql.exec("INSERT OR IGNORE INTO executions (event_id_prefix, time, text) VALUES (?, ?, ?)", eventIdPrefix, time, text);
  }

  /** Number of executions, and of positions among them without a journaled event. */
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
