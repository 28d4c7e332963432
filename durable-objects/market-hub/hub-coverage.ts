import { type Gap, isContractGap } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { MIN_UPTIME_SHARE, uptimeShare } from "../../src/windows/uptime-share.ts";
import type { VenueWeights } from "../../src/windows/venue-weights.ts";

/** When the venues were not connected, as far as the feeds reported it. */
export class HubCoverage {
  readonly #sql: SqlStorage;
  #gaps: readonly Gap[];
  #weights: VenueWeights = new Map();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#gaps = sql.exec<Record<keyof Gap, SqlStorageValue>>("SELECT * FROM gaps").toArray() as unknown as readonly Gap[];
  }

  /**
   * Adds or ends a gap; the same gap again replaces the earlier one. A venue has one at a time: an open one of before, of a
   * feed that is gone, is over. The gap of a single contract is not its venue's.
   */
  note(gap: Gap): void {
    if (isContractGap(gap)) return;
    const { exchange, from_time, to_time, reason } = gap;
    const isOver = (one: Gap) => one.exchange === exchange && one.to_time === null && one.from_time < (to_time ?? from_time);
    const over = this.#gaps.filter((one) => isOver(one) && one.from_time !== from_time);
    for (const one of [...over.map((open) => ({ ...open, to_time: to_time ?? from_time })), { exchange, from_time, to_time, reason }]) {
      this.#keep(one);
    }
  }

  #keep(gap: Gap): void {
    const { exchange, from_time, to_time, reason } = gap;
    this.#gaps = [...this.#gaps.filter((one) => one.exchange !== exchange || one.from_time !== from_time), gap];
    this.#sql.exec(
      "INSERT OR REPLACE INTO gaps (exchange, from_time, to_time, reason) VALUES (?, ?, ?, ?)",
      exchange,
      from_time,
      to_time,
      reason,
    );
  }

  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** How much the coverage of each venue counts. */
  weigh(weights: VenueWeights): void {
    this.#weights = weights;
  }

  /**
   * Whether enough of the venues were connected for the flow of this time to be compared with others; every time counts
   * until weights are known.
   */
  isCovered(range: TimeRange): boolean {
    return this.#weights.size === 0 || uptimeShare(this.#gaps, this.#weights, range) >= MIN_UPTIME_SHARE;
  }

  /** The share of the range in which a venue was connected. */
  shareOf(exchange: ExchangeName, range: TimeRange): number {
    return uptimeShare(this.#gaps, new Map([[exchange, 1]]), range);
  }

  /** The times in which one of these venues was not connected, until `end`, ms. */
  gapsOf(exchanges: readonly ExchangeName[], end: number): readonly TimeRange[] {
    const own = this.#gaps.filter(({ exchange }) => exchanges.includes(exchange));
    return own.map(({ from_time, to_time }) => ({ start: from_time, end: to_time ?? end }));
  }

  /** Drops gaps that ended before this time, ms. */
  forget(before: number): void {
    if (!this.#gaps.some(({ to_time }) => to_time !== null && to_time < before)) return;
    this.#gaps = this.#gaps.filter(({ to_time }) => to_time === null || to_time >= before);
    this.#sql.exec("DELETE FROM gaps WHERE to_time < ?", before);
  }
}
