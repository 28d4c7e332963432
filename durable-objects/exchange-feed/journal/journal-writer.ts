import type { Liquidation } from "../../../src/liquidation.ts";
import type { Log } from "../../../src/log.ts";
import { messageOf } from "../../../src/message-of.ts";
import type { ObjectMemory } from "../../object-memory.ts";
import type { GapLog } from "./gap-log.ts";
import type { JournalRoom } from "./journal-room.ts";
import type { Journal } from "./journal.ts";

/** A test write is longer than a row, so that the next row has room where it succeeded. */
const TEST_LENGTH = 4_096;

/** The storage refuses to write; every liquidation that comes is lost. */
export interface StorageFault {
  /** The time of the first write that failed, ms. */
  readonly since: number;
  /** The earliest event time of a lost liquidation, ms. */
  readonly gapFrom: number;
  readonly error: string;
}

interface Dependencies {
  readonly journal: Journal;
  readonly room: JournalRoom;
  readonly gaps: GapLog;
  readonly memory: ObjectMemory;
  readonly now: () => number;
  readonly log: Log;
  /** The storage accepts writes again. */
  readonly recovered: () => void;
}

/**
 * Writes liquidations to the journal, and accounts for those that the storage refuses because it is full or broken:
 * until a write succeeds again, there is a gap. What cannot be written is kept in memory until then.
 */
export class JournalWriter {
  readonly #deps: Dependencies;
  #fault: StorageFault | null = null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Null while the storage accepts writes. */
  get fault(): StorageFault | null {
    return this.#fault;
  }

  /**
   * Stores a liquidation. Where the storage is full, older rows give way to it.
   * @returns its number, or null where its `event_id` is already known
   * @throws what the storage said; the caller reports the loss with `lost`
   */
  append(liquidation: Liquidation, frame: string | null): number | null {
    const { journal } = this.#deps;
    return this.withRoom(() => journal.append(liquidation, frame));
  }

  /** Writes to the journal; where the storage is full, older rows give way, and it is tried again. @throws what the storage said */
  withRoom<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (!isFull(error) || !this.#deps.room.force()) throw error;
      return write();
    }
  }

  /** Notes that something from this time, ms, could not be stored. Never throws. */
  lost(time: number, error: unknown): void {
    const { now, log } = this.#deps;
    if (this.#fault === null) log({ event: "journal_failed", error: messageOf(error) });
    const since = this.#fault?.since ?? now();
    this.#fault = { since, gapFrom: Math.min(time, this.#fault?.gapFrom ?? now()), error: messageOf(error) };
    this.#noteGap();
  }

  /** Called about once per second: while the storage refuses to write, tries it. Never throws. */
  tick(): void {
    if (this.#fault === null) return;
    if (!this.#canWrite() || !this.#noteGap()) return;
    this.#deps.log({ event: "journal_recovered", since: this.#fault.since });
    this.#fault = null;
    this.#deps.recovered();
  }

  #canWrite(): boolean {
    const { memory, room } = this.#deps;
    try {
      memory.write("write_test", "x".repeat(TEST_LENGTH));
      memory.write("write_test", "");
      return true;
    } catch (error) {
      if (isFull(error)) room.force();
      return false;
    }
  }

  /** @returns whether a gap covers the fault */
  #noteGap(): boolean {
    if (this.#fault === null) return true;
    const { gaps } = this.#deps;
    try {
      if (gaps.open === null) gaps.start(this.#fault.gapFrom, "storage_failed");
      return true;
    } catch {
      return false;
    }
  }
}

/** https://www.sqlite.org/rescode.html#full : the only fault that more room mends. */
function isFull(error: unknown): boolean {
  return /SQLITE_FULL|database or disk is full/i.test(messageOf(error));
}
