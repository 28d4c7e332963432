import { type FilledGap, type Gap, type GapReason, isContractGap } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { ContractGapLog } from "./contract-gap-log.ts";
import type { VenueSql } from "../venue-storage.ts";

type Row = { from_time: number; to_time: number | null; reason: GapReason };

/** 0 where it is not stated. */
function filledEvents(gap: Gap): number {
  return "filled_events" in gap && typeof gap.filled_events === "number" ? gap.filled_events : 0;
}

/**
 * The gaps of a venue. At most one is open, and it survives a restart of the object. All the time before the first
 * connection to the venue is a gap too, so that its zeros are not mistaken for a quiet market.
 */
export class GapLog {
  readonly #sql: VenueSql;
  readonly #exchange: ExchangeName;
  /** Kept apart: a venue that lacks one contract is connected. */
  readonly contracts: ContractGapLog;

  constructor(sql: VenueSql, exchange: ExchangeName) {
    this.#sql = sql;
    this.#exchange = exchange;
    this.contracts = new ContractGapLog(sql, exchange);
    const isNew = this.#sql.exec("SELECT 1 FROM {gaps} LIMIT 1").toArray().length === 0;
    if (isNew) this.#sql.exec("INSERT INTO {gaps} (from_time, to_time, reason, told) VALUES (0, NULL, 'not_started', 0)");
  }

  get open(): Gap | null {
    const row = this.#sql.exec<Row>("SELECT from_time, to_time, reason FROM {gaps} WHERE to_time IS NULL").toArray()[0];
    return row === undefined ? null : this.#gap(row);
  }

  /** Gaps since the first connection to the venue, or the first attempt. */
  get count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM {gaps} WHERE reason <> 'not_started'").one().n;
  }

  /** Opens a gap, or gives the open one a more serious reason: `blocked` replaces `disconnected`. */
  start(fromTime: number, reason: GapReason): void {
    const open = this.open;
    if (open?.reason === "not_started") this.end(fromTime);
    if (open === null || open.reason === "not_started") {
      const from = this.#afterLast(fromTime);
      // The same start again: the venue has not been connected since the gap that began there, whatever ended it.
      this.#sql.exec(
        `INSERT INTO {gaps} (from_time, to_time, reason, told) VALUES (?, NULL, ?, 0)
         ON CONFLICT (from_time) DO UPDATE SET to_time = NULL, reason = excluded.reason, told = 0`,
        from,
        reason,
      );
    } else if (reason === "blocked" && open.reason !== "blocked") {
      this.#sql.exec("UPDATE {gaps} SET reason = ?, told = 0 WHERE from_time = ?", reason, open.from_time);
    }
  }

  /** Records a time that was found not covered when it was over. @returns its parts that no other gap covers, in order */
  add(fromTime: number, toTime: number, reason: GapReason): readonly (Gap & { readonly to_time: number })[] {
    const added: (Gap & { readonly to_time: number })[] = [];
    let from = fromTime;
    for (const known of [...this.touching(fromTime, toTime), { from_time: toTime, to_time: toTime }]) {
      if (known.from_time > from) added.push({ exchange: this.#exchange, from_time: from, to_time: known.from_time, reason });
      from = Math.max(from, known.to_time ?? Number.POSITIVE_INFINITY);
    }
    for (const gap of added) {
      // A gap without a length may begin at the same time.
      this.#sql.exec(
        `INSERT INTO {gaps} (from_time, to_time, reason, told) VALUES (?, ?, ?, 0)
         ON CONFLICT (from_time) DO UPDATE SET to_time = excluded.to_time, reason = excluded.reason, told = 0`,
        gap.from_time,
        gap.to_time,
        reason,
      );
    }
    return added;
  }

  /**
   * Ends the open gap.
   * @returns the gap, or null where none was open
   */
  end(toTime: number): (Gap & { readonly to_time: number }) | null {
    const open = this.open;
    if (open === null) return null;
    const to = Math.max(toTime, open.from_time);
    this.#sql.exec("UPDATE {gaps} SET to_time = ?, told = 0 WHERE from_time = ?", to, open.from_time);
    return { ...open, to_time: to };
  }

  /**
   * No open gap begins in the future: after the clock went back it ends where it began, and goes on from now.
   * @returns both gaps, or none where nothing changed
   */
  noteClock(now: number): readonly Gap[] {
    const { open } = this;
    if (open === null || open.from_time <= now) return [];
    const ended = this.end(open.from_time);
    this.start(now, open.reason);
    return [ended, this.open].filter((gap) => gap !== null);
  }

  /** Gaps that overlap [from, to]; an open gap overlaps everything after its start. */
  touching(from: number, to: number): readonly Gap[] {
    return this.#sql
      .exec<Row>(
        "SELECT from_time, to_time, reason FROM {gaps} WHERE from_time <= ? AND (to_time IS NULL OR to_time >= ?) ORDER BY from_time",
        to,
        from,
      )
      .toArray()
      .map((row) => this.#gap(row));
  }

  /** Gaps that changed since they were last acknowledged, of the venue and of its contracts. */
  unacknowledged(): readonly Gap[] {
    const own = this.#sql
      .exec<Row & { filled_events: number }>(
        "SELECT from_time, to_time, reason, filled_events FROM {gaps} WHERE told = 0 ORDER BY from_time LIMIT 500",
      )
      .toArray()
      .map((row): FilledGap => ({ ...this.#gap(row), filled_events: row.filled_events }));
    return [...own, ...this.contracts.unacknowledged()];
  }

  /** Counts a liquidation that the venue's history named, in the gaps that it happened in. */
  filled(eventTime: number): void {
    this.#sql.exec(
      "UPDATE {gaps} SET filled_events = filled_events + 1, told = 0 WHERE from_time <= ?1 AND (to_time IS NULL OR to_time >= ?1)",
      eventTime,
    );
  }

  /** Marks gaps as acknowledged, unless they changed again in the meantime. */
  acknowledge(gaps: readonly Gap[]): void {
    this.contracts.acknowledge(gaps);
    for (const gap of gaps) {
      if (isContractGap(gap)) continue;
      this.#sql.exec(
        "UPDATE {gaps} SET told = 1 WHERE from_time = ? AND to_time IS ? AND reason = ? AND filled_events = ?",
        gap.from_time,
        gap.to_time,
        gap.reason,
        filledEvents(gap),
      );
    }
  }

  /** Acknowledges no gap any more that ended at or after a time, ms, so that all of them are sent again. */
  sendAgain(since: number): void {
    this.#sql.exec("UPDATE {gaps} SET told = 0 WHERE to_time IS NULL OR to_time >= ?", since);
    this.#sql.exec("UPDATE {contract_gaps} SET acknowledged = 0 WHERE to_time IS NULL OR to_time >= ?", since);
  }

  /**
   * A gap begins where the one before it ended, at the earliest; one that began at the very same time is that gap. One
   * that began later does not matter: the clock went back since.
   */
  #afterLast(fromTime: number): number {
    const last = this.#sql
      .exec<{ from_time: number; to_time: number | null }>(
        "SELECT from_time, to_time FROM {gaps} WHERE from_time <= ? ORDER BY from_time DESC LIMIT 1",
        fromTime,
      )
      .toArray()[0];
    return last === undefined || last.from_time === fromTime ? fromTime : Math.max(fromTime, last.to_time ?? 0);
  }

  #gap(row: Row): Gap {
    return { exchange: this.#exchange, from_time: row.from_time, to_time: row.to_time, reason: row.reason };
  }
}
