import type { StreamCursor } from "./cursor.ts";

/** What the log holds: the frames after `from` up to `head`. */
export interface LogExtent {
  readonly epoch: string;
  /** Sequence of the newest frame that was deleted, 0 where none was: frames after it are held. */
  readonly from: number;
  /** Sequence of the newest frame, 0 where there was none. */
  readonly head: number;
}

/**
 * How a client continues. `none`: it begins now. `complete`: it gets every frame after its cursor. `partial`: the log no
 * longer reaches back to its cursor, and it gets what the log has. `expired`: its cursor is of a log that is lost.
 */
export type Resumed = "none" | "complete" | "partial" | "expired";

export interface Resumption {
  readonly resumed: Resumed;
  /** Frames after this one are sent. */
  readonly after: number;
}

/** @returns null where the cursor lies behind the newest frame: this log never gave it */
export function resumption(cursor: StreamCursor | null, { epoch, from, head }: LogExtent): Resumption | null {
  if (cursor === null) return { resumed: "none", after: head };
  if (cursor.epoch !== epoch) return { resumed: "expired", after: from };
  if (cursor.sequence > head) return null;
  if (cursor.sequence < from) return { resumed: "partial", after: from };
  return { resumed: "complete", after: cursor.sequence };
}
