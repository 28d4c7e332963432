import type { VenueSql } from "../venue-storage.ts";
import type { Journal } from "./journal.ts";

const KEPT_MS = 86_400_000;
/** An execution belongs to a liquidation close to it; one that came before it is looked for in the rows of this time, ms. */
const EARLIER_MS = 3_600_000;
/** No id contains this character, so a prefix followed by it sorts after all ids with the prefix. */
const LAST_CHARACTER = 0x10ffff;

/**
 * Rows that describe a liquidation without being events, such as market executions of a position. They are kept for a
 * day as detail, and to count positions with executions but without a liquidation event.
 */
export class ExecutionLog {
  readonly #sql: VenueSql;
  readonly #journal: Pick<Journal, "lastReceivedBefore">;
  /** Beginnings of the `event_id` of events that did not come yet. */
  #unmatched: Set<string>;

  constructor(sql: VenueSql, journal: Pick<Journal, "lastReceivedBefore">) {
    this.#sql = sql;
    this.#journal = journal;
    this.#unmatched = this.#readUnmatched();
  }

  /** @param execution `eventIdPrefix`: the beginning of the `event_id` of the events it belongs to */
  add({ eventIdPrefix, time, text }: { readonly eventIdPrefix: string; readonly time: number; readonly text: string }): void {
    const isMatched = !this.#unmatched.has(eventIdPrefix) && this.#isJournaled(eventIdPrefix, time);
    this.#sql.exec(
      "INSERT OR IGNORE INTO {executions} (event_id_prefix, time, text, matched) VALUES (?, ?, ?, ?)",
      eventIdPrefix,
      time,
      text,
      Number(isMatched),
    );
    if (!isMatched) this.#unmatched.add(eventIdPrefix);
  }

  /** An event was journaled: executions may have waited for it. */
  noteEvent(eventId: string): void {
    for (const prefix of this.#unmatched) {
      if (!eventId.startsWith(prefix)) continue;
      this.#sql.exec("UPDATE {executions} SET matched = 1 WHERE event_id_prefix = ?", prefix);
      this.#unmatched.delete(prefix);
    }
  }

  /** Number of executions, and of positions among them without a journaled event. */
  counts(): { executions: number; unmatched: number } {
    return this.#sql
      .exec<{ executions: number; unmatched: number }>(
        `SELECT count(*) AS executions, count(DISTINCT CASE matched WHEN 0 THEN event_id_prefix END) AS unmatched FROM {executions}`,
      )
      .one();
  }

  forget(now: number): void {
    this.#sql.exec("DELETE FROM {executions} WHERE time < ?", now - KEPT_MS);
    this.#unmatched = this.#readUnmatched();
  }

  #readUnmatched(): Set<string> {
    const rows = this.#sql.exec<{ prefix: string }>("SELECT DISTINCT event_id_prefix AS prefix FROM {executions} WHERE matched = 0");
    return new Set(rows.toArray().map(({ prefix }) => prefix));
  }

  #isJournaled(prefix: string, time: number): boolean {
    return (
      this.#sql
        .exec(
          `SELECT 1 FROM {journal} WHERE sequence > ?1 AND event_id >= ?2 AND event_id < ?2 || char(${LAST_CHARACTER}) LIMIT 1`,
          this.#journal.lastReceivedBefore(time - EARLIER_MS),
          prefix,
        )
        .toArray().length > 0
    );
  }
}
