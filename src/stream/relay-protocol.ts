import type { CascadeRecord } from "../cascade/cascade-record.ts";
import type { Gap } from "../gap.ts";
import type { StreamFilter } from "./filter.ts";
import type { MatchedContracts, StreamVenue, SymbolTotals } from "./frames.ts";
import type { LogEntry } from "./log-entry.ts";
import type { LogExtent } from "./resume.ts";

/** What the hub and its relays say to each other. */

/** Consecutive frames of the log: all of those after `after` up to `to`. */
export interface LogPage {
  readonly epoch: string;
  readonly after: number;
  readonly to: number;
  readonly entries: readonly LogEntry[];
}

export interface HubBeat {
  readonly time: number;
  readonly through: number | null;
  readonly gaps: readonly Gap[];
}

/** What the hub sends to a relay. Sent again until it is answered. */
export interface RelayPush extends LogPage {
  readonly beat: HubBeat | null;
  readonly totals: readonly SymbolTotals[] | null;
}

/** The state of the market when a stream begins. */
export interface StreamPicture extends HubBeat {
  readonly extent: LogExtent;
  /** When the oldest frame of the log was logged, ms; null in an empty log. */
  readonly oldest_time: number | null;
  readonly venues: readonly StreamVenue[];
  readonly contracts: readonly MatchedContracts[] | null;
  readonly cascades: readonly CascadeRecord[];
  readonly totals: readonly SymbolTotals[];
}

/** One minute of a relay. */
export interface RelayMinute {
  /** Start of the minute, ms. */
  readonly time: number;
  /** Liquidations sent live, to any number of clients. */
  readonly events: number;
  /** Frames sent: those of a liquidation count once for each client. */
  readonly frames: number;
  /** Time from the receipt of a liquidation from its venue to when the relay sent it, ms; null without events. */
  readonly latency_ms_p50: number | null;
  readonly latency_ms_p99: number | null;
  readonly skipped: number;
}

export interface RelayStats {
  readonly relay: string;
  readonly clients: number;
  readonly websocket_clients: number;
  readonly sse_clients: number;
  readonly slow_clients: number;
  readonly filters: number;
  /** Since the relay object started. */
  readonly since: number;
  readonly closes: Readonly<Record<string, number>>;
  readonly skipped: number;
  /** The last 15 minutes with a frame, oldest first. */
  readonly minutes: readonly RelayMinute[];
}

export interface PushAnswer {
  /** Sequence up to which the relay has everything. */
  readonly last: number;
  readonly clients: number;
  readonly wantsTotals: boolean;
}

/** What the Worker tells a relay of a client that it passes on. */
export interface ClientRequest {
  readonly transport: "websocket" | "sse";
  /** The subscription that the address asks for. */
  readonly filter: StreamFilter;
  /** Id of the last frame that the client has; null where it begins now. */
  readonly cursor: string | null;
  readonly slow: "skip" | "close";
  /** Whose streams are counted together; null where they are not limited. */
  readonly owner: string | null;
  readonly maxStreams: number;
  /** When the client's key expires, ms. */
  readonly expires: number | null;
  /** Where a replay has sent the frames before the cursor: hello and snapshot were sent as well. */
  readonly quiet: boolean;
  /** Number of beats that the client was sent before. */
  readonly beats: number;
}
