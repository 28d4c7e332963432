import type { RawFrame } from "../../../src/raw-frames/raw-frame.ts";
import type { RawFile } from "../../../src/raw-frames/raw-files.ts";
import { HOUR_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { Journal } from "./journal.ts";
import type { VenueSql } from "../venue-storage.ts";

/** Maximum number of characters per file, because an object has 128 MB for everything. */
const MAX_FILE_CHARACTERS = 8_000_000;

/**
 * More than one frame holds: adapters refuse frames over a million characters, and a liquidation takes more than a hundred.
 */
const MAX_ROWS_PER_FRAME = 10_000;

type Row = { sequence: number; received_time: number; frame: string | null };

/** A range of journal rows that ends a file: its frames, and the number of its last row. */
export type FrameSpan = Omit<RawFile, "exchange" | "epoch"> & { readonly lastSequence: number };

/** The raw frames in the journal: the first new liquidation of each frame carries its text. */
export class FrameLog {
  readonly #sql: VenueSql;
  readonly #journal: Pick<Journal, "find">;

  constructor(sql: VenueSql, journal: Pick<Journal, "find">) {
    this.#sql = sql;
    this.#journal = journal;
  }

  /**
   * The frames of the rows after `sequence` that were received in the same hour, once that hour is over. Rows never
   * change their hour, so the same `sequence` always gives the same frames.
   * @returns null until the hour is over; `lines` is empty where no row has a frame
   */
  next(sequence: number, now: number): FrameSpan | null {
    const hour = this.#hourAfter(sequence);
    if (hour === null || !this.#isOver(hour, now)) return null;
    const lines: string[] = [];
    const times: number[] = [];
    let characters = 0;
    let lastSequence = sequence;
    for (const row of this.#sql.exec<Row>(
      "SELECT sequence, received_time, frame FROM {journal} WHERE sequence > ? ORDER BY sequence",
      sequence,
    )) {
      if (floorTo(row.received_time, HOUR_MS) !== hour || characters > MAX_FILE_CHARACTERS) break;
      lastSequence = row.sequence;
      if (row.frame === null) continue;
      lines.push(row.frame);
      times.push(row.received_time);
      characters += row.frame.length;
    }
    return {
      firstSequence: sequence + 1,
      lastSequence,
      lines,
      firstReceivedTime: times.reduce((least, time) => Math.min(least, time), hour + HOUR_MS - 1),
      lastReceivedTime: times.reduce((most, time) => Math.max(most, time), hour),
    };
  }

  /** The time of receipt of the oldest frame after `sequence`, ms; null where there is none. */
  oldestAfter(sequence: number): number | null {
    return (
      this.#sql
        .exec<{ received_time: number }>(
          "SELECT sequence, received_time FROM {journal} WHERE sequence > ? AND frame IS NOT NULL ORDER BY sequence LIMIT 1",
          sequence,
        )
        .toArray()[0]?.received_time ?? null
    );
  }

  /** The text of the frame that first held a liquidation; null where the journal does not have it. */
  frameOf(eventId: string): string | null {
    const sequence = this.#journal.find(eventId);
    if (sequence === null) return null;
    const { coverage } = this.#sql
      .exec<{ coverage: string }>("SELECT event ->> '$.coverage' AS coverage FROM {journal} WHERE sequence = ?", sequence)
      .one();
    if (coverage === "inferred") return null;
    // The liquidations of a frame follow each other, and the first one carries the text.
    const frame = this.#sql
      .exec<{ frame: string }>(
        "SELECT sequence, frame FROM {journal} WHERE sequence <= ? AND sequence > ? AND frame IS NOT NULL ORDER BY sequence DESC LIMIT 1",
        sequence,
        sequence - MAX_ROWS_PER_FRAME,
      )
      .toArray()[0]?.frame;
    return frame !== undefined && (JSON.parse(frame) as RawFrame).event_ids.includes(eventId) ? frame : null;
  }

  #hourAfter(sequence: number): number | null {
    const row = this.#sql
      .exec<{ received_time: number }>(
        "SELECT sequence, received_time FROM {journal} WHERE sequence > ? ORDER BY sequence LIMIT 1",
        sequence,
      )
      .toArray()[0];
    return row === undefined ? null : floorTo(row.received_time, HOUR_MS);
  }

  /** Also where the clock went back: rows of another hour follow. */
  #isOver(hour: number, now: number): boolean {
    if (now >= hour + HOUR_MS) return true;
    const last = this.#sql
      .exec<{ received_time: number }>("SELECT sequence, received_time FROM {journal} ORDER BY sequence DESC LIMIT 1")
      .toArray()[0];
    return last !== undefined && floorTo(last.received_time, HOUR_MS) !== hour;
  }
}
