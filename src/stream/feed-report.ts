import type { AdlRise, AdlStatus } from "../adl/adl-state.ts";
import type { FeedStatus } from "../feed-status.ts";
import type { ListedSymbol } from "../listed-symbol.ts";

/** What a feed reports to the hub: every interval, and at once when its state changes. */
export interface FeedReport extends Pick<FeedStatus, "exchange" | "state" | "since" | "coverage" | "inferred" | "open_gap"> {
  /**
   * The hub has every liquidation that was received before this time, ms; null where the venue was never connected. It
   * stands still while the venue is not connected, and while liquidations wait for the hub.
   */
  readonly through: number | null;
  /** What the venue publishes of its auto-deleveraging; null where it publishes nothing of it. */
  readonly adl: AdlStatus | null;
  /** States other than `normal` that began since the last report that the hub took, oldest first. */
  readonly adl_rises: readonly AdlRise[];
  /** The whole status, where the state is new. Where one of auto-deleveraging is, within ten seconds, or at once if it is the worst. */
  readonly status: FeedStatus | null;
  /** The base assets that the venue lists, where the hub asked for them; null while its table has not been read. */
  readonly listed: readonly ListedSymbol[] | null;
}

export interface FeedReportAnswer {
  /** Whether the next report should have `listed`. */
  readonly wantsListed: boolean;
}
