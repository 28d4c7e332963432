import { HOUR_MS } from "../windows/calendar.ts";
import type { CostOfSize } from "./performance/cost-by-size.ts";
import type { GridPerformance } from "./performance/grid-performance.ts";
import type { TradePerformance } from "./performance/trade-performance.ts";
import type { WorthAtDelay } from "./performance/worth-by-delay.ts";
import { type Table, fixed, number, percent } from "./report-text.ts";

/** What the trades of one strategy over one horizon come to. */
export function performanceLines(name: string, performance: TradePerformance): readonly string[] {
  const { trades, closed, cut_by_gap: cut, unknown_cost: unknownCost, unpriced, mean_with_cut_trades_bps: withCut } = performance;
  const { mean_net_return_bps: mean, mean_low_bps: low, mean_high_bps: high, sharpe } = performance;
  const interval =
    low === null || high === null ? "no interval with fewer than 10 episodes" : `95 % by episode ${fixed(low, 1)} to ${fixed(high, 1)}`;
  const episode = `${performance.episode_ms / HOUR_MS} h`;
  return [
    `Trades of ${name}: ${number(trades)}; ${number(closed)} closed, ${number(cut)} cut by a gap of their venue, ` +
      `${number(unknownCost)} with an unknown cost, ${number(unpriced)} without a price at one end`,
    ...(unknownCost === 0
      ? []
      : [
          "A trade with an unknown cost counts in no net return: its marks have no spread, volume or funding, or too few minutes before it",
        ]),
    ...(cut === 0
      ? []
      : [`Trades that a gap cut count nowhere; each at its worst known price instead, the mean is ${fixed(withCut, 1)} bps`]),
    ...(closed === 0 ? [] : [`Net return of a trade: mean ${fixed(mean, 1)} bps (${interval}), hit rate ${percent(performance.hit_rate)}`]),
    `Sharpe ratio of an episode of ${episode}: ${fixed(sharpe, 3) || "undefined"}, n = ${number(performance.episodes)} episodes, ` +
      `${number(performance.traded_episodes)} of them with a trade, the others at 0; not annualized`,
    ...(performance.sharpe_probability === null
      ? []
      : [`Probability that it is truly above 0, before any choice among rules: ${percent(performance.sharpe_probability)}`]),
    `Largest drawdown: ${fixed(performance.max_drawdown_bps / 100, 2)} % of a constant stake`,
  ];
}

export function costTable(costs: readonly CostOfSize[]): Table {
  return {
    header: ["size USD", "trades", "gross bps", "fee", "spread", "impact", "funding", "net bps"],
    rows: costs.map((one) => [
      number(one.size_usd),
      number(one.trades),
      ...[one.gross_return_bps, one.fee_bps, one.spread_bps, one.impact_bps, one.funding_bps, one.net_return_bps].map((value) =>
        value === null ? "unknown" : fixed(value, 1),
      ),
    ]),
  };
}

export function delayTable(worth: readonly WorthAtDelay[]): Table {
  return {
    header: ["entry after", "trades", "gross bps", "net bps"],
    rows: worth.map(({ delay_s, trades, gross_return_bps, net_return_bps }) => [
      `${delay_s} s`,
      String(trades),
      fixed(gross_return_bps, 1),
      net_return_bps === null ? "unknown" : fixed(net_return_bps, 1),
    ]),
  };
}

/** More are in report.json. */
const MAX_TRIALS = 20;

/** The trials with the best Sharpe ratios. */
export function trialTable({ trials }: GridPerformance): Table {
  const best = trials.toSorted((a, b) => (b.sharpe ?? -Infinity) - (a.sharpe ?? -Infinity)).slice(0, MAX_TRIALS);
  return {
    header: ["settings", "trades", "mean net bps", "Sharpe"],
    rows: best.map(({ name, trades, mean_net_return_bps, sharpe }) => [
      name,
      String(trades),
      fixed(mean_net_return_bps, 1),
      fixed(sharpe, 3),
    ]),
  };
}

export function gridLines({
  trials,
  best,
  deflated,
  overfitting,
  walk_forward: walk,
  episodes,
  episode_ms,
}: GridPerformance): readonly string[] {
  const hours = episode_ms / HOUR_MS;
  return [
    `Grid of ${trials.length} combinations over n = ${number(episodes)} episodes of ${hours} h; all count as tried, so leave none out that you looked at`,
    deflated === null || best === null
      ? "Deflated Sharpe ratio: undefined, no combination has a return that varies"
      : `Best: ${best}, Sharpe ratio ${fixed(deflated.sharpe, 3)} where the best of ${deflated.trials} without skill is expected to have ` +
        `${fixed(deflated.expected, 3)}; deflated Sharpe ratio ${fixed(deflated.probability, 3)} (${deflated.probability > 0.95 ? "significant" : "not significant"} at 0.95)`,
    overfitting === null
      ? "Probability of backtest overfitting: undefined with fewer than two combinations or 16 episodes"
      : `Probability of backtest overfitting: ${fixed(overfitting.probability, 3)} over ${number(overfitting.splits)} splits of ${overfitting.blocks} blocks; ` +
        `the chosen one loses out of sample in ${percent(overfitting.lossProbability)}`,
    ...(walk === null
      ? ["Walk-forward: undefined with fewer than two combinations or too few episodes"]
      : [
          `Walk-forward, each fold with what was best before it: Sharpe ratio ${fixed(walk.sharpe, 3) || "undefined"}, mean ${fixed(walk.mean, 1)} bps an episode, n = ${walk.n} episodes`,
          ...walk.folds.map(
            ({ inSample, outOfSample, mean }, index) =>
              `  fold ${index + 1}: ${walk.chosen[index] ?? ""}, Sharpe ratio ${fixed(inSample, 3)} before, ${fixed(outOfSample, 3) || "none"} in it (mean ${fixed(mean, 1)} bps)`,
          ),
        ]),
  ];
}
