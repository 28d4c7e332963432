import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";

/** Events of one kind that an endpoint is sent within any 60 s. */
export const MAX_PER_MINUTE = 10;
/** Longer than an event is offered again: its publisher gives it up after an hour. */
const REMEMBERED_MS = DAY_MS;

type OutboxStorage = Pick<DurableObjectStorage, "sql" | "kv">;

/**
 * Lets ten events through within any 60 s and counts the others. Those are remembered, so that one that is offered again
 * is neither sent later nor counted twice.
 */
export class MinuteLimit {
  readonly #storage: OutboxStorage;

  constructor(storage: OutboxStorage) {
    this.#storage = storage;
  }

  /** Number of events since the last one that was let through, which were not. */
  get notSent(): number {
    return this.#storage.kv.get<number>("not_sent") ?? 0;
  }

  /** Whether an event was held back before. */
  heldBack(webhookId: string): boolean {
    return this.#storage.sql.exec("SELECT 1 FROM not_sent WHERE webhook_id = ?", webhookId).toArray().length > 0;
  }

  /**
   * Decides on a new event.
   * @returns number of events that were not let through since the one before; null where this one is not let through either
   */
  take(webhookId: string, now: number): number | null {
    const { kv, sql } = this.#storage;
    // A time after now comes from before the clock went back.
    const recent = (kv.get<readonly number[]>("sent_times") ?? []).filter((time) => time <= now && time > now - MINUTE_MS);
    const { notSent } = this;
    if (recent.length >= MAX_PER_MINUTE) {
      sql.exec("DELETE FROM not_sent WHERE time <= ?", now - REMEMBERED_MS);
      sql.exec("INSERT INTO not_sent (webhook_id, time) VALUES (?, ?)", webhookId, now);
      kv.put("not_sent", notSent + 1);
      return null;
    }
    kv.put("sent_times", [...recent, now]);
    if (notSent > 0) kv.put("not_sent", 0);
    return notSent;
  }
}
