import { MAX_AHEAD_MS } from "../../src/lateness.ts";
import type { NewEntry } from "../../src/stream/log-entry.ts";

/** Keys of frames that were logged within this time are all in memory: no frame is looked for further back while calls are prompt. */
const KEPT_MS = 2 * MAX_AHEAD_MS;
/** Older ones stay as long as there are fewer, about 2 MB. */
const MIN_KEYS = 20_000;
/** The bound of memory, about 20 MB: two minutes of 1,700 frames a second. */
const MAX_KEYS = 200_000;
/** As many as are read at a start at least. */
const MIN_READ_KEYS = 2_000;

/**
 * Which frames are logged already. The keys of the last frames are in memory: an index of all of them in the storage would cost
 * a row written for each frame. What may have been logged before these is looked for in the log itself, where it must be after
 * its own time; that is seldom, since calls are repeated within seconds.
 */
export class LoggedKeys {
  readonly #sql: SqlStorage;
  /** The sequence after which all frames were logged at a time or later, ms. */
  readonly #before: (time: number) => number;
  /** The keys of the last frames with their times, oldest first. */
  readonly #times = new Map<string, number>();
  /** Frames from before this time, ms, may not be in memory. */
  #knownFrom = -Infinity;

  /** @param head the sequence of the newest frame; 0 in an empty log */
  constructor(sql: SqlStorage, head: number, before: (time: number) => number) {
    this.#sql = sql;
    this.#before = before;
    const [newest] = sql.exec<{ time: number }>("SELECT time FROM stream WHERE sequence = ?", head).toArray();
    if (newest === undefined) return;
    const after = Math.max(Math.min(before(newest.time - KEPT_MS), head - MIN_READ_KEYS), head - MAX_KEYS);
    const rows = sql.exec<{ key: string; time: number }>(
      "SELECT sequence, key, time FROM stream WHERE sequence > ? ORDER BY sequence",
      after,
    );
    for (const { key, time } of rows) {
      if (this.#times.size === 0 && after > 0) this.#knownFrom = time;
      this.#times.set(key, time);
    }
  }

  has(entry: NewEntry): boolean {
    if (this.#times.has(entry.key)) return true;
    const earliest = (entry.received_time ?? entry.event_time) - MAX_AHEAD_MS;
    return earliest <= this.#knownFrom && this.#isLogged(entry.key, earliest);
  }

  add(key: string, time: number): void {
    this.#times.set(key, time);
    while (this.#times.size > MIN_KEYS) {
      const [oldest = "", oldestTime = time] = this.#times.entries().next().value ?? [];
      if (oldestTime >= time - KEPT_MS && this.#times.size <= MAX_KEYS) return;
      this.#times.delete(oldest);
      this.#knownFrom = Math.max(this.#knownFrom, oldestTime);
    }
  }

  /** The table from before keys were kept in memory has an index of them. */
  #isLogged(key: string, earliest: number): boolean {
    if (this.#sql.exec("SELECT 1 FROM stream_log WHERE key = ?", key).toArray().length > 0) return true;
    const after = this.#before(earliest);
    return this.#sql.exec("SELECT 1 FROM stream_frames WHERE sequence > ? AND key = ? LIMIT 1", after, key).toArray().length > 0;
  }
}
