import type { Beat, Closed, Hello, Live, SkippedFrames, Snapshot, StreamGap, Totals } from "../../../src/stream/frames.ts";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import type { SilenceRecord } from "../../../src/silence/silence-record.ts";
import type { Decision as PublishedDecision, FeedStatus, Liquidation } from "../api/schema.ts";

/** A decision as the stream sends it: without its input, and without the words of webhooks for it. */
export type Decision = Omit<PublishedDecision, "context">;

/** A frame of the stream with a record, see docs/stream.md. */
export interface LiquidationFrame {
  readonly type: "liquidation";
  readonly id?: string;
  readonly data: Liquidation;
}
export interface CascadeFrame {
  readonly type: "cascade";
  readonly id: string;
  readonly change: "started" | "escalated" | "ended";
  readonly data: CascadeRecord;
}
export interface SignalFrame {
  readonly type: "signal";
  readonly id: string;
  readonly data: Decision;
}
export interface FeedFrame {
  readonly type: "feed";
  readonly id: string;
  readonly data: FeedStatus;
}

export interface SilenceFrame {
  readonly type: "silence";
  readonly id: string;
  readonly change: "suspect" | "cleared";
  readonly data: SilenceRecord;
}

export type StreamFrame =
  | Hello
  | Snapshot
  | LiquidationFrame
  | CascadeFrame
  | SignalFrame
  | FeedFrame
  | SilenceFrame
  | Totals
  | Beat
  | SkippedFrames
  | StreamGap
  | Live
  | Closed;

/** A frame of a text, or null where it is none: a client leaves out what it does not know. */
export function frameOf(text: unknown): StreamFrame | null {
  if (typeof text !== "string") return null;
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === "object" && frame !== null && "type" in frame ? (frame as StreamFrame) : null;
  } catch {
    return null;
  }
}
