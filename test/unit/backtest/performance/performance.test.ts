import { describe, expect, test } from "vitest";
import { createRandom } from "../../../../scripts/simulator/random.ts";
import { meanInterval } from "../../../../src/backtest/performance/bootstrap-mean.ts";
import { deflatedSharpe, expectedBestSharpe, probabilisticSharpe } from "../../../../src/backtest/performance/deflated-sharpe.ts";
import { episodeReturns } from "../../../../src/backtest/performance/episodes.ts";
import { momentsOf } from "../../../../src/backtest/performance/moments.ts";
import { normalCdf, normalQuantile } from "../../../../src/backtest/performance/normal.ts";
import { overfittingProbability } from "../../../../src/backtest/performance/overfitting-probability.ts";
import { walkForward } from "../../../../src/backtest/performance/walk-forward.ts";
import { HOUR_MS } from "../../../../src/windows/calendar.ts";
import { trialGrid } from "../../../../scripts/measure/trial-grid.ts";

test("the normal distribution has its published values", () => {
  expect(normalCdf(0)).toBeCloseTo(0.5, 15);
  expect(normalCdf(1.959_963_984_540_054)).toBeCloseTo(0.975, 14);
  expect(normalCdf(-8) / 6.220_960_574_271_78e-16).toBeCloseTo(1, 6);
  for (const p of [1e-9, 0.02, 0.5, 0.8, 1 - 1e-6]) expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 9);
  expect(() => normalQuantile(1)).toThrow("1 is no probability");
});

test("moments of a sample worked by hand", () => {
  expect(momentsOf([1, 1, 1, 5])).toMatchObject({ n: 4, mean: 2, deviation: 2 });
  expect(momentsOf([1, 1, 1, 5])?.skewness).toBeCloseTo(6 / 3 ** 1.5, 12);
  expect(momentsOf([1, 1, 1, 5])?.kurtosis).toBeCloseTo(21 / 9, 12);
  expect(momentsOf([3, 3, 3])).toBeNull();
  expect(momentsOf([3])).toBeNull();
});

describe("the deflated Sharpe ratio", () => {
  test("is that of the example of its authors", () => {
    // Bailey and López de Prado 2014, numerical example: annual SR 2.5 over 1250 days, 100 trials with an annual variance of 1/2.
    const daily = 2.5 / Math.sqrt(250);
    const expected = expectedBestSharpe(100, 0.5 / 250);
    expect(expected).toBeCloseTo(0.1132, 4);
    const moments = { n: 1250, mean: daily, deviation: 1, skewness: -3, kurtosis: 10 };
    expect(probabilisticSharpe(moments, expected)).toBeCloseTo(0.9004, 3);
  });

  test("is that of one trial against zero, and of none null", () => {
    const returns = [2, -1, 3, 0, 1, 2, -2, 4];
    const moments = momentsOf(returns);
    expect(deflatedSharpe([returns])).toMatchObject({ best: 0, trials: 1, expected: 0 });
    expect(deflatedSharpe([returns])?.probability).toBeCloseTo(moments === null ? 0 : probabilisticSharpe(moments, 0), 12);
    expect(deflatedSharpe([])).toBeNull();
    expect(deflatedSharpe([[0, 0, 0]])).toBeNull();
  });
});

describe("50 trials over 120 episodes", () => {
  const RUNS = 40;

  test("without skill are near one half to be overfitted, and hardly ever significant", () => {
    let [significant, overfitted] = [0, 0];
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const trials = trialGrid({ seed, trials: 50, episodes: 120, edge: 0 });
      significant += (deflatedSharpe(trials)?.probability ?? 0) > 0.95 ? 1 : 0;
      overfitted += (overfittingProbability(trials, 10)?.probability ?? 0) / RUNS;
    }
    expect(significant).toBeLessThanOrEqual(2);
    expect(overfitted).toBeGreaterThan(0.4);
    expect(overfitted).toBeLessThan(0.6);
  });

  test("with a planted edge in one are found, and not overfitted", () => {
    let found = 0;
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const trials = trialGrid({ seed, trials: 50, episodes: 120, edge: 0.6 });
      const isFound = (deflatedSharpe(trials)?.probability ?? 0) > 0.95 && (overfittingProbability(trials, 10)?.probability ?? 1) < 0.1;
      found += isFound ? 1 : 0;
    }
    expect(found).toBeGreaterThan(0.9 * RUNS);
  });
});

test("trials that do not differ are at the median, and too few observations have no probability", () => {
  const returns = Array.from({ length: 40 }, (_, index) => Math.sin(index));
  expect(overfittingProbability([returns, returns, returns])?.probability).toBe(1);
  expect(overfittingProbability([returns])).toBeNull();
  expect(overfittingProbability([returns.slice(0, 15), returns.slice(0, 15)])).toBeNull();
});

test("a walk-forward follows what was best before, and never what was best in the fold itself", () => {
  const random = createRandom(5, "walk");
  const noise = () => Array.from({ length: 48 }, () => random.normal() * 0.01);
  const early = noise().map((value, index) => value + (index < 24 ? 1 : -1) * (1 + (index % 3)));
  const late = early.map((value) => -value);
  const walk = walkForward([early, late], 1);
  expect(walk?.folds.map(({ start, end }) => [start, end])).toEqual([
    [16, 24],
    [24, 32],
    [32, 40],
    [40, 48],
  ]);
  expect(walk?.folds.map(({ trial }) => trial)).toEqual([0, 0, 0, 0]);
  expect(walk?.folds.map(({ mean }) => Math.sign(mean))).toEqual([1, -1, -1, -1]);
  expect(walk?.n).toBe(32);
  expect(walkForward([early], 1)).toBeNull();
});

test("the trades of an episode share its stake, and an episode without one earns nothing", () => {
  const range = { start: 2 * HOUR_MS, end: 14 * HOUR_MS };
  const returns = [
    { time: 3 * HOUR_MS, bps: 10 },
    { time: 3.5 * HOUR_MS, bps: 20 },
    { time: 14 * HOUR_MS + 60_000, bps: -5 },
  ];
  expect(episodeReturns(returns, range, 4 * HOUR_MS)).toEqual([15, 0, 0, -5]);
});

test("the interval of a mean is by episode: trades of one episode do not make it narrower", () => {
  const random = createRandom(3, "mean");
  const episodes = Array.from({ length: 60 }, () => [random.normal() * 50]);
  const single = meanInterval(episodes, 1);
  const repeated = meanInterval(
    episodes.map(([value = 0]) => [value, value, value, value]),
    1,
  );
  expect(repeated?.low).toBeCloseTo(single?.low ?? 0, 9);
  expect(repeated?.high).toBeCloseTo(single?.high ?? 0, 9);
  expect(meanInterval(episodes, 1)).toEqual(single);
  expect(meanInterval(episodes.slice(0, 9), 1)).toBeNull();
});
