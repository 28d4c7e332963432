import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { type CountedRow, HourCounts } from "./hour-counts.ts";
import { fromJournal, toJournal } from "./journal-row.ts";

/** More than a venue repeats or its history names, and few enough for one call between objects. */
const MAX_KNOWN_EVENTS = 10_000;

/** Batches deleted in one go: a backlog of days is deleted over many rounds, so that none takes long. */
const MAX_FORGOTTEN_BATCHES = 20;

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

/** A liquidation that is recognized when it comes again. */
export type KnownEvent = Pick<Liquidation, "event_id" | "received_time">;

export interface ReleasedBatch {
  readonly batch: number;
  readonly rows: number;
  /** Of its rows, ms. */
  readonly firstEventTime: number;
  readonly lastEventTime: number;
}

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
  /** The oldest row, or the next one where there is none: rows are only ever deleted from the oldest on. */
  #firstSequence: number;
  #nextSequence: number;
  #lastSealed: number;
  #lastBatch: number;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.hours = new HourCounts(storage.sql);
    // Each of these reads one row, however long the journal is.
    const ends = this.#sql
      .exec<{ first: number | null; last: number | null }>(
        "SELECT (SELECT min(sequence) FROM events) AS first, (SELECT max(sequence) FROM events) AS last",
      )
      .one();
    const sealed = this.#sql
      .exec<{ batch: number; last_sequence: number }>("SELECT batch, last_sequence FROM batches ORDER BY batch DESC LIMIT 1")
      .toArray()[0] ?? { batch: 0, last_sequence: 0 };
    this.#nextSequence = Math.max(ends.last ?? 0, sealed.last_sequence) + 1;
    this.#firstSequence = ends.first ?? this.#nextSequence;
    this.#lastSealed = sealed.last_sequence;
    this.#lastBatch = sealed.batch;
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
    return this.#nextSequence - this.#firstSequence;
  }

  /**
   * Stores a liquidation in the same turn of the event loop.
   * @param frame the text of its raw frame, for the first new liquidation of a frame
   * @returns its number, or null where its `event_id` is already known
   */
  append(liquidation: Liquidation, frame: string | null = null): number | null {
    const sequence = this.#nextSequence;
    const written = this.#sql.exec(
      `INSERT OR IGNORE INTO events (sequence, event_id, received_time, settled, event, frame)
       SELECT ?1, ?2, ?3, 0, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM released_events WHERE event_id = ?2)`,
      sequence,
      liquidation.event_id,
      liquidation.received_time,
      toJournal(liquidation),
      frame,
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
    const last = this.#sql
      .exec<{ last_sequence: number }>("SELECT last_sequence FROM batches WHERE batch <= ? ORDER BY batch DESC LIMIT 1", batch)
      .toArray()[0];
    return last?.last_sequence ?? 0;
  }

  /** The number of the last liquidation up to `batch`, also where that batch is gone. */
  sequenceUpTo(batch: number): number {
    return Math.max(this.lastSequence(batch), this.#firstSequence - 1);
  }

  /** The number of liquidations after `sequence` that were deleted. */
  missingAfter(sequence: number): number {
    return Math.max(0, this.#firstSequence - 1 - sequence);
  }

  /** The last batch that ends at or before a liquidation's number; 0 where there is none. */
  lastBatchWithin(sequence: number): number {
    return this.#sql
      .exec<{ batch: number }>("SELECT coalesce(max(batch), 0) AS batch FROM batches WHERE last_sequence <= ?", sequence)
      .one().batch;
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

  /** The first batch that was sealed at or after a time, ms; null where none was. */
  firstBatchSince(sealedTime: number): { readonly batch: number; readonly firstSequence: number } | null {
    return (
      this.#sql
        .exec<{ batch: number; firstSequence: number }>(
          "SELECT batch, first_sequence AS firstSequence FROM batches WHERE sealed_time >= ? AND last_sequence >= ? ORDER BY batch LIMIT 1",
          sealedTime,
          this.#firstSequence,
        )
        .toArray()[0] ?? null
    );
  }

  /** The time, ms, from which on every received row is still here; null where no row was ever deleted. */
  get completeFrom(): number | null {
    if (this.#firstSequence === 1) return null;
    const first = this.#sql
      .exec<{ received_time: number }>("SELECT received_time FROM events WHERE sequence = ?", this.#firstSequence)
      .toArray()[0];
    return first?.received_time ?? Number.POSITIVE_INFINITY;
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
   * Deletes some of the batches that every sink has (up to `batch`) and that were sealed before `sealedBefore` (ms). The
   * entry of the newest batch stays, because numbering continues from it.
   * @returns whether there are more
   */
  forget(batch: number, sealedBefore: number): boolean {
    const { count, ...upTo } = this.#sql
      .exec<{ count: number; batch: number | null; sequence: number }>(
        `SELECT count(*) AS count, max(batch) AS batch, max(last_sequence) AS sequence
         FROM (SELECT * FROM batches WHERE batch <= ? ORDER BY batch LIMIT ${MAX_FORGOTTEN_BATCHES}) WHERE sealed_time < ?`,
        batch,
        sealedBefore,
      )
      .one();
    if (upTo.batch === null) return false;
    this.#storage.transactionSync(() => {
      this.#sql.exec("DELETE FROM events WHERE sequence <= ?", upTo.sequence);
      this.#sql.exec("DELETE FROM batches WHERE batch <= ? AND batch < ?", upTo.batch, this.#lastBatch);
    });
    this.#firstSequence = Math.max(this.#firstSequence, upTo.sequence + 1);
    return count === MAX_FORGOTTEN_BATCHES;
  }

  /**
   * Deletes the oldest batch, if it is not after `upTo`, to make room. The ids of its rows are still known for as long
   * as those of others, so that a repetition is recognized.
   * @returns what was deleted, or null where no batch is left
   */
  release(upTo: number): ReleasedBatch | null {
    const oldest = this.#sql
      .exec<{ batch: number; last_sequence: number }>("SELECT batch, last_sequence FROM batches ORDER BY batch LIMIT 1")
      .toArray()[0];
    if (oldest === undefined || oldest.batch > upTo) return null;
    const rows = this.#sql
      .exec<{ event_id: string; received_time: number; event_time: number }>(
        "SELECT event_id, received_time, event ->> '$.event_time' AS event_time FROM events WHERE sequence <= ?",
        oldest.last_sequence,
      )
      .toArray();
    if (rows.length === 0 && oldest.batch === this.#lastBatch) return null;
    this.#storage.transactionSync(() => {
      // First, because a full storage has room for the ids only afterwards.
      this.#sql.exec("DELETE FROM events WHERE sequence <= ?", oldest.last_sequence);
      this.#sql.exec("DELETE FROM batches WHERE batch = ? AND batch < ?", oldest.batch, this.#lastBatch);
      this.know(rows);
    });
    this.#firstSequence = Math.max(this.#firstSequence, oldest.last_sequence + 1);
    const times = rows.map(({ event_time }) => event_time);
    return { batch: oldest.batch, rows: rows.length, firstEventTime: Math.min(...times), lastEventTime: Math.max(...times) };
  }

  /** The newest liquidations, and those that gave way to newer ones, for the object that follows this one. */
  knownEvents(): readonly KnownEvent[] {
    return this.#sql
      .exec<{ event_id: string; received_time: number }>(
        `SELECT * FROM (SELECT event_id, received_time FROM events ORDER BY sequence DESC LIMIT ${MAX_KNOWN_EVENTS})
         UNION ALL SELECT * FROM (SELECT event_id, received_time FROM released_events LIMIT ${MAX_KNOWN_EVENTS})`,
      )
      .toArray();
  }

  /** Takes liquidations of another journal for known, without their rows. */
  know(events: readonly KnownEvent[]): void {
    const known = JSON.stringify(events.map(({ event_id, received_time }) => [event_id, received_time]));
    this.#sql.exec("INSERT OR IGNORE INTO released_events SELECT value ->> 0, value ->> 1 FROM json_each(?)", known);
  }

  /** Forgets the ids of released rows that were received before a time, ms. */
  forgetReleased(receivedBefore: number): void {
    this.#sql.exec("DELETE FROM released_events WHERE received_time < ?", receivedBefore);
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

  /** Sums per base asset and side over the liquidations with a number after `sequence`, without inferred ones. */
  totalsAfter(sequence: number): { symbol: string; position_side: string; events: number; usd: number }[] {
    return this.#sql
      .exec<{ symbol: string; position_side: string; events: number; usd: number }>(
        `SELECT event ->> '$.symbol' AS symbol, event ->> '$.position_side' AS position_side, count(*) AS events,
                coalesce(sum(event ->> '$.usd_value'), 0) AS usd
         FROM events WHERE sequence > ? AND event ->> '$.coverage' <> 'inferred' GROUP BY 1, 2`,
        sequence,
      )
      .toArray();
  }

  /** The number of the last liquidation that was received before a time (ms), found by halving the journal. */
  lastReceivedBefore(time: number): number {
    let [before, after] = [this.#firstSequence - 1, this.#nextSequence];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      const next = this.#sql
        .exec<{ received_time: number }>("SELECT received_time FROM events WHERE sequence >= ? ORDER BY sequence LIMIT 1", middle)
        .toArray()[0];
      if (next !== undefined && next.received_time < time) before = middle;
      else after = middle;
    }
    return before;
  }
}
