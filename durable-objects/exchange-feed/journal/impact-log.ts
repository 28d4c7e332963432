import { IMPACT_FINAL_MS, impactAfter } from "../../../src/cascade/impact.ts";
import type { ImpactFields } from "../../../src/liquidation.ts";
import type { RecentMarks } from "../../../src/market/recent-marks.ts";
import type { Impact } from "../../../src/sink.ts";
import type { Journal, JournaledEvent } from "./journal.ts";
import { LATE_MARKS_MS } from "../../../src/lateness.ts";

const READY_MS = IMPACT_FINAL_MS + LATE_MARKS_MS;
/** Maximum number per second: twice the liquidations of the worst second. */
const MAX_CONCURRENT = 2_000;
/** If a sink accepts none for a week (its schema is too old), old impacts are dropped. */
const UNACKNOWLEDGED_KEPT_MS = 6 * 86_400_000;

/** An impact, under the number of its liquidation in the journal. */
export interface NumberedImpact {
  readonly sequence: number;
  readonly impact: Impact;
}

/**
 * The price impact of each liquidation, from when it is known until every sink has acknowledged it. Sealed journal rows
 * never change, so later values are kept here. Marks live in memory only: impacts of liquidations from before this
 * object started stay unknown.
 */
export class ImpactLog {
  readonly #sql: SqlStorage;
  readonly #journal: Journal;
  readonly #marks: RecentMarks;
  /** All impacts up to this number are computed or will stay unknown. */
  #finished: number;
  /** The time at which the next liquidation is ready, ms. */
  #nextTime = 0;

  constructor(sql: SqlStorage, journal: Journal, marks: RecentMarks) {
    this.#sql = sql;
    this.#journal = journal;
    this.#marks = marks;
    this.#finished = journal.total;
  }

  /**
   * Computes the impacts that are final by now, in the order of receipt, so that a liquidation that arrived late or has
   * an odd time delays nothing.
   */
  finish(now: number): void {
    if (now < this.#nextTime) return;
    const waiting = this.#journal.eventsAfter(this.#finished, MAX_CONCURRENT);
    const early = waiting.findIndex((event) => event.received_time > now - READY_MS);
    for (const event of early === -1 ? waiting : waiting.slice(0, early)) {
      this.#add(event);
      this.#finished = event.sequence;
    }
    this.#nextTime = early === -1 ? 0 : (waiting[early]?.received_time ?? 0) + READY_MS;
  }

  /** Impacts of liquidations numbered in (after, upTo], in order. */
  between(after: number, upTo: number, limit: number): readonly NumberedImpact[] {
    return this.#sql
      .exec<{ sequence: number; impact: string }>(
        "SELECT sequence, impact FROM impacts WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?",
        after,
        upTo,
        limit,
      )
      .toArray()
      .map((row) => ({ sequence: row.sequence, impact: JSON.parse(row.impact) as Impact }));
  }

  /** Deletes events from before a time (ms) that every sink has acknowledged, and in the end all of them. */
  forget(acknowledged: number, before: number): void {
    this.#sql.exec(
      "DELETE FROM impacts WHERE event_time < ? AND (sequence <= ? OR event_time < ?)",
      before,
      acknowledged,
      before - UNACKNOWLEDGED_KEPT_MS,
    );
  }

  #add({ sequence, event_id, event_time, instrument, position_side }: JournaledEvent): void {
    const fields = impactAfter(this.#marks.of(instrument), event_time, position_side);
    if (!isKnown(fields)) return;
    const impact: Impact = { event_id, event_time, ...fields };
    this.#sql.exec(
      "INSERT OR IGNORE INTO impacts (sequence, event_time, impact) VALUES (?, ?, ?)",
      sequence,
      event_time,
      JSON.stringify(impact),
    );
  }
}

function isKnown(fields: ImpactFields): boolean {
  return Object.values(fields).some((value) => value !== null);
}
