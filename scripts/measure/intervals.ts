import {
  type ClusteredMean,
  type Interval,
  blockLength,
  clusteredMean,
  meanInterval,
  rateInterval,
} from "../../src/scoreboard/clustered-interval.ts";
import { episodeOf } from "../../src/scoreboard/episode.ts";
import { HORIZONS, type Horizon } from "../../src/grades/grade.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { type Random, createRandom } from "../simulator/random.ts";

/** How an analyst without an edge decides: by the last move, always the same way, or mostly one way for some days. */
export const HABITS = ["fades", "buys", "leans"] as const;
export type Habit = (typeof HABITS)[number];

const STEP_MS = 5 * MINUTE_MS;
const STEPS_A_DAY = DAY_MS / STEP_MS;
const SYMBOLS = 3;
const COST_BPS = 10;
/** Standard deviation of an hour's return, bps, and of the logarithm of the volatility, which changes within a day. */
const HOUR_BPS = 60;
const LOG_VOLATILITY = 0.5;
const VOLATILITY_DAYS = 1;
/** Steps between two decisions on a symbol. */
const COOLDOWN = 3;

interface Market {
  /** Log price by symbol and step, bps. */
  readonly prices: readonly Float64Array[];
  /** Logarithm of the volatility by step. */
  readonly activity: Float64Array;
}

/** Three symbols that move together, with a volatility that wanders and rare jumps. */
function simulatedPrices(days: number, random: Random): Market {
  const steps = days * STEPS_A_DAY;
  const prices = Array.from({ length: SYMBOLS }, () => new Float64Array(steps + 1));
  const activity = new Float64Array(steps);
  const stays = Math.exp(-1 / (VOLATILITY_DAYS * STEPS_A_DAY));
  let level = LOG_VOLATILITY * random.normal();
  for (let step = 0; step < steps; step += 1) {
    level = stays * level + LOG_VOLATILITY * Math.sqrt(1 - stays ** 2) * random.normal();
    activity[step] = level;
    const size = (HOUR_BPS / Math.sqrt(12)) * Math.exp(level - LOG_VOLATILITY ** 2 / 2) * (random.chance(1 / STEPS_A_DAY) ? 4 : 1);
    const common = random.normal();
    for (const path of prices) path[step + 1] = (path[step] ?? 0) + size * (0.85 * common + 0.527 * random.normal());
  }
  return { prices, activity };
}

interface SimulatedDecision {
  readonly time: number;
  readonly net: Readonly<Record<"1h" | "24h", number>>;
}

/** Decisions of an analyst without an edge: in bursts over several symbols, more of them in wild markets. */
export function simulatedDecisions(seed: number, days: number, habit: Habit): readonly SimulatedDecision[] {
  const random = createRandom(seed, `intervals/${habit}/${days}`);
  const { prices, activity } = simulatedPrices(days + 1, random);
  const decisions: SimulatedDecision[] = [];
  const last = prices.map(() => -COOLDOWN);
  let lean = random.chance(0.5) ? 1 : -1;
  let burst = 0;
  for (let step = COOLDOWN; step < days * STEPS_A_DAY; step += 1) {
    if (random.chance(1 / (4 * STEPS_A_DAY))) lean = -lean;
    if (random.chance((1.6 / STEPS_A_DAY) * Math.exp(activity[step] ?? 0))) burst = 12 + random.integer(24);
    if (burst === 0) continue;
    burst -= 1;
    for (const [index, path] of prices.entries()) {
      if (step - (last[index] ?? 0) < COOLDOWN || !random.chance(0.2)) continue;
      last[index] = step;
      const price = (at: number) => path[at] ?? 0;
      const faded = price(step) > price(step - COOLDOWN) ? -1 : 1;
      const direction = habit === "buys" ? 1 : habit === "fades" ? faded : random.chance(0.85) ? lean : -lean;
      const net = (horizon: Horizon) => direction * (price(step + HORIZONS[horizon] / STEP_MS) - price(step)) - COST_BPS;
      decisions.push({ time: step * STEP_MS, net: { "1h": net("1h"), "24h": net("24h") } });
    }
  }
  return decisions;
}

export interface Coverage {
  /** Share of the records whose interval holds the true hit rate, and the true mean net return. */
  readonly hitRate: number;
  readonly meanReturn: number;
  /** The same of the interval for independent decisions (Wilson 1927). */
  readonly hitRateIfIndependent: number;
  readonly decisions: number;
  readonly effective: number;
}

/** How often the 95 % intervals hold the truth, over records of so many days. The true hit rate is that of all together. */
export function coverage(seed: number, records: number, days: number, habit: Habit, horizon: "1h" | "24h"): Coverage {
  const simulated = Array.from({ length: records }, (_, index) => simulatedDecisions(1_000 * seed + index, days, habit));
  const samples = simulated.filter(({ length }) => length >= 20);
  const all = samples.flat();
  const rate = all.filter(({ net }) => net[horizon] > 0).length / all.length;
  const found = samples.map((decisions) => {
    const of = (value: (net: number) => number) => {
      return clusteredMean(
        decisions.map(({ time, net }) => ({ episode: episodeOf(time), value: value(net[horizon]) })),
        blockLength(horizon),
      );
    };
    const [hits, returns] = [of((net) => (net > 0 ? 1 : 0)), of((net) => net)];
    return {
      hitRate: holds(hits, rateInterval, rate),
      meanReturn: holds(returns, meanInterval, -COST_BPS),
      hitRateIfIndependent: holds(hits, wilson, rate),
      decisions: decisions.length,
      effective: hits?.effective_n ?? 0,
    };
  });
  const share = (of: (one: (typeof found)[number]) => number) => found.reduce((sum, one) => sum + of(one), 0) / found.length;
  return {
    hitRate: share((one) => one.hitRate),
    meanReturn: share((one) => one.meanReturn),
    hitRateIfIndependent: share((one) => one.hitRateIfIndependent),
    decisions: share((one) => one.decisions),
    effective: share((one) => one.effective),
  };
}

function holds(mean: ClusteredMean | null, intervalOf: (mean: ClusteredMean) => Interval | null, truth: number): number {
  const interval = mean === null ? null : intervalOf(mean);
  return interval !== null && interval.low <= truth && truth <= interval.high ? 1 : 0;
}

function wilson(hits: ClusteredMean): Interval {
  const z2 = 1.96 ** 2 / hits.decisions;
  const centre = (hits.mean + z2 / 2) / (1 + z2);
  const half = Math.sqrt(z2 * (hits.mean * (1 - hits.mean) + z2 / 4)) / (1 + z2);
  return { low: centre - half, high: centre + half };
}
