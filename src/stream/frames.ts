import type { CascadeRecord } from "../cascade/cascade-record.ts";
import type { FeedState } from "../feed-status.ts";
import type { Gap } from "../gap.ts";
import type { Coverage, ExchangeName } from "../liquidation.ts";
import type { ListedSymbol } from "../listed-symbol.ts";
import type { StreamFilter } from "./filter.ts";
import type { Resumed } from "./resume.ts";

/** The frames without a record of their own; those with one are made by `entryText`. Times in ms. */

/** A venue as the stream knows it. */
export interface StreamVenue {
  readonly exchange: ExchangeName;
  /** Null before its feed has reported. */
  readonly state: FeedState | null;
  /** Start of the state. */
  readonly since: number | null;
  readonly coverage: Coverage;
  /** Whether liquidations are inferred from its market data; they are sent only where they are asked for. */
  readonly inferred: boolean;
  readonly open_gap: Gap | null;
}

/** The contracts of a base asset at one venue, of which liquidations can come. */
export interface MatchedContracts extends Pick<ListedSymbol, "symbol"> {
  readonly exchange: ExchangeName;
  readonly instruments: readonly string[];
}

/** The first frame: the request as understood, and what can come of it. */
export interface Hello {
  readonly type: "hello";
  /** Place in the stream after which frames follow; null where a replay begins with stored events. */
  readonly id: string | null;
  readonly time: number;
  readonly filter: StreamFilter;
  readonly resumed: Resumed;
  /** Whether the frames until `live` are a replay. */
  readonly replay: boolean;
  readonly venues: readonly StreamVenue[];
  /** Null where no venue has reported its contracts yet. */
  readonly instruments: readonly MatchedContracts[] | null;
  /** Number of all contracts that match; the list ends at 500. */
  readonly instruments_count: number | null;
  /** What was asked for and cannot come now, one sentence each. */
  readonly notices: readonly string[];
  readonly beat_ms: number;
}

export interface SideSum {
  readonly events: number;
  readonly usd: number;
}

/** The running minute and the last 15 minutes of one base asset, over all venues, by event time. */
export interface SymbolTotals {
  readonly symbol: string;
  readonly minute: { readonly start_time: number; readonly long: SideSum; readonly short: SideSum };
  readonly window_15m: { readonly start_time: number; readonly long: SideSum; readonly short: SideSum };
}

/** What holds when a stream begins. It has no liquidation: each is sent once, as a frame of its own. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly time: number;
  /** Every liquidation that connected venues reported before this time was sent or is in a frame that follows; null where no venue is connected. */
  readonly through: number | null;
  readonly cascades: readonly CascadeRecord[];
  readonly totals: readonly SymbolTotals[];
  readonly venues: readonly StreamVenue[];
}

export interface Totals {
  readonly type: "totals";
  readonly time: number;
  readonly data: readonly SymbolTotals[];
}

export interface Beat {
  readonly type: "beat";
  /** The last frame that was sent or did not match; null while a replay sends stored events. */
  readonly id: string | null;
  readonly time: number;
  /**
   * Every liquidation that the connected venues reported before this time was sent; null where no venue is connected, while
   * frames are skipped, and until the client has what it missed.
   */
  readonly through: number | null;
  /** The venues that are not connected: `through` says nothing of them. */
  readonly gaps: readonly Gap[];
  /** Number of the beat in this connection, for `ack`. */
  readonly n: number;
}

export interface SkippedFrames {
  readonly type: "skipped";
  /** The same as `to_id`. */
  readonly id: string;
  readonly from_id: string;
  readonly to_id: string;
  readonly count: number;
  readonly request: string;
}

export interface StreamGap {
  readonly type: "gap";
  /** Null while a replay sends stored events. */
  readonly id: string | null;
  /** Earliest time of what is missing; null where it is not known. */
  readonly from_time: number | null;
  readonly to_time: number;
  readonly request: string;
}

export interface Live {
  readonly type: "live";
  readonly id: string;
  readonly time: number;
}

/** The last frame where the server ends server-sent events. */
export interface Closed {
  readonly type: "closed";
  readonly code: number;
  readonly reason: string;
}

/** The answer to a message of the client. */
export interface OpAnswer {
  readonly type: "answer";
  readonly op: "subscribe" | "unsubscribe" | "ack" | "ping";
  readonly id: string | number | null;
  readonly time: number;
  /** Of `subscribe`: the filter as understood. */
  readonly filter?: StreamFilter | undefined;
  /** Of `subscribe`: what of it will not come, as in `hello`. */
  readonly notices?: readonly string[] | undefined;
}

/** A message of the client that cannot be followed. */
export interface OpError {
  readonly type: "error";
  readonly id: string | number | null;
  readonly detail: string;
}
