import type { StoredCount } from "../../../src/day-counts.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import type { SinkName } from "../../../src/sink.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { ObjectMemory } from "../../object-memory.ts";
import type { VenueSql } from "../venue-storage.ts";

/** Daily files are compared with these counts, also when they are written again. */
const KEPT_MS = 40 * DAY_MS;

/** The part of a row that is counted. */
export type CountedRow = Pick<Liquidation, "event_time" | "coverage">;

interface RowCount {
  readonly rows: number;
  readonly inferred: number;
}

/**
 * The number of rows by hour of their event time: what was sealed, and what each store acknowledged and refused. The
 * counts outlive the rows, so that the contents of a store can be compared with what it once acknowledged.
 */
export class HourCounts {
  readonly #sql: VenueSql;
  /** Rows from before this time, ms, are not or only partly counted. */
  readonly countedFrom: number;

  constructor(sql: VenueSql) {
    this.#sql = sql;
    this.countedFrom = new ObjectMemory(sql, "{memory}").readNumber("counted_from") ?? 0;
  }

  /** Counts the rows of a batch that is sealed; to be called in the transaction that seals it. */
  addSealed(rows: readonly CountedRow[]): void {
    for (const [hour, count] of byHour(rows)) {
      this.#sql.exec(
        `INSERT INTO {sealed_hours} (hour, rows, inferred) VALUES (?, ?, ?)
         ON CONFLICT (hour) DO UPDATE SET rows = rows + excluded.rows, inferred = inferred + excluded.inferred`,
        hour,
        count.rows,
        count.inferred,
      );
    }
  }

  /** Counts rows that a store acknowledged, and rows that it refused. */
  addStored(sink: SinkName, stored: readonly CountedRow[], refused: readonly CountedRow[]): void {
    const storedByHour = byHour(stored);
    const refusedByHour = byHour(refused);
    for (const hour of new Set([...storedByHour.keys(), ...refusedByHour.keys()])) {
      this.#sql.exec(
        `INSERT INTO {stored_hours} (sink, hour, rows, inferred, refused) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (sink, hour) DO UPDATE SET rows = rows + excluded.rows, inferred = inferred + excluded.inferred,
           refused = refused + excluded.refused`,
        sink,
        hour,
        storedByHour.get(hour)?.rows ?? 0,
        storedByHour.get(hour)?.inferred ?? 0,
        refusedByHour.get(hour)?.rows ?? 0,
      );
    }
  }

  /** Sealed rows of whole hours. */
  sealed({ start, end }: TimeRange): RowCount {
    return this.#sql
      .exec<{ rows: number; inferred: number }>(
        "SELECT coalesce(sum(rows), 0) AS rows, coalesce(sum(inferred), 0) AS inferred FROM {sealed_hours} WHERE hour >= ? AND hour < ?",
        start,
        end,
      )
      .one();
  }

  /** Rows of whole hours by store. */
  stored({ start, end }: TimeRange): Readonly<Partial<Record<SinkName, StoredCount>>> {
    const rows = this.#sql
      .exec<{ sink: SinkName; stored: number; refused: number }>(
        "SELECT sink, sum(rows) AS stored, sum(refused) AS refused FROM {stored_hours} WHERE hour >= ? AND hour < ? GROUP BY sink",
        start,
        end,
      )
      .toArray();
    return Object.fromEntries(rows.map(({ sink, stored, refused }) => [sink, { stored, refused }]));
  }

  /** Rows of whole hours that a store acknowledged, without inferred ones. */
  acknowledged(sink: SinkName, { start, end }: TimeRange): number {
    return this.#sql
      .exec<{ rows: number }>(
        "SELECT coalesce(sum(rows - inferred), 0) AS rows FROM {stored_hours} WHERE sink = ? AND hour >= ? AND hour < ?",
        sink,
        start,
        end,
      )
      .one().rows;
  }

  forget(now: number): void {
    this.#sql.exec("DELETE FROM {sealed_hours} WHERE hour < ?", now - KEPT_MS);
    this.#sql.exec("DELETE FROM {stored_hours} WHERE hour < ?", now - KEPT_MS);
  }
}

function byHour(rows: readonly CountedRow[]): ReadonlyMap<number, RowCount> {
  const counts = new Map<number, RowCount>();
  for (const { event_time, coverage } of rows) {
    const hour = floorTo(event_time, HOUR_MS);
    const { rows: count, inferred } = counts.get(hour) ?? { rows: 0, inferred: 0 };
    counts.set(hour, { rows: count + 1, inferred: inferred + (coverage === "inferred" ? 1 : 0) });
  }
  return counts;
}
