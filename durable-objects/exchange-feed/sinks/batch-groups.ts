import type { BatchEntry, Journal } from "../journal/journal.ts";
import { SECOND_MS, floorTo } from "../../../src/windows/calendar.ts";

/** A group is of one such period. */
const PERIOD_MS = 30 * SECOND_MS;
/** A period after one with this many batches is busy: one an interval, by default. */
const BUSY_BATCHES = 3;
/** More batches than a busy period has; a group ends there at the latest. */
const MAX_BATCHES = 100;

/**
 * Which batches a store receives as one where each write is billed: those sealed in the same half of a minute, if the half before
 * had several; in a quiet time each is written at once. It follows from what is stored of the batches alone, so that a write
 * that is repeated, because its answer was lost or the store is filled again, has the same rows.
 */
export class BatchGroups {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /**
   * @param first the first batch of the group
   * @param maxRows of a group, unless a batch alone has more
   * @returns the last batch of the group; null while it may still grow
   */
  endOf(first: number, maxRows: number, now: number): number | null {
    const [entry, ...following] = this.#journal.entriesFrom(first, MAX_BATCHES);
    if (entry === undefined || entry.batch !== first || !this.#isGrouped(entry)) return first;
    const period = floorTo(entry.sealedTime, PERIOD_MS);
    let [end, rows] = [first, entry.rows];
    for (const next of following) {
      rows += next.rows;
      if (floorTo(next.sealedTime, PERIOD_MS) !== period || rows > maxRows) return end;
      end = next.batch;
    }
    // A time before the period means that the clock went back: nothing more is sealed in it.
    const isOver = now >= period + PERIOD_MS || now < period || following.length === MAX_BATCHES - 1;
    return isOver ? end : null;
  }

  /**
   * Where to begin to send batches again, so that groups are as they were: at the first batch of a period, and not so early
   * that it is unknown what was sealed in it and in the one before. Null where that is after all batches.
   */
  startAt(batch: number): number | null {
    const asked = this.#journal.entriesFrom(batch, 1)[0];
    const oldest = this.#journal.entriesFrom(0, 1)[0];
    if (asked === undefined || oldest === undefined) return null;
    const known = oldest.batch === 1 ? oldest.sealedTime : floorTo(oldest.sealedTime, PERIOD_MS) + 2 * PERIOD_MS;
    const from = Math.max(floorTo(asked.sealedTime, PERIOD_MS), known);
    return this.#journal.firstBatchSince(from)?.batch ?? null;
  }

  /** Batches from before there were groups were written alone. */
  #isGrouped({ batch, sealedTime, isFormer }: BatchEntry): boolean {
    if (isFormer) return false;
    const period = floorTo(sealedTime, PERIOD_MS);
    const before = this.#journal
      .entriesBefore(batch, MAX_BATCHES)
      .filter((entry) => floorTo(entry.sealedTime, PERIOD_MS) === period - PERIOD_MS);
    return before.length >= BUSY_BATCHES;
  }
}
