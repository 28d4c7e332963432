const KEPT_MS = 86_400_000;

/**
 * Rows about a liquidation that are no event of their own (Bitfinex: market executions of a position). Kept for a
 * day as detail, and to tell how many positions showed executions but never the liquidation itself.
 */
export class ExecutionLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(execution: { readonly positionId: string; readonly time: number; readonly instrument: string; readonly text: string }): void {
    this.#sql.exec(
      "INSERT OR IGNORE INTO executions (position_id, time, text, instrument) VALUES (?, ?, ?, ?)",
      execution.positionId,
      execution.time,
      execution.text,
      execution.instrument,
    );
  }

  /** Executions held, and the positions among them that no journaled event names. */
  counts(): { executions: number; unmatched: number } {
    return this.#sql
      .exec<{ executions: number; unmatched: number }>(
        `SELECT (SELECT count(*) FROM executions) AS executions,
                (SELECT count(DISTINCT x.position_id) FROM executions x WHERE NOT EXISTS (
                   SELECT 1 FROM events e WHERE e.event_id >= 'bitfinex:' || x.instrument || ':' || x.position_id || ':'
                     AND e.event_id < 'bitfinex:' || x.instrument || ':' || x.position_id || ';')) AS unmatched`,
      )
      .one();
  }

  forget(now: number): void {
    this.#sql.exec("DELETE FROM executions WHERE time < ?", now - KEPT_MS);
  }
}
