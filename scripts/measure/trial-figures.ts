import { deflatedSharpe } from "../../src/backtest/performance/deflated-sharpe.ts";
import { meanOf } from "../../src/backtest/performance/moments.ts";
import { overfittingProbability } from "../../src/backtest/performance/overfitting-probability.ts";
import type { Figure } from "./figure.ts";
import { trialGrid } from "./trial-grid.ts";

const TRIALS = 50;
/** Twenty days of 4 h. */
const EPISODES = 120;
/** Grids of a seed. */
const GRIDS = 100;
/** Sharpe ratio of an episode of the one trial with an edge. */
const EDGE = 0.6;

/** Whether the corrections for choosing among trials find a planted edge, and nothing where none is. */
export function trialFigures(seeds: readonly number[]): Promise<readonly Figure[]> {
  const run = (edge: number) => {
    const grids = seeds.flatMap((seed) => Array.from({ length: GRIDS }, (_, index) => seed * GRIDS + index));
    return grids.map((seed) => {
      const trials = trialGrid({ seed, trials: TRIALS, episodes: EPISODES, edge });
      return { deflated: deflatedSharpe(trials)?.probability ?? 0, overfitted: overfittingProbability(trials, 12)?.probability ?? 1 };
    });
  };
  const [none, planted] = [run(0), run(EDGE)];
  const share = (runs: typeof none) => `${((100 * runs.filter(({ deflated }) => deflated > 0.95).length) / runs.length).toFixed(1)} %`;
  const mean = (runs: typeof none) => (meanOf(runs.map(({ overfitted }) => overfitted)) ?? 0).toFixed(3);
  const what = `grid of ${TRIALS} over ${EPISODES} episodes`;
  return Promise.resolve([
    { what: `${what}, no edge: deflated Sharpe ratio significant`, measured: share(none), target: "at most 5 %" },
    { what: `${what}, no edge: probability of overfitting, mean`, measured: mean(none), target: "near 0.5" },
    { what: `${what}, one edge: deflated Sharpe ratio significant`, measured: share(planted), target: "high" },
    { what: `${what}, one edge: probability of overfitting, mean`, measured: mean(planted), target: "low" },
  ]);
}
