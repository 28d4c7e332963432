import { type ContractGap, type Gap, isContractGap } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { VenueSql } from "../venue-storage.ts";

type Row = { contract: string; from_time: number; to_time: number | null };

/** Ended gaps are kept for this long, so that every store has them by then. */
const KEPT_MS = 7 * 86_400_000;

/**
 * The gaps of single contracts: the venue is connected, but it refuses their subscription or does not confirm it. At most
 * one per contract is open, and it survives a restart of the object.
 */
export class ContractGapLog {
  readonly #sql: VenueSql;
  readonly #exchange: ExchangeName;
  #open: ReadonlySet<string>;

  constructor(sql: VenueSql, exchange: ExchangeName) {
    this.#sql = sql;
    this.#exchange = exchange;
    const rows = sql.exec<{ contract: string }>("SELECT contract FROM {contract_gaps} WHERE to_time IS NULL").toArray();
    this.#open = new Set(rows.map(({ contract }) => contract));
  }

  /**
   * Opens the gaps of contracts that are not covered, and ends those of all others.
   * @param uncovered each contract with the time up to which it was covered, ms
   * @returns the gaps that began or ended
   */
  update(uncovered: ReadonlyMap<string, number>, now: number): readonly ContractGap[] {
    const begun = [...uncovered].filter(([contract]) => !this.#open.has(contract));
    const ended = [...this.#open].filter((contract) => !uncovered.has(contract));
    if (begun.length === 0 && ended.length === 0) return [];
    const changed = [
      ...begun.map(([contract, from]) => this.#begin(contract, from)),
      ...ended.flatMap((contract) => this.#end(contract, now)),
    ];
    this.#open = new Set(uncovered.keys());
    this.#sql.exec("DELETE FROM {contract_gaps} WHERE acknowledged = 1 AND to_time < ?", now - KEPT_MS);
    return changed;
  }

  /** Gaps that changed since they were last acknowledged. */
  unacknowledged(): readonly ContractGap[] {
    return this.#sql
      .exec<Row>("SELECT contract, from_time, to_time FROM {contract_gaps} WHERE acknowledged = 0 ORDER BY from_time LIMIT 500")
      .toArray()
      .map((row) => this.#gap(row));
  }

  /** Marks gaps as acknowledged, unless they changed again in the meantime. */
  acknowledge(gaps: readonly Gap[]): void {
    for (const { contract, from_time, to_time } of gaps.filter(isContractGap)) {
      this.#sql.exec(
        "UPDATE {contract_gaps} SET acknowledged = 1 WHERE contract = ? AND from_time = ? AND to_time IS ?",
        contract,
        from_time,
        to_time,
      );
    }
  }

  /** A gap begins where the one before it ended, at the earliest. */
  #begin(contract: string, fromTime: number): ContractGap {
    const last = this.#sql.exec<{ time: number | null }>("SELECT max(to_time) AS time FROM {contract_gaps} WHERE contract = ?", contract);
    const from = Math.max(fromTime, last.one().time ?? 0);
    this.#sql.exec(
      `INSERT INTO {contract_gaps} (contract, from_time, to_time, acknowledged) VALUES (?, ?, NULL, 0)
       ON CONFLICT (contract, from_time) DO UPDATE SET to_time = NULL, acknowledged = 0`,
      contract,
      from,
    );
    return this.#gap({ contract, from_time: from, to_time: null });
  }

  #end(contract: string, now: number): readonly ContractGap[] {
    return this.#sql
      .exec<Row>(
        `UPDATE {contract_gaps} SET to_time = max(from_time, ?), acknowledged = 0 WHERE contract = ? AND to_time IS NULL
         RETURNING contract, from_time, to_time`,
        now,
        contract,
      )
      .toArray()
      .map((row) => this.#gap(row));
  }

  #gap({ contract, from_time, to_time }: Row): ContractGap {
    return { exchange: this.#exchange, from_time, to_time, reason: "not_subscribed", contract };
  }
}
