import type { ExchangeName } from "../../../src/liquidation.ts";
import type { MinuteMark } from "../../../src/minute-mark.ts";
import type { VenueSql } from "../venue-storage.ts";

/** Maximum number of minutes while the sink is down: enough for a day of the usual symbols, not of a thousand. */
const MAX_HELD = 100_000;
const MAX_CONCURRENT = 1_000;

/** Closed minutes of the mark price that the hot store does not have yet. */
export class MarkLog {
  readonly #sql: VenueSql;
  readonly #exchange: ExchangeName;

  constructor(sql: VenueSql, exchange: ExchangeName) {
    this.#sql = sql;
    this.#exchange = exchange;
  }

  add(marks: readonly MinuteMark[]): void {
    for (const mark of marks) {
      this.#sql.exec(
        "INSERT OR REPLACE INTO {minute_marks} (minute, symbol, mark) VALUES (?, ?, ?)",
        mark.minute,
        mark.symbol,
        JSON.stringify(mark),
      );
    }
    if (marks.length > 0) {
      this.#sql.exec(
        "DELETE FROM {minute_marks} WHERE minute < (SELECT minute FROM {minute_marks} ORDER BY minute DESC LIMIT 1 OFFSET ?)",
        MAX_HELD,
      );
    }
  }

  unacknowledged(): readonly MinuteMark[] {
    return this.#sql
      .exec<{ mark: string }>("SELECT mark FROM {minute_marks} ORDER BY minute LIMIT ?", MAX_CONCURRENT)
      .toArray()
      .map((row) => ({ ...(JSON.parse(row.mark) as MinuteMark), exchange: this.#exchange }));
  }

  acknowledge(marks: readonly MinuteMark[]): void {
    for (const mark of marks) {
      this.#sql.exec(
        "DELETE FROM {minute_marks} WHERE minute = ? AND symbol = ? AND mark = ?",
        mark.minute,
        mark.symbol,
        JSON.stringify(mark),
      );
    }
  }
}
