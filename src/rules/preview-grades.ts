import { meanInterval } from "../backtest/performance/bootstrap-mean.ts";
import { EPISODE_MS } from "../backtest/performance/episodes.ts";
import type { MarkPath, PathProblem } from "../grades/mark-path.ts";
import { floorTo } from "../windows/calendar.ts";

/** The draws of an interval follow from this, so that the same preview gives the same. */
const SEED = 17;

/** Net returns of trades, each entered in the minute after the rule fired and held for the horizon. */
export interface SideGrade {
  readonly trades: number;
  /** Periods of four hours with a trade: trades of one are not independent. */
  readonly episodes: number;
  /** Null without a trade. */
  readonly mean_net_bps: number | null;
  readonly hit_rate: number | null;
  /** 95 %, by episode; null with fewer than 10 of them. */
  readonly interval_low_bps: number | null;
  readonly interval_high_bps: number | null;
}

/** What a coin earns at the same moments: it loses the cost, and hits where the move is larger than the cost, half the time. */
export interface CoinGrade {
  readonly mean_net_bps: number | null;
  readonly hit_rate: number | null;
}

/** A graded trade: when it began, and what was earned after cost, bps. */
export interface TimedNet {
  readonly time: number;
  readonly net: number;
}

export interface PreviewGrades {
  /** Number of times that the rule fired for which there are grades, and of those for which there are none. */
  readonly graded: number;
  readonly ungraded: number;
  readonly buy: SideGrade;
  readonly sell: SideGrade;
  readonly coin: CoinGrade;
}

/** The return of a buyer after cost; null where a part of the cost is unknown. */
export function netOf(direction: 1 | -1, { entry, exit, cost, fundingBps }: MarkPath): number | null {
  if (cost.cost_bps === null || fundingBps === null) return null;
  return direction * (1e4 * (exit / entry - 1) - fundingBps) - cost.cost_bps;
}

export function sideGrade(trades: readonly TimedNet[]): SideGrade {
  const episodes = [...Map.groupBy(trades, ({ time }) => floorTo(time, EPISODE_MS)).values()];
  const interval = meanInterval(
    episodes.map((own) => own.map(({ net }) => net)),
    SEED,
  );
  return {
    trades: trades.length,
    episodes: episodes.length,
    mean_net_bps: mean(trades.map(({ net }) => net)),
    hit_rate: mean(trades.map(({ net }) => (net > 0 ? 1 : 0))),
    interval_low_bps: interval?.low ?? null,
    interval_high_bps: interval?.high ?? null,
  };
}

/** Grades of buying and of selling each time that a rule fired, as the decisions of the analyst are graded. */
export function previewGrades(paths: readonly (MarkPath | PathProblem)[]): PreviewGrades {
  const known = paths.filter((path) => typeof path !== "string");
  const priced = known.filter((path) => netOf(1, path) !== null);
  const trades = (direction: 1 | -1) => priced.map((path): TimedNet => ({ time: path.entryTime, net: netOf(direction, path) ?? 0 }));
  const costs = priced.map(({ cost }) => cost.cost_bps ?? 0);
  const hits = priced.map((path) => ((netOf(1, path) ?? 0) > 0 || (netOf(-1, path) ?? 0) > 0 ? 0.5 : 0));
  const meanCost = mean(costs);
  return {
    graded: priced.length,
    ungraded: paths.length - priced.length,
    buy: sideGrade(trades(1)),
    sell: sideGrade(trades(-1)),
    coin: { mean_net_bps: meanCost === null ? null : -meanCost, hit_rate: mean(hits) },
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
