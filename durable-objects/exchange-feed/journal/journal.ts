import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { type CountedRow, HourCounts } from "./hour-counts.ts";
import { hashOf } from "./id-index.ts";
import { type KnownEvent, KnownIds } from "./known-ids.ts";
import { crossVenueFieldsText, fromJournal, toJournal, withFields } from "./journal-row.ts";
import type { VenueSql, VenueStorage } from "../venue-storage.ts";

/** A row of SQLite in an object has 2 MB at most, and that of a batch holds the fields of all its rows. */
const MAX_FIELDS_CHARACTERS = 1_000_000;

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

export interface ReleasedBatch {
  readonly batch: number;
  readonly rows: number;
  /** Of its rows, ms. */
  readonly firstEventTime: number;
  readonly lastEventTime: number;
}

/** What is stored of a batch besides its rows. */
export interface BatchEntry {
  readonly batch: number;
  readonly sealedTime: number;
  readonly rows: number;
  /** Sealed by code from before its rows had no index of their ids. */
  readonly isFormer: boolean;
}

const SELECT_ENTRY = `
  SELECT batch, sealed_time AS sealedTime, last_sequence - first_sequence + 1 AS rows, ids IS NULL AS isFormer FROM {batches}`;

export interface SealLimits {
  readonly settledBefore: number;
  readonly minRows: number;
  readonly maxRows: number;
}

/** A row that may be sealed now, with its fields over all venues. */
interface OpenRow extends CountedRow {
  readonly sequence: number;
  readonly event_id: string;
  readonly fields: string;
}

/**
 * The liquidations of a venue in the order received, in the SQLite of the object. Rows are numbered 1, 2, 3 …; a batch
 * is a range of numbers. The rows of a sealed batch never change. Rows are deleted when every sink has them and the
 * dedupe window is over.
 *
 * Rows written are billed, so a liquidation is written once and deleted once: what is learned of it before its batch is
 * sealed is stored in the row of the batch, and which ids are known is kept in memory.
 */
export class Journal {
  readonly #storage: VenueStorage;
  readonly #sql: VenueSql;
  /** The number of sealed and stored rows by hour. */
  readonly hours: HourCounts;
  /** The oldest row, or the next one where there is none: rows are only ever deleted from the oldest on. */
  #firstSequence: number;
  #nextSequence: number;
  #lastSealed: number;
  #lastBatch: number;
  readonly #ids: KnownIds;
  /** The fields over all venues of rows that are not sealed, as JSON by number. */
  readonly #fields = new Map<number, string>();

  constructor(storage: VenueStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.hours = new HourCounts(storage.sql);
    // Each of these reads one or two rows, however long the journal is.
    const first = this.#sql.exec<{ sequence: number }>("SELECT sequence FROM {journal} ORDER BY sequence LIMIT 1").toArray()[0];
    const last = this.#sql.exec<{ sequence: number }>("SELECT sequence FROM {journal} ORDER BY sequence DESC LIMIT 1").toArray()[0];
    const sealed = this.#sql
      .exec<{ batch: number; last_sequence: number }>("SELECT batch, last_sequence FROM {batches} ORDER BY batch DESC LIMIT 1")
      .toArray()[0] ?? { batch: 0, last_sequence: 0 };
    this.#nextSequence = Math.max(last?.sequence ?? 0, sealed.last_sequence) + 1;
    this.#firstSequence = first?.sequence ?? this.#nextSequence;
    this.#lastSealed = sealed.last_sequence;
    this.#lastBatch = sealed.batch;
    this.#ids = new KnownIds(this.#sql, { first: this.#firstSequence, lastSealed: this.#lastSealed });
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
    const { event_id: id, received_time: receivedTime } = liquidation;
    if (this.#ids.isKnown(id)) return null;
    this.#sql.exec(
      "INSERT INTO {liquidations} (sequence, event_id, received_time, event, frame) VALUES (?, ?, ?, ?, ?)",
      sequence,
      id,
      receivedTime,
      toJournal(liquidation),
      frame,
    );
    this.#ids.add(id, sequence);
    this.#nextSequence += 1;
    return sequence;
  }

  /** The number of a liquidation; null where the journal does not have it. */
  find(eventId: string): number | null {
    return this.#ids.find(eventId);
  }

  /** Takes the fields over all venues of rows, to be stored when these are sealed; rows sealed in the meantime stay without. */
  settle(rows: readonly { readonly sequence: number; readonly liquidation: Liquidation }[]): void {
    for (const { sequence, liquidation } of rows) {
      if (sequence > this.#lastSealed) this.#fields.set(sequence, crossVenueFieldsText(liquidation));
    }
  }

  /** Unsealed rows without enrichment, for an object that restarts: the hub answers a repeated liquidation as before. */
  unsettled(): { sequence: number; liquidation: Liquidation }[] {
    return this.#sql
      .exec<{ sequence: number; event: string }>(
        "SELECT sequence, event FROM {journal} WHERE sequence > ? ORDER BY sequence",
        this.#lastSealed,
      )
      .toArray()
      .filter(({ sequence }) => !this.#fields.has(sequence))
      .map((row) => ({ sequence: row.sequence, liquidation: fromJournal(row.event) }));
  }

  /**
   * Seals the next batch: unsealed rows from the first on, up to `maxRows` and at least `minRows`, as far as they are
   * enriched or were received before `settledBefore` (ms). Overlapping gaps are stored with it, so that writing the batch again gives
   * the same bytes.
   * @returns whether there was a batch to seal
   */
  seal(now: number, { settledBefore, minRows, maxRows }: SealLimits, gapsTouching: (from: number, to: number) => readonly Gap[]): boolean {
    const ready = this.#ready(settledBefore, maxRows);
    const first = ready[0];
    const last = ready.at(-1);
    if (first === undefined || last === undefined || ready.length < minRows) return false;
    const times = ready.map((row) => row.event_time);
    const oldest = Math.min(...times);
    const gaps = JSON.stringify(gapsTouching(oldest, Math.max(...times)));
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        `INSERT INTO {batches} (batch, first_sequence, last_sequence, sealed_time, oldest_event_time, gaps, fields, ids)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        this.#lastBatch + 1,
        first.sequence,
        last.sequence,
        now,
        oldest,
        gaps,
        `[${ready.map(({ fields }) => fields).join(",")}]`,
        Uint32Array.from(ready, ({ event_id: id }) => hashOf(id)).buffer,
      );
      this.hours.addSealed(ready);
    });
    this.#lastBatch += 1;
    this.#lastSealed = last.sequence;
    for (const { sequence } of ready) this.#fields.delete(sequence);
    return true;
  }

  /** The unsealed rows from the first on, up to the first one that waits for its fields. */
  #ready(settledBefore: number, maxRows: number): readonly OpenRow[] {
    const ready: OpenRow[] = [];
    let characters = 0;
    for (const row of this.#sql.exec<Omit<OpenRow, "fields"> & { received_time: number }>(
      `SELECT sequence, event_id, received_time, event ->> '$.event_time' AS event_time, event ->> '$.coverage' AS coverage
       FROM {journal} WHERE sequence > ? ORDER BY sequence LIMIT ?`,
      this.#lastSealed,
      maxRows,
    )) {
      const fields = this.#fields.get(row.sequence);
      if (fields === undefined && row.received_time > settledBefore) break;
      characters += fields?.length ?? 0;
      if (characters > MAX_FIELDS_CHARACTERS) break;
      ready.push({ ...row, fields: fields ?? "{}" });
    }
    return ready;
  }

  /** The rows of a sealed batch in order, or null where no batch of that number exists (any more). */
  batch(batch: number): SealedRows | null {
    const range = this.#sql
      .exec<{ first_sequence: number; last_sequence: number; sealed_time: number; gaps: string; fields: string | null }>(
        "SELECT first_sequence, last_sequence, sealed_time, gaps, fields FROM {batches} WHERE batch = ?",
        batch,
      )
      .toArray()[0];
    if (range === undefined) return null;
    // The rows of older batches were replaced by their enriched form.
    const fields = JSON.parse(range.fields ?? "[]") as readonly Partial<Liquidation>[];
    const rows = this.#sql
      .exec<{ sequence: number; event: string }>(
        "SELECT sequence, event FROM {journal} WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
        range.first_sequence,
        range.last_sequence,
      )
      .toArray()
      .map(({ sequence, event }) => withFields(fromJournal(event), fields[sequence - range.first_sequence]));
    return rows.length === 0 ? null : { sealedTime: range.sealed_time, gaps: JSON.parse(range.gaps), rows };
  }

  /** The number of the last liquidation in the batches up to `batch`, as far as they still exist. */
  lastSequence(batch: number): number {
    const last = this.#sql
      .exec<{ last_sequence: number }>("SELECT last_sequence FROM {batches} WHERE batch <= ? ORDER BY batch DESC LIMIT 1", batch)
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
      .exec<{ batch: number }>("SELECT coalesce(max(batch), 0) AS batch FROM {batches} WHERE last_sequence <= ?", sequence)
      .one().batch;
  }

  /** The liquidations with a number after `sequence`, sealed or not, in order. */
  eventsAfter(sequence: number, limit: number): readonly JournaledEvent[] {
    return this.#sql
      .exec<JournaledEvent>(
        `SELECT sequence, event_id, received_time, event ->> '$.event_time' AS event_time, event ->> '$.instrument' AS instrument,
                event ->> '$.position_side' AS position_side
         FROM {journal} WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        sequence,
        limit,
      )
      .toArray();
  }

  /** The number of the first existing sealed batch after `batch`; null where a sink has all of them. */
  batchAfter(batch: number): number | null {
    return this.#sql.exec<{ batch: number | null }>("SELECT min(batch) AS batch FROM {batches} WHERE batch > ?", batch).one().batch;
  }

  /** The batches from a number on, in order. */
  entriesFrom(batch: number, limit: number): readonly BatchEntry[] {
    return this.#entries(`${SELECT_ENTRY} WHERE batch >= ? ORDER BY batch LIMIT ?`, batch, limit);
  }

  /** The batches before a number, the last one first. */
  entriesBefore(batch: number, limit: number): readonly BatchEntry[] {
    return this.#entries(`${SELECT_ENTRY} WHERE batch < ? ORDER BY batch DESC LIMIT ?`, batch, limit);
  }

  #entries(sql: string, batch: number, limit: number): readonly BatchEntry[] {
    return this.#sql
      .exec<{ batch: number; sealedTime: number; rows: number; isFormer: number }>(sql, batch, limit)
      .toArray()
      .map((row) => ({ ...row, isFormer: row.isFormer === 1 }));
  }

  /** The first batch that was sealed at or after a time, ms; null where none was. */
  firstBatchSince(sealedTime: number): { readonly batch: number; readonly firstSequence: number } | null {
    return (
      this.#sql
        .exec<{ batch: number; firstSequence: number }>(
          "SELECT batch, first_sequence AS firstSequence FROM {batches} WHERE sealed_time >= ? AND last_sequence >= ? ORDER BY batch LIMIT 1",
          sealedTime,
          this.#firstSequence,
        )
        .toArray()[0] ?? null
    );
  }

  /** The batch of a number with its first row, as long as it exists. */
  batchStart(batch: number | null): { readonly batch: number; readonly firstSequence: number } | null {
    return (
      this.#sql
        .exec<{ batch: number; firstSequence: number }>(
          "SELECT batch, first_sequence AS firstSequence FROM {batches} WHERE batch = ? AND last_sequence >= ?",
          batch,
          this.#firstSequence,
        )
        .toArray()[0] ?? null
    );
  }

  /** The time, ms, from which on every received row is still here; null where no row was ever deleted. */
  get completeFrom(): number | null {
    if (this.#firstSequence === 1) return null;
    const first = this.#sql
      .exec<{ received_time: number }>("SELECT received_time FROM {journal} WHERE sequence = ?", this.#firstSequence)
      .toArray()[0];
    return first?.received_time ?? Number.POSITIVE_INFINITY;
  }

  /** The backlog of a sink that has all batches up to `batch`. */
  backlog(batch: number): { batches: number; rows: number; oldestEventTime: number | null } {
    const sealed = this.#sql
      .exec<{ batches: number; rows: number | null; oldest: number | null }>(
        `SELECT count(*) AS batches, sum(last_sequence - first_sequence + 1) AS rows, min(oldest_event_time) AS oldest
         FROM {batches} WHERE batch > ?`,
        batch,
      )
      .one();
    const open = this.#sql
      .exec<{ oldest: number | null }>("SELECT min(event ->> '$.event_time') AS oldest FROM {journal} WHERE sequence > ?", this.#lastSealed)
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
         FROM (SELECT batch, last_sequence, sealed_time FROM {batches} WHERE batch <= ? ORDER BY batch LIMIT ${MAX_FORGOTTEN_BATCHES}) WHERE sealed_time < ?`,
        batch,
        sealedBefore,
      )
      .one();
    if (upTo.batch === null) return false;
    this.#storage.transactionSync(() => {
      this.#deleteRows(upTo.sequence);
      this.#sql.exec("DELETE FROM {batches} WHERE batch <= ? AND batch < ?", upTo.batch, this.#lastBatch);
    });
    this.#begin(upTo.sequence + 1);
    return count === MAX_FORGOTTEN_BATCHES;
  }

  /**
   * Deletes the oldest batch, if it is not after `upTo`, to make room. The ids of its rows are still known for as long
   * as those of others, so that a repetition is recognized.
   * @returns what was deleted, or null where no batch is left
   */
  release(upTo: number): ReleasedBatch | null {
    const oldest = this.#sql
      .exec<{ batch: number; last_sequence: number }>("SELECT batch, last_sequence FROM {batches} ORDER BY batch LIMIT 1")
      .toArray()[0];
    if (oldest === undefined || oldest.batch > upTo) return null;
    const rows = this.#sql
      .exec<{ event_id: string; received_time: number; event_time: number }>(
        "SELECT event_id, received_time, event ->> '$.event_time' AS event_time FROM {journal} WHERE sequence <= ?",
        oldest.last_sequence,
      )
      .toArray();
    if (rows.length === 0 && oldest.batch === this.#lastBatch) return null;
    this.#storage.transactionSync(() => {
      // First, because a full storage has room for the ids only afterwards.
      this.#deleteRows(oldest.last_sequence);
      this.#sql.exec("DELETE FROM {batches} WHERE batch = ? AND batch < ?", oldest.batch, this.#lastBatch);
      this.know(rows);
    });
    this.#begin(oldest.last_sequence + 1);
    const times = rows.map(({ event_time }) => event_time);
    return { batch: oldest.batch, rows: rows.length, firstEventTime: Math.min(...times), lastEventTime: Math.max(...times) };
  }

  /** The newest liquidations, and those that gave way to newer ones, for the object that follows this one. */
  knownEvents(): readonly KnownEvent[] {
    return this.#ids.events();
  }

  /** Takes liquidations of another journal for known, without their rows. */
  know(events: readonly KnownEvent[]): void {
    this.#ids.know(events);
  }

  /** Forgets the ids of released rows that were received before a time, ms. */
  forgetReleased(receivedBefore: number): void {
    this.#ids.forgetReleased(receivedBefore);
  }

  /** The latest event time among the last rows, ms, at most our clock; null without rows. */
  lastEventTime(): number | null {
    return this.#sql
      .exec<{ time: number | null }>(
        `SELECT max(min(received_time, event ->> '$.event_time')) AS time
         FROM (SELECT sequence, received_time, event FROM {journal} ORDER BY sequence DESC LIMIT 100)`,
      )
      .one().time;
  }

  /** Sums per base asset and side over the liquidations with a number after `sequence`, without inferred ones. */
  totalsAfter(sequence: number): { symbol: string; position_side: string; events: number; usd: number }[] {
    return this.#sql
      .exec<{ symbol: string; position_side: string; events: number; usd: number }>(
        `SELECT event ->> '$.symbol' AS symbol, event ->> '$.position_side' AS position_side, count(*) AS events,
                coalesce(sum(coalesce(event ->> '$.notional_mark_usd', event ->> '$.usd_value')), 0) AS usd
         FROM {journal} WHERE sequence > ? AND event ->> '$.coverage' <> 'inferred' GROUP BY 1, 2`,
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
        .exec<{ received_time: number }>(
          "SELECT sequence, received_time FROM {journal} WHERE sequence >= ? ORDER BY sequence LIMIT 1",
          middle,
        )
        .toArray()[0];
      if (next !== undefined && next.received_time < time) before = middle;
      else after = middle;
    }
    return before;
  }

  /** The rows before this one are gone. */
  #begin(first: number): void {
    this.#firstSequence = Math.max(this.#firstSequence, first);
    this.#ids.begin(this.#firstSequence);
  }

  #deleteRows(upTo: number): void {
    this.#sql.exec("DELETE FROM {events} WHERE sequence <= ?", upTo);
    this.#sql.exec("DELETE FROM {liquidations} WHERE sequence <= ?", upTo);
  }
}
