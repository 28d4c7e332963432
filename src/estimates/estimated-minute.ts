import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { EstimatesBySymbol } from "./estimate-block.ts";
import { type EstimateBySide, estimateBySide } from "./estimate-by-side.ts";
import { estimateStep } from "./estimate-steps.ts";
import type { VenueSideEstimate } from "./estimate.ts";

/** The estimates of one base asset in a settled minute, as the stream sends them. */
export interface EstimatedMinute {
  readonly symbol: string;
  /** Start of the minute, ms. */
  readonly time: number;
  readonly sides: EstimateBySide;
  readonly exchanges: readonly VenueSideEstimate[];
}

/**
 * The estimates of a minute by base asset, of those that a venue reported a liquidation of. A venue with a gap in it has none.
 * @param listing the venues that publish liquidations and list a base asset, given what was reported of it
 */
export function estimatedMinutes(
  time: number,
  bySymbol: EstimatesBySymbol,
  gaps: readonly Gap[],
  listing: (symbol: string, entries: readonly VenueSideEstimate[]) => readonly ExchangeName[],
): readonly EstimatedMinute[] {
  const minute = { start: time, end: time + MINUTE_MS };
  return [...bySymbol].map(([symbol, entries]) => {
    const step = estimateStep(minute, { entries, gaps, lost: [], exchanges: listing(symbol, entries) });
    return { symbol, time, sides: estimateBySide(step), exchanges: step.venues };
  });
}
