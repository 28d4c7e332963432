import { messageOf } from "../../../src/message-of.ts";
import { writeLog } from "../../../src/log.ts";
import type { VenueSql } from "../venue-storage.ts";

/** Maximum number of texts per reason; counting continues. */
const KEPT_PER_REASON = 20;
const MAX_TEXT_LENGTH = 4096;
/** Reasons may contain what a venue or store said, so their number has a limit; the rest counts as one. */
const MAX_REASONS = 200;
const OTHER_REASONS = "other reasons";

/** Texts that could not be read or stored: counted by reason, and the first few kept. */
export class RejectLog {
  readonly #sql: VenueSql;

  constructor(sql: VenueSql) {
    this.#sql = sql;
  }

  get count(): number {
    return this.#sql.exec<{ n: number }>("SELECT coalesce(sum(count), 0) AS n FROM {reject_counts}").one().n;
  }

  /** Never throws: a storage that is full must not cost more than the text. */
  add(time: number, reason: string, text: string): void {
    try {
      this.#add(time, reason, text);
    } catch (error) {
      writeLog("warn", { event: "reject_not_kept", reason, error: messageOf(error) });
    }
  }

  #add(time: number, reason: string, text: string): void {
    const kind = this.#kindOf(reason.slice(0, 100));
    const count = this.#sql
      .exec<{ count: number }>(
        "INSERT INTO {reject_counts} (reason, count) VALUES (?, 1) ON CONFLICT (reason) DO UPDATE SET count = count + 1 RETURNING count",
        kind,
      )
      .one().count;
    if (count <= KEPT_PER_REASON) {
      this.#sql.exec("INSERT INTO {rejects} (time, reason, text) VALUES (?, ?, ?)", time, reason, text.slice(0, MAX_TEXT_LENGTH));
    }
  }

  #kindOf(reason: string): string {
    const { known, reasons } = this.#sql
      .exec<{ known: number; reasons: number }>(
        "SELECT count(*) AS reasons, coalesce(sum(reason = ?), 0) AS known FROM {reject_counts}",
        reason,
      )
      .one();
    return known > 0 || reasons < MAX_REASONS ? reason : OTHER_REASONS;
  }

  latest(limit: number): { time: number; reason: string; text: string }[] {
    return this.#sql
      .exec<{ time: number; reason: string; text: string }>("SELECT time, reason, text FROM {rejects} ORDER BY id DESC LIMIT ?", limit)
      .toArray();
  }
}
