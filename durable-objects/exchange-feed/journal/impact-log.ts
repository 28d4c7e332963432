import { IMPACT_FINAL_MS, impactAfter } from "../../../src/cascade/impact.ts";
import type { ImpactFields } from "../../../src/liquidation.ts";
import type { RecentMarks } from "../../../src/market/recent-marks.ts";
import type { Impact } from "../../../src/sink.ts";
import type { Journal, JournaledEvent } from "./journal.ts";
import { LATE_MARKS_MS } from "../../../src/lateness.ts";
import type { VenueSql } from "../venue-storage.ts";

const READY_MS = IMPACT_FINAL_MS + LATE_MARKS_MS;
/** Maximum number per second: twice the liquidations of the worst second. */
const MAX_CONCURRENT = 2_000;
/** Impacts are collected for this long into one row, since each row written is billed. Marks are kept for longer. */
const COLLECT_MS = 10_000;
/** If a sink accepts none for a week (its schema is too old), old impacts are dropped. */
const UNACKNOWLEDGED_KEPT_MS = 6 * 86_400_000;

type Row = { sequence: number; impact: string };

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
  readonly #sql: VenueSql;
  readonly #journal: Journal;
  readonly #marks: RecentMarks;
  /** All impacts up to this number are computed or will stay unknown. */
  #finished: number;
  /** The time at which the next liquidation is ready, ms. */
  #nextTime = 0;

  constructor(sql: VenueSql, journal: Journal, marks: RecentMarks) {
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
    const final = early === -1 ? waiting : waiting.slice(0, early);
    this.#add(final);
    this.#finished = final.at(-1)?.sequence ?? this.#finished;
    const isMore = waiting.length === MAX_CONCURRENT && early === -1;
    this.#nextTime = isMore ? 0 : Math.max((waiting[early]?.received_time ?? 0) + READY_MS, final.length > 0 ? now + COLLECT_MS : 0);
  }

  /** Impacts of liquidations numbered in (after, upTo], in order. */
  between(after: number, upTo: number, limit: number): readonly NumberedImpact[] {
    const found: NumberedImpact[] = [];
    for (const row of this.#sql.exec<Row>("SELECT sequence, impact FROM {impacts} WHERE sequence > ? ORDER BY sequence", after)) {
      for (const numbered of impactsOf(row)) {
        if (numbered.sequence > upTo || found.length === limit) return found;
        if (numbered.sequence > after) found.push(numbered);
      }
    }
    return found;
  }

  /** Deletes events from before a time (ms) that every sink has acknowledged, and in the end all of them. */
  forget(acknowledged: number, before: number): void {
    this.#sql.exec(
      "DELETE FROM {impacts} WHERE event_time < ? AND (sequence <= ? OR event_time < ?)",
      before,
      acknowledged,
      before - UNACKNOWLEDGED_KEPT_MS,
    );
  }

  /** Stores the impacts of liquidations in one row, under the number of the last one. */
  #add(events: readonly JournaledEvent[]): void {
    const known = events.flatMap(({ sequence, event_id, event_time, instrument, position_side }) => {
      const fields = impactAfter(this.#marks.of(instrument), event_time, position_side);
      return isKnown(fields) ? [{ sequence, impact: { event_id, event_time, ...fields } }] : [];
    });
    const last = known.at(-1);
    if (last === undefined) return;
    this.#sql.exec(
      "INSERT OR IGNORE INTO {impacts} (sequence, event_time, impact) VALUES (?, ?, ?)",
      last.sequence,
      Math.max(...known.map(({ impact }) => impact.event_time)),
      JSON.stringify(known),
    );
  }
}

/** Rows from before impacts were collected hold one. */
function impactsOf({ sequence, impact }: Row): readonly NumberedImpact[] {
  const stored = JSON.parse(impact) as Impact | readonly NumberedImpact[];
  return Array.isArray(stored) ? (stored as readonly NumberedImpact[]) : [{ sequence, impact: stored as Impact }];
}

function isKnown(fields: ImpactFields): boolean {
  return Object.values(fields).some((value) => value !== null);
}
