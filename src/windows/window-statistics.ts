import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { type Totals, addCounts, addKnown, addTotals } from "./totals.ts";

/** The totals of one venue and side over a range. Venues and sides without an event have none. */
export interface VenueSideTotals extends Totals {
  readonly exchange: ExchangeName;
  readonly position_side: PositionSide;
}

/** What is compared of a previous window. */
export type PreviousTotals = Pick<VenueSideTotals, "exchange" | "position_side" | "events" | "usd">;

/** The totals of a window and of its previous one. */
export interface WindowTotals {
  readonly current: readonly VenueSideTotals[];
  readonly previous: readonly PreviousTotals[];
}

export interface WindowStatistics extends Totals {
  /** Number of venues with an event in the window. */
  readonly exchanges_active: number;
  readonly previous_events: number;
  readonly previous_usd: number | null;
  /** Change of the USD against the previous window over the venues that were covered in both, percent. */
  readonly change_pct: number | null;
  /** Rank among earlier windows of the same length and hour (`windowPercentiles`); null without such a history. */
  readonly percentile: number | null;
}

export type SideStatistics = Readonly<Record<PositionSide | "total", WindowStatistics>>;

/** The statistics of each side and of both together, without changes and ranks. */
export function sideStatistics(totals: WindowTotals): SideStatistics {
  return {
    long: windowStatistics(keep(totals, (row) => row.position_side === "long")),
    short: windowStatistics(keep(totals, (row) => row.position_side === "short")),
    total: windowStatistics(totals),
  };
}

/** The totals of one venue. */
export function ofExchange(totals: WindowTotals, name: ExchangeName): WindowTotals {
  return keep(totals, (row) => row.exchange === name);
}

function windowStatistics(totals: WindowTotals): WindowStatistics {
  const current = addTotals(totals.current);
  return {
    ...current,
    exchanges_active: new Set(totals.current.map((row) => row.exchange)).size,
    previous_events: addCounts(totals.previous, "events"),
    previous_usd: addKnown(totals.previous, "usd"),
    change_pct: null,
    percentile: null,
  };
}

function keep({ current, previous }: WindowTotals, wanted: (row: PreviousTotals) => boolean): WindowTotals {
  return { current: current.filter(wanted), previous: previous.filter(wanted) };
}
