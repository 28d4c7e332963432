import type { ExchangeName } from "../../src/liquidation.ts";
import { mintEpoch } from "../../src/stream/cursor.ts";
import type { LogEntry, NewEntry } from "../../src/stream/log-entry.ts";
import type { LogPage } from "../../src/stream/relay-protocol.ts";
import type { LogExtent } from "../../src/stream/resume.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../src/windows/calendar.ts";
import type { ObjectMemory } from "../object-memory.ts";
import { LoggedKeys } from "./logged-keys.ts";

/** Time that frames are kept, ms. */
export const LOG_KEPT_MS = DAY_MS;
/** Twenty times the frames of a usual day. */
const MAX_ROWS = 500_000;
/** Of the 10 GB that an object may have. */
const MAX_BYTES = 2e9;
/** Rows deleted at once, so that no beat is delayed for long. */
const MAX_DELETED = 20_000;
/** How long the first frame of each hour is remembered, ms: longer than the frames, to say since when some are missing. */
const HOURS_KEPT_MS = 31 * DAY_MS;
/** A page of the log in one call, in rows and in bytes. */
const PAGE_ROWS = 500;
const PAGE_BYTES = 2 * 1024 * 1024;

type Row = Omit<LogEntry, "exchanges" | "inferred"> & { readonly exchanges: string | null; readonly inferred: number };

const INSERT = `
  INSERT INTO stream_frames (sequence, time, kind, key, symbol, exchanges, side, usd, inferred, event_time, received_time, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const READ = `
  SELECT sequence, time, kind, key, symbol, exchanges, side, usd, inferred, event_time, received_time, body
  FROM stream WHERE sequence > ? ORDER BY sequence LIMIT ?`;

export interface LogLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** The frames of the last 24 h in the one order of the stream. Their sequences have no holes. */
export class StreamLog {
  readonly epoch: string;
  readonly #sql: SqlStorage;
  readonly #limits: LogLimits;
  readonly #keys: LoggedKeys;
  #head: number;
  #from: number;
  #hour: number;

  constructor(sql: SqlStorage, memory: ObjectMemory, now: number, limits: LogLimits = { maxRows: MAX_ROWS, maxBytes: MAX_BYTES }) {
    this.#sql = sql;
    this.#limits = limits;
    const known = memory.read("stream_epoch");
    this.epoch = typeof known === "string" ? known : mintEpoch(now);
    if (known !== this.epoch) memory.write("stream_epoch", this.epoch);
    const [first] = sql.exec<{ sequence: number }>("SELECT sequence FROM stream ORDER BY sequence LIMIT 1").toArray();
    const [last] = sql.exec<{ sequence: number }>("SELECT sequence FROM stream ORDER BY sequence DESC LIMIT 1").toArray();
    this.#head = last?.sequence ?? 0;
    this.#from = (first?.sequence ?? 1) - 1;
    this.#keys = new LoggedKeys(sql, this.#head, (time) => this.before(time));
    this.#hour = sql.exec<{ hour: number | null }>("SELECT max(hour) AS hour FROM stream_hours").one().hour ?? 0;
  }

  get extent(): LogExtent {
    return { epoch: this.epoch, from: this.#from, head: this.#head };
  }

  /** Adds frames in order, except those whose key is logged. @returns the new ones */
  add(entries: readonly NewEntry[], now: number): readonly NewEntry[] {
    const before = this.#head;
    const added: NewEntry[] = [];
    for (const entry of entries) {
      const { kind, key, symbol, exchanges, side, usd, inferred, event_time, received_time, body } = entry;
      const values = [kind, key, symbol, exchanges?.join(",") ?? null, side, usd, Number(inferred), event_time, received_time, body];
      if (this.#keys.has(entry)) continue;
      this.#sql.exec(INSERT, this.#head + 1, now, ...values);
      this.#head += 1;
      this.#keys.add(key, now);
      added.push(entry);
    }
    if (this.#head > before && floorTo(now, HOUR_MS) > this.#hour) {
      this.#hour = floorTo(now, HOUR_MS);
      this.#sql.exec("INSERT OR IGNORE INTO stream_hours (hour, sequence) VALUES (?, ?)", this.#hour, before + 1);
    }
    return added;
  }

  /** The frames after a sequence, as many as fit one call. */
  read(after: number, limit = PAGE_ROWS): LogPage {
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (const row of this.#sql.exec<Record<string, SqlStorageValue>>(READ, after, Math.min(limit, PAGE_ROWS))) {
      const entry = entryOf(row as unknown as Row);
      bytes += entry.body.length;
      if (bytes > PAGE_BYTES && entries.length > 0) break;
      entries.push(entry);
    }
    // Where the log no longer reaches back, the page says so by what it begins after.
    return { epoch: this.epoch, after: Math.max(after, this.#from), to: entries.at(-1)?.sequence ?? Math.max(after, this.#from), entries };
  }

  /** The sequence after which all frames were logged at a time or later, ms: by halving, since both only grow. */
  before(time: number): number {
    let [low, high] = [this.#from, this.#head];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const [row] = this.#sql.exec<{ time: number }>("SELECT time FROM stream WHERE sequence = ?", middle).toArray();
      if (row === undefined || row.time < time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The earliest time at which a frame with a greater sequence can have been logged, ms; null where it is not known. */
  earliestAfter(sequence: number): number | null {
    const sql = "SELECT max(hour) AS hour FROM stream_hours WHERE sequence <= ?";
    return this.#sql.exec<{ hour: number | null }>(sql, Math.max(1, sequence)).one().hour;
  }

  /** When the oldest frame of the log was logged, ms; null in an empty log. */
  get oldestTime(): number | null {
    return this.#sql.exec<{ time: number }>("SELECT sequence, time FROM stream ORDER BY sequence LIMIT 1").toArray()[0]?.time ?? null;
  }

  /** Deletes what is too old or too much, oldest first and never the newest frame, which keeps the sequence. */
  trim(now: number): void {
    const cut = Math.max(this.before(now - LOG_KEPT_MS), this.#head - this.#limits.maxRows, this.#cutForBytes());
    const last = Math.min(cut, this.#from + MAX_DELETED, this.#head - 1);
    if (last <= this.#from) return;
    this.#sql.exec("DELETE FROM stream_log WHERE sequence <= ?", last);
    this.#sql.exec("DELETE FROM stream_frames WHERE sequence <= ?", last);
    this.#from = last;
    this.#sql.exec("DELETE FROM stream_hours WHERE hour < ?", now - HOURS_KEPT_MS);
  }

  #cutForBytes(): number {
    const over = this.#sql.databaseSize - this.#limits.maxBytes;
    return over <= 0 ? 0 : this.#from + Math.ceil((this.#head - this.#from) * Math.min(1, over / this.#sql.databaseSize));
  }
}

function entryOf({ exchanges, inferred, ...row }: Row): LogEntry {
  return { ...row, exchanges: exchanges === null ? null : (exchanges.split(",") as ExchangeName[]), inferred: inferred === 1 };
}
