import { STRATEGIES, tradesOf } from "../../src/backtest/trade.ts";
import type { KnownGaps } from "../../src/backtest/known-gaps.ts";
import { episodeLength } from "../../src/backtest/performance/episodes.ts";
import { type GridPerformance, gridPerformance } from "../../src/backtest/performance/grid-performance.ts";
import { closedReturns } from "../../src/backtest/performance/trade-performance.ts";
import { Replay, type ReplaySettings } from "../../src/backtest/replay.ts";
import { HORIZONS, HORIZON_NAMES, type Horizon } from "../../src/grades/grade.ts";
import { type GridPoint, gridPoints } from "./grid-option.ts";
import { type Options, configOf } from "./options.ts";
import { oneOf } from "./usage-error.ts";

/** The replays of a grid: points that differ in strategy or horizon alone share one. */
export class GridReplays {
  readonly replays: readonly Replay[];
  readonly #options: Options;
  readonly #byRule = new Map<string, Replay>();
  readonly #points: readonly GridPoint[];

  /**
   * @param settings those of the replay of the options, whose market all share
   * @throws {UsageError} where a value is not allowed
   */
  constructor(options: Options, settings: ReplaySettings) {
    this.#options = options;
    this.#points = options.grid.length === 0 ? [] : gridPoints(options.grid);
    for (const point of this.#points) {
      const key = ruleOf(point);
      strategyOf(options, point);
      horizonOf(options, point);
      if (!this.#byRule.has(key)) this.#byRule.set(key, new Replay({ ...settings, config: configOf({ ...options.rule, ...point }) }));
    }
    this.replays = [...this.#byRule.values()];
  }

  /** Null without a grid. */
  performance(gaps: KnownGaps): GridPerformance | null {
    if (this.#points.length === 0) return null;
    const length = Math.max(...this.#points.map((point) => episodeLength(HORIZONS[horizonOf(this.#options, point)])));
    const trials = this.#points.map((point) => {
      const grades = this.#byRule.get(ruleOf(point))?.ledger.grades ?? [];
      const trades = tradesOf(grades, strategyOf(this.#options, point), horizonOf(this.#options, point), gaps);
      return { name: nameOf(point), returns: closedReturns(trades) };
    });
    return gridPerformance(trials, this.#options.judged, length);
  }
}

function ruleOf({ strategy: _strategy, horizon: _horizon, ...rule }: GridPoint): string {
  return nameOf(rule);
}

function nameOf(point: GridPoint): string {
  return Object.entries(point)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function strategyOf(options: Options, { strategy }: GridPoint) {
  return strategy === undefined ? options.strategy : oneOf("--grid strategy", strategy, STRATEGIES);
}

function horizonOf(options: Options, { horizon }: GridPoint): Horizon {
  return horizon === undefined ? options.horizon : oneOf("--grid horizon", horizon, HORIZON_NAMES);
}
