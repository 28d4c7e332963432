import type { Delivery, DeliveryAttempt, DeliveryState } from "../../src/webhooks/delivery.ts";
import type { QueuedEvent } from "../../src/webhooks/event.ts";

/** Retention of deliveries for a replay; the last attempt of the schedule comes after a little more than three days. */
export const KEPT_MS = 7 * 86_400_000;
const MAX_FINISHED = 1_000;
const MAX_PENDING = 1_000;
const MAX_ATTEMPTS_KEPT = 20;

interface Row extends Record<string, SqlStorageValue> {
  webhook_id: string;
  event: string;
  created_time: number;
  state: DeliveryState;
  next_attempt_time: number | null;
  tries: number;
  attempts: string;
  reason: string | null;
}

const COLUMNS = "webhook_id, event, created_time, state, next_attempt_time, tries, attempts, reason";

/**
 * The deliveries of an endpoint: the pending ones, and the finished ones of the last days, for replays and against
 * repetitions.
 */
export class WebhookQueue {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Returns false where the event is known, delivered or not. If too many deliveries are pending, the oldest is given
   * up.
   */
  add(webhookId: string, event: QueuedEvent, now: number): boolean {
    if (this.read(webhookId) !== null) return false;
    this.#sql.exec("INSERT INTO deliveries VALUES (?1, ?2, ?3, 'pending', ?3, 0, '[]', NULL, 1)", webhookId, JSON.stringify(event), now);
    this.#sql.exec(
      `UPDATE deliveries SET state = 'failed', next_attempt_time = NULL, unlogged = 1, reason = 'more than ${MAX_PENDING} deliveries wait'
       WHERE rowid IN (SELECT rowid FROM deliveries WHERE state = 'pending' ORDER BY rowid DESC LIMIT -1 OFFSET ?)`,
      MAX_PENDING,
    );
    return true;
  }

  read(webhookId: string): Delivery | null {
    return this.#select("WHERE webhook_id = ?", webhookId)[0] ?? null;
  }

  /** Due deliveries, in the order of their time. */
  due(now: number, limit: number): readonly Delivery[] {
    return this.#select("WHERE state = 'pending' AND next_attempt_time <= ? ORDER BY next_attempt_time, rowid LIMIT ?", now, limit);
  }

  /**
   * Records an attempt and the new state of the delivery.
   * @param tries number of attempts that count, with this one
   */
  note(
    delivery: Delivery,
    tries: number,
    attempt: DeliveryAttempt,
    next: { readonly time: number } | { readonly state: "delivered" | "failed"; readonly reason: string | null },
  ): void {
    const [state, time, reason] = "time" in next ? ["pending", next.time, null] : [next.state, null, next.reason];
    this.#sql.exec(
      "UPDATE deliveries SET state = ?, next_attempt_time = ?, reason = ?, tries = ?, attempts = ?, unlogged = 1 WHERE webhook_id = ?",
      state,
      time,
      reason,
      tries,
      JSON.stringify([...delivery.attempts, attempt].slice(-MAX_ATTEMPTS_KEPT)),
      delivery.webhook_id,
    );
  }

  /** Ends a delivery without an attempt: a later message in the chat says more. */
  supersede(webhookId: string, reason: string): void {
    this.#sql.exec(
      "UPDATE deliveries SET state = 'delivered', next_attempt_time = NULL, reason = ?, unlogged = 1 WHERE webhook_id = ?",
      reason,
      webhookId,
    );
  }

  /** Restarts the schedule of a delivery, under its old id. */
  restart(webhookId: string, now: number): void {
    this.#sql.exec(
      "UPDATE deliveries SET state = 'pending', next_attempt_time = ?, tries = 0, reason = NULL, unlogged = 1 WHERE webhook_id = ?",
      now,
      webhookId,
    );
  }

  /** Makes all pending deliveries due. */
  hurry(now: number): void {
    this.#sql.exec("UPDATE deliveries SET next_attempt_time = ?, unlogged = 1 WHERE state = 'pending'", now);
  }

  pending(): number {
    return this.#number("SELECT count(*) AS value FROM deliveries WHERE state = 'pending'") ?? 0;
  }

  nextAttemptTime(): number | null {
    return this.#number("SELECT min(next_attempt_time) AS value FROM deliveries WHERE state = 'pending'");
  }

  oldestTime(): number | null {
    return this.#number("SELECT max(created_time) AS value FROM (SELECT created_time FROM deliveries ORDER BY rowid LIMIT 1)");
  }

  unlogged(limit: number): readonly Delivery[] {
    return this.#select("WHERE unlogged = 1 ORDER BY rowid LIMIT ?", limit);
  }

  /** Marks deliveries as logged, unless they changed in the meantime. */
  markLogged(deliveries: readonly Delivery[]): void {
    for (const { webhook_id, state, next_attempt_time, tries } of deliveries) {
      this.#sql.exec(
        "UPDATE deliveries SET unlogged = 0 WHERE webhook_id = ? AND state = ? AND next_attempt_time IS ? AND tries = ?",
        webhook_id,
        state,
        next_attempt_time,
        tries,
      );
    }
  }

  /** Deletes old deliveries, and the oldest of too many finished ones; returns true where there were any. */
  prune(now: number): boolean {
    const cursor = this.#sql.exec(
      `DELETE FROM deliveries WHERE created_time <= ? OR rowid IN
        (SELECT rowid FROM deliveries WHERE state != 'pending' ORDER BY rowid DESC LIMIT -1 OFFSET ?)`,
      now - KEPT_MS,
      MAX_FINISHED,
    );
    return cursor.rowsWritten > 0;
  }

  #number(sql: string): number | null {
    return this.#sql.exec<{ value: number | null }>(sql).one().value;
  }

  #select(rest: string, ...bindings: readonly SqlStorageValue[]): readonly Delivery[] {
    const rows = this.#sql.exec<Row>(`SELECT ${COLUMNS} FROM deliveries ${rest}`, ...bindings).toArray();
    return rows.map((row) => ({
      ...row,
      event: JSON.parse(row.event) as QueuedEvent,
      attempts: JSON.parse(row.attempts) as readonly DeliveryAttempt[],
    }));
  }
}
