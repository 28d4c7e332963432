import { type Correlations, correlationsOf, strongestKnown } from "../../src/market-state/correlations.ts";
import type { MarketDay } from "../../src/market-state/market-day.ts";
import { type PlantedDependence, simulateMarketDays } from "../market-simulation/market-days.ts";
import type { Figure } from "./figure.ts";

/** Base assets of each seed, without a dependence and with a planted one. */
const SYMBOLS = { none: 200, planted: 25 };
const DAYS = [7, 14] as const;

const PLANTED = [
  { measure: "open_interest_change", position_side: "short", lag_minutes: 15, strength: 0.3 },
  { measure: "basis", position_side: "long", lag_minutes: -15, strength: 0.15 },
  { measure: "funding_rate", position_side: "short", lag_minutes: 60, strength: 0.1 },
] as const satisfies readonly PlantedDependence[];

/** How often correlations are claimed of independent series, and how often planted ones are found at their lag. */
export function marketStateFigures(seeds: readonly number[]): Promise<readonly Figure[]> {
  const symbols = (count: number) => seeds.flatMap((seed) => Array.from({ length: count }, (_, index) => 1_000 * seed + index));
  return Promise.resolve(
    DAYS.flatMap((days) => [
      nullFigure(symbols(SYMBOLS.none), days),
      ...PLANTED.map((one) => plantedFigure(symbols(SYMBOLS.planted), days, one)),
    ]),
  );
}

function nullFigure(symbols: readonly number[], days: number): Figure {
  const claimed = symbols.filter((seed) => strongest(simulateMarketDays({ seed, days, planted: null }), seed) !== undefined).length;
  const measured = `${claimed} of ${symbols.length} (${percent(claimed / symbols.length)})`;
  return { what: `base assets with any correlation shown, of ${days} days without a dependence`, measured, target: "about 5 %" };
}

function plantedFigure(symbols: readonly number[], days: number, planted: PlantedDependence): Figure {
  const found = symbols.filter((seed) => {
    const best = strongest(simulateMarketDays({ seed, days, planted }), seed);
    return best?.measure === planted.measure && best.position_side === planted.position_side && best.lag_minutes === planted.lag_minutes;
  });
  const what = `${planted.measure} at ${planted.lag_minutes} min, planted with ${planted.strength}, strongest at its lag in ${days} days`;
  const target = days === 14 ? "at least 80 %" : "";
  return { what, measured: percent(found.length / symbols.length), target };
}

function strongest(days: readonly MarketDay[], seed: number) {
  const correlations: Correlations = correlationsOf(days, seed);
  return strongestKnown({ to_time: 0, correlations }, 0)[0];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
