import type { ExchangeName } from "../liquidation.ts";
import type { Comparison } from "./comparison.ts";
import type { BySide } from "./percentile.ts";
import type { SideStatistics } from "./window-statistics.ts";

/** The window of one symbol and its previous window, per side, as the spike rule uses them. */
export interface WindowBySide {
  readonly symbol: string;
  readonly window: string;
  readonly as_of_time: number;
  readonly start_time: number;
  readonly end_time: number;
  /** May be cut to a full minute where it is older than the stored events. */
  readonly previous_start_time: number;
  readonly previous_end_time: number;
  /** Share of venue time that was connected, weighed by the venues' USD of the last 7 days, 0 to 1. */
  readonly uptime_share: number;
  readonly previous_uptime_share: number;
  readonly comparison: Comparison;
  readonly sides: SideStatistics;
  /** The median USD of the earlier windows that the percentile is a rank among; null where there is no percentile. */
  readonly median_usd: BySide<number | null>;
  /** The percentile that each side would have without its largest liquidation. */
  readonly percentile_without_largest: BySide<number | null>;
}

/** The same with venues, as the API shows it. */
export interface SymbolWindow extends WindowBySide {
  /**
   * Venues with events, and connected venues that publish liquidations: one that publishes none has no measured zero.
   */
  readonly exchanges: Readonly<Partial<Record<ExchangeName, SideStatistics>>>;
}
