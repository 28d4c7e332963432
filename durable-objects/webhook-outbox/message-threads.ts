/** The message of a chat that stands for a thread. */
export interface ShownMessage {
  readonly message_id: string;
  /** Time of the event that it shows, ms. */
  readonly time: number;
}

/** The messages of the chat that later ones edit or reply to, by what they are about; kept as long as deliveries (`KEPT_MS`). */
export class MessageThreads {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  read(thread: string): ShownMessage | null {
    return this.#sql.exec<Row>("SELECT message_id, time FROM threads WHERE thread = ?", thread).toArray()[0] ?? null;
  }

  /** @param now time of the attempt, ms */
  write(thread: string, { message_id, time }: ShownMessage, now: number): void {
    const sql = "INSERT OR REPLACE INTO threads (thread, message_id, time, written_time) VALUES (?, ?, ?, ?)";
    this.#sql.exec(sql, thread, message_id, time, now);
  }

  forget(thread: string): void {
    this.#sql.exec("DELETE FROM threads WHERE thread = ?", thread);
  }

  /** @param before threads without a message since are forgotten, ms */
  prune(before: number): void {
    this.#sql.exec("DELETE FROM threads WHERE written_time < ?", before);
  }
}

type Row = { message_id: string; time: number };
