import type { ExchangeName } from "../liquidation.ts";
import type { SideStatistics } from "./window-statistics.ts";

/** One symbol's window against the one before it, per side: what the spike rule sees. */
export interface SidesReading {
  readonly symbol: string;
  readonly window: string;
  readonly as_of_time: number;
  readonly start_time: number;
  readonly end_time: number;
  /** May be cut to a whole minute where it is older than the events kept. */
  readonly previous_start_time: number;
  readonly previous_end_time: number;
  /** Share of venue time that was connected, 0 to 1. */
  readonly uptime_share: number;
  readonly previous_uptime_share: number;
  readonly sides: SideStatistics;
}

/** The same per venue too: what the API shows. */
export interface WindowReading extends SidesReading {
  /** Venues with events, and those that could have had some: one that publishes no liquidations has no zero to show. */
  readonly exchanges: Readonly<Partial<Record<ExchangeName, SideStatistics>>>;
}
