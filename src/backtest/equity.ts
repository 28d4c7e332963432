import { HORIZONS, type Horizon } from "../grades/grade.ts";
import { floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { episodeLength, episodeReturns } from "./performance/episodes.ts";
import { closedReturns } from "./performance/trade-performance.ts";
import type { Trade } from "./trade.ts";

/** The sum of the returns of all episodes so far, bps of the stake, and how far it is below its highest value. */
export interface EquityPoint {
  readonly time: number;
  readonly equity_bps: number;
  /** 0 or less. */
  readonly drawdown_bps: number;
}

/**
 * The equity of a constant stake: the same amount is traded in every episode, whatever the ones before earned, so returns
 * add up. One point at the start of the range and one at the end of each episode.
 */
export function equityOf(trades: readonly Trade[], judged: TimeRange, horizon: Horizon): readonly EquityPoint[] {
  const length = episodeLength(HORIZONS[horizon]);
  const first = floorTo(judged.start, length);
  let [equity, high] = [0, 0];
  const points = episodeReturns(closedReturns(trades), judged, length).map((bps, index) => {
    equity += bps;
    high = Math.max(high, equity);
    return { time: Math.min(first + (index + 1) * length, judged.end), equity_bps: equity, drawdown_bps: equity - high };
  });
  return [{ time: judged.start, equity_bps: 0, drawdown_bps: 0 }, ...points];
}
