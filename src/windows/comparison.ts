import type { ExchangeName } from "../liquidation.ts";
import { type BySide, bySide } from "./percentile.ts";
import { addKnown } from "./totals.ts";
import { type VenueWeights, shareOf } from "./venue-weights.ts";
import { changePercent } from "./window.ts";
import type { PreviousTotals, SideStatistics, WindowTotals } from "./window-statistics.ts";

/** The USD of a window and of its previous one over the compared venues; null where it is unknown. */
export interface ComparedUsd {
  readonly usd: number | null;
  readonly previous_usd: number | null;
}

/** What the change of a window is measured on. */
export interface Comparison extends BySide<ComparedUsd> {
  /** The venues that were connected for at least 90 % of each of the two windows. */
  readonly exchanges: readonly ExchangeName[];
  /** Their share in the USD that all venues published in the last 7 days, 0 to 1. */
  readonly share: number;
}

/** Compares two windows over the venues that were covered in both: a venue that was silent in one would look like a change. */
export function compareWindows(totals: WindowTotals, exchanges: readonly ExchangeName[], weights: VenueWeights): Comparison {
  return { exchanges, share: shareOf(exchanges, weights), ...comparedUsd(totals, exchanges) };
}

/** The statistics with their change and their rank. */
export function withComparison(
  sides: SideStatistics,
  compared: BySide<ComparedUsd>,
  percentiles: BySide<number | null> | null,
): SideStatistics {
  return bySide((side) => {
    const { usd, previous_usd: previous } = compared[side];
    return { ...sides[side], change_pct: changePercent(usd, previous), percentile: percentiles?.[side] ?? null };
  });
}

export function comparedUsd({ current, previous }: WindowTotals, exchanges: readonly ExchangeName[]): BySide<ComparedUsd> {
  const usdOf = (rows: readonly PreviousTotals[], isOfSide: (row: PreviousTotals) => boolean) =>
    exchanges.length === 0
      ? null
      : addKnown(
          rows.filter((row) => isOfSide(row) && exchanges.includes(row.exchange)),
          "usd",
        );
  return bySide((side) => {
    const isOfSide = (row: PreviousTotals) => side === "total" || row.position_side === side;
    return { usd: usdOf(current, isOfSide), previous_usd: usdOf(previous, isOfSide) };
  });
}
