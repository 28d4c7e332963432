import { type Trade, hasUnknownCost } from "../trade.ts";
import { meanInterval } from "./bootstrap-mean.ts";
import { meanOf, momentsOf } from "./moments.ts";
import { probabilisticSharpe } from "./deflated-sharpe.ts";
import { HORIZONS, type Horizon } from "../../grades/grade.ts";
import { type TimedReturn, episodeLength, episodeReturns } from "./episodes.ts";
import { floorTo } from "../../windows/calendar.ts";
import type { TimeRange } from "../../windows/range-parts.ts";

/** What the trades of a strategy come to. Returns in bps of the stake, after cost. */
export interface TradePerformance {
  readonly trades: number;
  readonly closed: number;
  readonly cut_by_gap: number;
  /** Trades of which a part of the cost is unknown: they count in no net figure. */
  readonly unknown_cost: number;
  /** Trades without a price at one of their ends. */
  readonly unpriced: number;
  /** Number of episodes of the range, and of those with a closed trade. */
  readonly episodes: number;
  readonly traded_episodes: number;
  readonly episode_ms: number;
  readonly hit_rate: number | null;
  readonly mean_net_return_bps: number | null;
  /** The 95 % interval of the mean, drawn by episode; null with fewer than 10 episodes. */
  readonly mean_low_bps: number | null;
  readonly mean_high_bps: number | null;
  /** The mean if each trade that a gap cut, and whose cost is known, had been closed at its worst known price. */
  readonly mean_with_cut_trades_bps: number | null;
  /** Mean over deviation of the episodes, those without a trade at zero; not annualized. */
  readonly sharpe: number | null;
  /** The probability that the true one is above zero, before any choice among rules. */
  readonly sharpe_probability: number | null;
  readonly max_drawdown_bps: number;
}

export function tradePerformance(trades: readonly Trade[], judged: TimeRange, horizon: Horizon, seed: number): TradePerformance {
  const returns = closedReturns(trades);
  const length = episodeLength(HORIZONS[horizon]);
  const episodes = episodeReturns(returns, judged, length);
  const traded = [...Map.groupBy(returns, ({ time }) => floorTo(time, length)).values()].map((own) => own.map(({ bps }) => bps));
  const interval = meanInterval(traded, seed);
  const moments = momentsOf(episodes);
  const cut = trades.filter(({ status }) => status === "cut_by_gap");
  const unknownCost = trades.filter(hasUnknownCost);
  return {
    trades: trades.length,
    closed: returns.length,
    cut_by_gap: cut.length,
    unknown_cost: unknownCost.length,
    unpriced: trades.length - returns.length - cut.length - unknownCost.length,
    episodes: episodes.length,
    traded_episodes: traded.length,
    episode_ms: length,
    hit_rate: returns.length === 0 ? null : returns.filter(({ bps }) => bps > 0).length / returns.length,
    mean_net_return_bps: meanOf(returns.map(({ bps }) => bps)),
    mean_low_bps: interval?.low ?? null,
    mean_high_bps: interval?.high ?? null,
    mean_with_cut_trades_bps: meanOf([...returns.map(({ bps }) => bps), ...cut.flatMap((trade) => worstNet(trade) ?? [])]),
    sharpe: moments === null ? null : moments.mean / moments.deviation,
    sharpe_probability: moments === null ? null : probabilisticSharpe(moments, 0),
    max_drawdown_bps: maxDrawdown(episodes),
  };
}

/** The net returns of the trades that count, at their entries. */
export function closedReturns(trades: readonly Trade[]): readonly TimedReturn[] {
  return trades.flatMap(({ status, entry_time: time, net_return_bps: bps }) =>
    status === "closed" && time !== null && bps !== null ? [{ time, bps }] : [],
  );
}

/** At its worst known price, and never better than its exit; null where its cost is unknown. */
function worstNet({ gross_return_bps: gross, net_return_bps: net, worst_excursion_bps: worst }: Trade): number | null {
  return gross === null || net === null ? null : Math.min(worst ?? 0, gross, 0) - (gross - net);
}

/** The largest fall of the sum of returns from its highest value so far, 0 where it never falls. */
export function maxDrawdown(returns: readonly number[]): number {
  let [sum, high, deepest] = [0, 0, 0];
  for (const value of returns) {
    sum += value;
    high = Math.max(high, sum);
    deepest = Math.max(deepest, high - sum);
  }
  return deepest;
}
