import type { Journal } from "./journal.ts";
import type { Log } from "../../../src/log.ts";
import type { VenueSql } from "../venue-storage.ts";

/** Once the limit is reached, room is made down to this share of it, so that it is not reached again at once. */
const TARGET_SHARE = 0.95;
/** Rows deleted in one go, so that none takes long. */
const MAX_ROWS_PER_ROUND = 50_000;
/** Minimum time between two attempts to make room for a row that the storage refused. */
const FORCED_INTERVAL_MS = 1_000;
/** Time for which a warning says that rows were dropped. */
const WARNED_MS = 86_400_000;

/** The last batches that stores have. */
export interface StoredBatches {
  /** That every store has, with the raw frames. */
  readonly all: number;
  /** That every store has. */
  readonly rows: number;
  /** That every store has whose last attempt did not fail; null where all of them fail. */
  readonly working: number | null;
  /** That at least one store has. */
  readonly any: number;
}

/** Rows that were deleted before every store had them. */
export interface DroppedRows {
  readonly rows: number;
  readonly firstEventTime: number;
  readonly lastEventTime: number;
}

interface Dependencies {
  readonly sql: VenueSql;
  readonly journal: Journal;
  readonly limitBytes: number;
  readonly stored: () => StoredBatches;
  /** Rows that no store had were dropped. */
  readonly lost: (dropped: DroppedRows) => void;
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Keeps the storage of a feed below its limit, so that the newest liquidations always have room. The oldest batches go
 * first: those that every store has, then those that only failing stores lack. Batches that a working store lacks go only
 * where the platform's own limit is reached, and those that no store has where no store works.
 */
export class JournalRoom {
  readonly #deps: Dependencies;
  #forcedTime = 0;
  #droppedTime: number | null = null;
  #dropped = 0;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  get bytes(): number {
    return this.#deps.sql.databaseSize;
  }

  /** For the operator; null while there is enough room. */
  get warning(): string | null {
    const { limitBytes, now } = this.#deps;
    const megabytes = `${Math.round(this.bytes / 1e6)} of ${Math.round(limitBytes / 1e6)} MB`;
    if (this.#droppedTime !== null && now() - this.#droppedTime < WARNED_MS)
      return `The journal reached its limit (${megabytes}): ${this.#dropped} rows that not every store had were dropped, oldest first.`;
    return this.bytes > limitBytes ? `The journal is above its limit (${megabytes}).` : null;
  }

  /** Called once per interval. */
  keep(): void {
    const { limitBytes, journal, stored } = this.#deps;
    if (this.bytes <= limitBytes) return;
    const { all, rows, working } = stored();
    this.#make([all, rows, working ?? journal.lastBatch], () => this.bytes <= limitBytes * TARGET_SHARE);
  }

  /**
   * Makes room at once, for a row that the storage refused because it is full.
   * @returns whether there is more room now
   */
  force(): boolean {
    const { now, journal, stored } = this.#deps;
    if (Math.abs(now() - this.#forcedTime) < FORCED_INTERVAL_MS) return false;
    this.#forcedTime = now();
    const before = this.bytes;
    const { all, rows, working } = stored();
    return this.#make([all, rows, working ?? 0, journal.lastBatch], () => this.bytes < before * TARGET_SHARE) > 0;
  }

  /**
   * @param limits batches that may be deleted, one limit after the other
   * @returns the number of deleted rows
   */
  #make(limits: readonly number[], isEnough: () => boolean): number {
    const { journal, stored, log } = this.#deps;
    const { rows } = stored();
    let deleted = 0;
    for (const upTo of limits) {
      while (!isEnough() && deleted < MAX_ROWS_PER_ROUND) {
        const released = journal.release(upTo);
        if (released === null) break;
        deleted += released.rows;
        if (released.batch > rows) this.#drop(released.batch, released);
      }
    }
    log({ event: "journal_full", bytes: this.bytes, limit_bytes: this.#deps.limitBytes, deleted, dropped: this.#dropped });
    return deleted;
  }

  #drop(batch: number, dropped: DroppedRows): void {
    this.#droppedTime = this.#deps.now();
    this.#dropped += dropped.rows;
    if (batch > this.#deps.stored().any && dropped.rows > 0) this.#deps.lost(dropped);
  }
}
