import type { ClosedFrame, GapFrame, SkippedFrame, StreamFrame } from "../api.d.ts";

/** Frames that were left out, by the server or by this client, because the consumer was too slow. */
export interface SkippedItem {
  readonly type: "skipped";
  readonly by: "server" | "client";
  /** Ids of the first and the last of them; null in a replay of stored events, which have none. */
  readonly from_id: string | null;
  readonly to_id: string | null;
  readonly count: number;
  /** Path of the request that returns their liquidations. */
  readonly request: string;
  /** The same as `to_id`. */
  readonly id: string | null;
}

/** Times that the stream says nothing of: its log no longer reaches back to where this client was. */
export interface GapItem extends GapFrame {
  /** `client` where the server did not know the place to continue from, so that it could not say what is missing. */
  readonly by: "server" | "client";
}

/** The connection was lost. The next one continues after `last_event_id`. */
export interface LostItem {
  readonly type: "lost";
  readonly reason: string;
  /** Time until the next attempt. */
  readonly wait_ms: number;
  /** How many connections in a row brought nothing beyond the greeting. */
  readonly failures: number;
  readonly last_event_id: string | null;
}

/**
 * What a stream yields: the server's frames as they are, with `by` in those that say what is missing, and `lost` where the
 * connection was. `type` tells them apart.
 */
export type StreamItem = Exclude<StreamFrame, ClosedFrame | SkippedFrame | GapFrame> | SkippedItem | GapItem | LostItem;

/** What a consumer that is too slow may miss: the records are named by a `skipped`, the others come again. */
const DROPPABLE: ReadonlySet<StreamItem["type"]> = new Set([
  "liquidation",
  "cascade",
  "signal",
  "feed",
  "estimate",
  "silence",
  "totals",
  "beat",
]);

export function isDroppable({ type }: StreamItem): boolean {
  return DROPPABLE.has(type);
}

/** The frames that carry a record. */
export type RecordItem = Extract<StreamItem, { readonly type: "liquidation" | "cascade" | "signal" | "feed" | "estimate" | "silence" }>;

export function isRecord(item: StreamItem): item is RecordItem {
  return isDroppable(item) && item.type !== "totals" && item.type !== "beat";
}

/** When it happened, ms. */
export function timeOf(item: RecordItem): number {
  switch (item.type) {
    case "liquidation":
      return item.data.event_time;
    case "cascade":
      return item.data.peak_time;
    case "signal":
      return item.data.created_time;
    case "feed":
      return item.data.since;
    case "estimate":
      return item.data.time;
    case "silence":
      return item.data.cleared_time ?? item.data.suspect_time;
  }
}

/** The place in the stream that an item brings its reader to; null where it brings it to none. */
export function placeOf(item: StreamItem | StreamFrame): string | null {
  return "id" in item && typeof item.id === "string" ? item.id : null;
}

/**
 * The place in the stream after an item. The `hello` of a stream that continues may lie behind a gap of which the next frame
 * tells, so it moves no place; and a gap that this client names leaves none, because the server knows the old one no more.
 */
export function placeAfter(place: string | null, item: StreamItem | StreamFrame): string | null {
  if (item.type === "hello" && place !== null) return place;
  if (item.type === "gap" && "by" in item && item.by === "client") return null;
  return placeOf(item) ?? place;
}
