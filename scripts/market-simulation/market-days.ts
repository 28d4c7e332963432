import { STEP_MS, type Measure } from "../../src/market-state/lags.ts";
import { type MarketDay, STEPS_PER_DAY } from "../../src/market-state/market-day.ts";
import type { PositionSide } from "../../src/liquidation.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import { type Random, createRandom } from "../simulator/random.ts";

/** A dependence of the flow of one side: what the measure is at a time raises the flow that many minutes later. */
export interface PlantedDependence {
  readonly measure: Measure;
  readonly position_side: PositionSide;
  readonly lag_minutes: number;
  /** Logarithm of the factor of the flow by a standard deviation of the measure. */
  readonly strength: number;
}

export interface SimulatedDays {
  readonly seed: number;
  readonly days: number;
  readonly planted: PlantedDependence | null;
}

/** The persistence of an hour's or so of the basis, and of half a day of the flow, by step. */
const BASIS_PERSISTENCE = 0.95;
const FLOW_PERSISTENCE = 0.99;
/** Share of steps with a liquidation where the flow is as usual. */
const USUAL_CHANCE = 0.7;

/**
 * Days of a base asset whose funding is a slow random walk, whose basis returns slowly to 0, whose open interest changes in bursts
 * with fat tails, and whose liquidations come in waves of hours and at the same hours every day. Unless planted, the flow depends on
 * nothing of the market.
 */
export function simulateMarketDays({ seed, days, planted }: SimulatedDays): readonly MarketDay[] {
  const steps = days * STEPS_PER_DAY;
  const random = createRandom(seed, "market-days");
  const market = {
    funding_rate: standardised(walk(random, steps, 1)),
    open_interest_change: standardised(bursts(random, steps)),
    basis: standardised(walk(random, steps, BASIS_PERSISTENCE)),
  };
  const flow = (side: PositionSide) => {
    const wave = walk(random, steps, FLOW_PERSISTENCE).map((value) => value * Math.sqrt(1 - FLOW_PERSISTENCE ** 2));
    return wave.map((level, step) => flowOf(random, level + dailyRhythm(step) + plantedLevel(planted, side, market, step)));
  };
  const [long, short] = [flow("long"), flow("short")];
  return Array.from({ length: days }, (_, day) => {
    const part = <T>(values: readonly T[]) => values.slice(day * STEPS_PER_DAY, (day + 1) * STEPS_PER_DAY);
    return {
      flow: { long: part(long), short: part(short) },
      market: {
        funding_rate: part(market.funding_rate),
        open_interest_change: part(market.open_interest_change),
        basis: part(market.basis),
      },
    };
  });
}

function plantedLevel(planted: PlantedDependence | null, side: PositionSide, market: MarketDay["market"], step: number): number {
  if (planted === null || planted.position_side !== side) return 0;
  const cause = market[planted.measure][step - (planted.lag_minutes * MINUTE_MS) / STEP_MS] ?? null;
  return cause === null ? 0 : planted.strength * cause;
}

/** USD of a step: none, or a size with a heavy tail. */
function flowOf(random: Random, level: number): number {
  const isNone = !random.chance(1 - (1 - USUAL_CHANCE) ** Math.exp(level));
  return isNone ? 0 : Math.exp(10 + level + 1.5 * random.normal());
}

function dailyRhythm(step: number): number {
  return 0.7 * Math.sin((2 * Math.PI * step) / STEPS_PER_DAY);
}

function walk(random: Random, steps: number, persistence: number): readonly number[] {
  let value = 0;
  return Array.from({ length: steps }, () => (value = persistence * value + random.normal()));
}

function bursts(random: Random, steps: number): readonly number[] {
  let volatility = 0;
  return Array.from({ length: steps }, () => {
    volatility = 0.97 * volatility + 0.2 * random.normal();
    return Math.exp(volatility) * random.normal();
  });
}

function standardised(values: readonly number[]): readonly number[] {
  const changes = values.map((value, step) => value - (values[step - 1] ?? 0));
  const size = Math.sqrt(changes.reduce((sum, change) => sum + change ** 2, 0) / changes.length);
  return values.map((value) => value / size);
}
