import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { type CountedRow, HourCounts } from "./hour-counts.ts";
import { fromJournal, toJournal } from "./journal-row.ts";

/** Time for which an `event_id` is remembered, ms: a repetition of an older event could not be recognized. */
export const DEDUPE_MS = 86_400_000;

export interface SealedRows {
  readonly sealedTime: number;
  readonly gaps: readonly Gap[];
  readonly rows: readonly Liquidation[];
}

/** The fields of a journaled liquidation that are needed later. */
export type JournaledEvent = Pick<Liquidation, "event_id" | "event_time" | "instrument" | "position_side" | "received_time"> & {
  readonly sequence: number;
};

export interface SealLimits {
  readonly settledBefore: number;
  readonly minRows: number;
  readonly maxRows: number;
}

/**
 * The liquidations of a venue in the order received, in the SQLite of the object. Rows are numbered 1, 2, 3 …; a batch
 * is a range of numbers. The rows of a sealed batch never change. Rows are deleted when every sink has them and the
 * dedupe window is over.
 */
export class Journal {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  /** The number of sealed and stored rows by hour. */
  readonly hours: HourCounts;
  #nextSequence: number;
  #lastSealed: number;
  #lastBatch: number;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.hours = new HourCounts(storage.sql);
    const last = this.#sql
      .exec<{ sequence: number; sealed: number; batch: number }>(
        `SELECT coalesce((SELECT max(sequence) FROM events), 0) AS sequence,
                coalesce((SELECT max(last_sequence) FROM batches), 0) AS sealed,
                coalesce((SELECT max(batch) FROM batches), 0) AS batch`,
      )
      .one();
    this.#nextSequence = Math.max(last.sequence, last.sealed) + 1;
    this.#lastSealed = last.sealed;
    this.#lastBatch = last.batch;
  }

  /** Number of distinct liquidations since the journal began. */
  get total(): number {
    return this.#nextSequence - 1;
  }

  get unsealed(): number {
    return this.#nextSequence - 1 - this.#lastSealed;
  }

  get lastBatch(): number {
    return this.#lastBatch;
  }

  get rows(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM events").one().n;
  }

  /**
   * Stores a liquidation in the same turn of the event loop.
   * @returns its number, or null where its `event_id` is already known
   */
  append(liquidation: Liquidation): number | null {
    const sequence = this.#nextSequence;
    const written = this.#sql.exec(
      "INSERT OR IGNORE INTO events (sequence, event_id, received_time, settled, event) VALUES (?, ?, ?, 0, ?)",
      sequence,
      liquidation.event_id,
      liquidation.received_time,
      toJournal(liquidation),
    ).rowsWritten;
    if (written === 0) return null;
    this.#nextSequence += 1;
    return sequence;
  }

  /** Replaces rows by their enriched form; rows sealed in the meantime stay unchanged. */
  settle(rows: readonly { readonly sequence: number; readonly liquidation: Liquidation }[]): void {
    this.#storage.transactionSync(() => {
      for (const { sequence, liquidation } of rows) {
        if (sequence <= this.#lastSealed) continue;
        this.#sql.exec("UPDATE events SET settled = 1, event = ? WHERE sequence = ?", toJournal(liquidation), sequence);
      }
    });
  }

  /** Unsealed rows without enrichment, for an object that restarts. */
  unsettled(): { sequence: number; liquidation: Liquidation }[] {
    return this.#sql
      .exec<{ sequence: number; event: string }>("SELECT sequence, event FROM events WHERE sequence > ? AND settled = 0", this.#lastSealed)
      .toArray()
      .map((row) => ({ sequence: row.sequence, liquidation: fromJournal(row.event) }));
  }

  /**
   * Seals the next batch: unsealed rows from the first on, up to `maxRows` and at least `minRows`, as far as they are
   * enriched or were received before `settledBefore` (ms). Overlapping gaps are stored with it, so that writing the batch again gives
   * the same bytes.
   * @returns whether there was a batch to seal
   */
  seal(now: number, { settledBefore, minRows, maxRows }: SealLimits, gapsTouching: (from: number, to: number) => readonly Gap[]): boolean {
    const open = this.#sql
      .exec<CountedRow & { sequence: number; ready: number }>(
        `SELECT sequence, settled = 1 OR received_time <= ? AS ready, event ->> '$.event_time' AS event_time,
                event ->> '$.coverage' AS coverage
         FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        settledBefore,
        this.#lastSealed,
        maxRows,
      )
      .toArray();
    const firstNotReady = open.findIndex((row) => row.ready === 0);
    const ready = firstNotReady === -1 ? open : open.slice(0, firstNotReady);
    const first = ready[0];
    const last = ready.at(-1);
    if (first === undefined || last === undefined || ready.length < minRows) return false;
    const times = ready.map((row) => row.event_time);
    const oldest = Math.min(...times);
    const gaps = JSON.stringify(gapsTouching(oldest, Math.max(...times)));
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        "INSERT INTO batches (batch, first_sequence, last_sequence, sealed_time, oldest_event_time, gaps) VALUES (?, ?, ?, ?, ?, ?)",
        this.#lastBatch + 1,
        first.sequence,
        last.sequence,
        now,
        oldest,
        gaps,
      );
      this.hours.addSealed(ready);
    });
    this.#lastBatch += 1;
    this.#lastSealed = last.sequence;
    return true;
  }

  /** The rows of a sealed batch in order, or null where no batch of that number exists (any more). */
  batch(batch: number): SealedRows | null {
    const range = this.#sql
      .exec<{ first_sequence: number; last_sequence: number; sealed_time: number; gaps: string }>(
        "SELECT * FROM batches WHERE batch = ?",
        batch,
      )
      .toArray()[0];
    if (range === undefined) return null;
    const rows = this.#sql
      .exec<{ event: string }>(
        "SELECT event FROM events WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
        range.first_sequence,
        range.last_sequence,
      )
      .toArray()
      .map((row) => fromJournal(row.event));
    return rows.length === 0 ? null : { sealedTime: range.sealed_time, gaps: JSON.parse(range.gaps), rows };
  }

  /** The number of the last liquidation in the batches up to `batch`, as far as they still exist. */
  lastSequence(batch: number): number {
    return (
      this.#sql.exec<{ last: number | null }>("SELECT max(last_sequence) AS last FROM batches WHERE batch <= ?", batch).one().last ?? 0
    );
  }

  /** The liquidations with a number after `sequence`, sealed or not, in order. */
  eventsAfter(sequence: number, limit: number): readonly JournaledEvent[] {
    return this.#sql
      .exec<JournaledEvent>(
        `SELECT sequence, event_id, received_time, event ->> '$.event_time' AS event_time, event ->> '$.instrument' AS instrument,
                event ->> '$.position_side' AS position_side
         FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        sequence,
        limit,
      )
      .toArray();
  }

  /** The number of the first existing sealed batch after `batch`; null where a sink has all of them. */
  batchAfter(batch: number): number | null {
    return this.#sql.exec<{ batch: number | null }>("SELECT min(batch) AS batch FROM batches WHERE batch > ?", batch).one().batch;
  }

  /** The backlog of a sink that has all batches up to `batch`. */
  backlog(batch: number): { batches: number; rows: number; oldestEventTime: number | null } {
    const sealed = this.#sql
      .exec<{ batches: number; rows: number | null; oldest: number | null }>(
        `SELECT count(*) AS batches, sum(last_sequence - first_sequence + 1) AS rows, min(oldest_event_time) AS oldest
         FROM batches WHERE batch > ?`,
        batch,
      )
      .one();
    const open = this.#sql
      .exec<{ oldest: number | null }>("SELECT min(event ->> '$.event_time') AS oldest FROM events WHERE sequence > ?", this.#lastSealed)
      .one();
    const oldest = [sealed.oldest, open.oldest].filter((time) => time !== null);
    return { batches: sealed.batches, rows: sealed.rows ?? 0, oldestEventTime: oldest.length === 0 ? null : Math.min(...oldest) };
  }

  /**
   * Deletes batches that every sink has (up to `batch`) and that were sealed before `sealedBefore` (ms). The entry of
   * the newest batch stays, because numbering continues from it.
   */
  forget(batch: number, sealedBefore: number): void {
    const upTo = this.#sql
      .exec<{ batch: number | null; sequence: number | null }>(
        "SELECT max(batch) AS batch, max(last_sequence) AS sequence FROM batches WHERE batch <= ? AND sealed_time < ?",
        batch,
        sealedBefore,
      )
      .one();
    if (upTo.batch === null) return;
    this.#storage.transactionSync(() => {
      this.#sql.exec("DELETE FROM events WHERE sequence <= ?", upTo.sequence);
      this.#sql.exec("DELETE FROM batches WHERE batch <= ? AND batch < ?", upTo.batch, this.#lastBatch);
    });
  }

  /** The latest event time among the last rows, ms, at most our clock; null without rows. */
  lastEventTime(): number | null {
    return this.#sql
      .exec<{ time: number | null }>(
        `SELECT max(min(received_time, event ->> '$.event_time')) AS time
         FROM (SELECT received_time, event FROM events ORDER BY sequence DESC LIMIT 100)`,
      )
      .one().time;
  }

  /** Sums per base asset and side over events received at or after a time (ms), without inferred ones. */
  totalsSince(time: number): { symbol: string; position_side: string; events: number; usd: number }[] {
    return this.#sql
      .exec<{ symbol: string; position_side: string; events: number; usd: number }>(
        `SELECT event ->> '$.symbol' AS symbol, event ->> '$.position_side' AS position_side, count(*) AS events,
                coalesce(sum(event ->> '$.usd_value'), 0) AS usd
         FROM events WHERE received_time >= ? AND event ->> '$.coverage' <> 'inferred' GROUP BY 1, 2`,
        time,
      )
      .toArray();
  }
}
