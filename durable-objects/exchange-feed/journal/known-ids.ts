import type { Liquidation } from "../../../src/liquidation.ts";
import type { VenueSql } from "../venue-storage.ts";
import { IdIndex, hashOf } from "./id-index.ts";

/** More than a venue repeats or its history names, and few enough for one call between objects. */
const MAX_KNOWN_EVENTS = 10_000;

/** A liquidation that is recognized when it comes again. */
export type KnownEvent = Pick<Liquidation, "event_id" | "received_time">;

/** Where the journal begins, and where its batches end. */
interface JournalEnds {
  readonly first: number;
  readonly lastSealed: number;
}

/**
 * The ids by which a liquidation is recognized when it comes again: those of the journal's rows, those of rows that gave way
 * to newer ones, and those of an object before this one.
 */
export class KnownIds {
  readonly #sql: VenueSql;
  readonly #index = new IdIndex();
  /** The oldest row of the journal. */
  #first: number;
  /** The last row of the table from before ids were indexed in memory; it has an index of its own. */
  readonly #lastFormer: number;

  constructor(sql: VenueSql, { first, lastSealed }: JournalEnds) {
    this.#sql = sql;
    this.#first = first;
    this.#lastFormer = sql.exec<{ last: number | null }>("SELECT max(sequence) AS last FROM {events}").one().last ?? 0;
    this.#load(lastSealed);
  }

  isKnown(eventId: string): boolean {
    return this.find(eventId) !== null || this.#isReleased(eventId);
  }

  /** The number of the journal's row; null where it has none. */
  find(eventId: string): number | null {
    for (const sequence of this.#index.rowsOf(hashOf(eventId), this.#first)) {
      const row = this.#sql.exec<{ event_id: string }>("SELECT event_id FROM {journal} WHERE sequence = ?", sequence).toArray()[0];
      if (row?.event_id === eventId) return sequence;
    }
    if (this.#lastFormer < this.#first) return null;
    const former = this.#sql.exec<{ sequence: number }>("SELECT sequence FROM {events} WHERE event_id = ?", eventId).toArray()[0];
    return former?.sequence ?? null;
  }

  /** A row was added. */
  add(eventId: string, sequence: number): void {
    this.#index.add(hashOf(eventId), sequence, this.#first);
  }

  /** The rows before this one were deleted. */
  begin(first: number): void {
    this.#first = first;
  }

  /** The newest liquidations, and those that gave way to newer ones. */
  events(): readonly KnownEvent[] {
    return this.#sql
      .exec<{ event_id: string; received_time: number }>(
        `SELECT event_id, received_time
         FROM (SELECT sequence, event_id, received_time FROM {journal} ORDER BY sequence DESC LIMIT ${MAX_KNOWN_EVENTS})
         UNION ALL SELECT * FROM (SELECT event_id, received_time FROM {released_events} LIMIT ${MAX_KNOWN_EVENTS})`,
      )
      .toArray();
  }

  /** Takes liquidations for known that the journal has no rows of. */
  know(events: readonly KnownEvent[]): void {
    const known = JSON.stringify(events.map(({ event_id, received_time }) => [event_id, received_time]));
    this.#sql.exec("INSERT OR IGNORE INTO {released_events} SELECT value ->> 0, value ->> 1 FROM json_each(?)", known);
  }

  /** Forgets those that `know` was called with and that were received before a time, ms. */
  forgetReleased(receivedBefore: number): void {
    this.#sql.exec("DELETE FROM {released_events} WHERE received_time < ?", receivedBefore);
  }

  #isReleased(eventId: string): boolean {
    return this.#sql.exec("SELECT 1 FROM {released_events} WHERE event_id = ?", eventId).toArray().length > 0;
  }

  /** Reads the hashes of the ids of each batch, which are small, and the ids of the rows that are not sealed. */
  #load(lastSealed: number): void {
    const first = this.#first;
    for (const { from, ids } of this.#sql.exec<{ from: number; ids: ArrayBuffer }>(
      "SELECT first_sequence AS 'from', ids FROM {batches} WHERE ids IS NOT NULL AND last_sequence >= ? ORDER BY batch",
      first,
    )) {
      for (const [index, hash] of new Uint32Array(ids).entries()) if (from + index >= first) this.#index.add(hash, from + index, first);
    }
    for (const { sequence, event_id: id } of this.#sql.exec<{ sequence: number; event_id: string }>(
      "SELECT sequence, event_id FROM {liquidations} WHERE sequence > ? ORDER BY sequence",
      lastSealed,
    )) {
      this.add(id, sequence);
    }
  }
}
