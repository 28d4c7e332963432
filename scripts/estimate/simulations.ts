import type { VenueTape } from "../../src/estimates/tape.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { SizedEvent } from "../../src/estimates/throttle.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { createRandom } from "../simulator/random.ts";
import { type TapeOptions, type TapeVenue, simulatedTapes } from "./simulated-tapes.ts";

interface Simulation {
  readonly market: Partial<TapeOptions>;
  /** The venue to fit on, and the one to test on. */
  readonly venues: readonly [fit: TapeVenue, test: TapeVenue];
  /** The market of the venue to test on, where it clusters otherwise. */
  readonly tested?: Partial<TapeOptions>;
}

const USUAL: Simulation = { market: {}, venues: [{}, { share: 0.6, sizeScale: 1.4 }] };

/** Two venues that publish every liquidation, in markets that do and do not hold what the model supposes. */
export const SIMULATIONS = {
  same: USUAL,
  /** Liquidations set off more others, and sooner: the known failure. */
  "faster-clusters": { ...USUAL, tested: { branching: 0.9, delayS: 1 } },
  /** A fifth of them come with two more at the same moment. */
  volleys: { ...USUAL, venues: [{}, { share: 0.6, volleys: { share: 0.2, more: 2 } }] },
  "little-clustering": { ...USUAL, tested: { branching: 0.3 } },
} as const satisfies Readonly<Record<string, Simulation>>;
export type SimulationName = keyof typeof SIMULATIONS;

export const SIMULATED_DAYS = 14;
export const SIMULATED_RANGE = { start: 0, end: SIMULATED_DAYS * DAY_MS };

export function simulatedVenues(name: SimulationName, seed: number): readonly VenueTape[] {
  const { market, venues, tested }: Simulation = SIMULATIONS[name];
  const options = { days: SIMULATED_DAYS, ...market };
  const [fit = [], same = []] = simulatedTapes(options, venues, createRandom(seed, "estimates"));
  const [other = []] = tested === undefined ? [same] : simulatedTapes({ ...options, ...tested }, [venues[1]], createRandom(seed, name));
  return [completeVenue("bybit", fit), completeVenue("gate", other)];
}

/** A venue that publishes every liquidation of one contract. */
export function completeVenue(exchange: ExchangeName, events: readonly SizedEvent[]): VenueTape {
  return { exchange, throttle: "complete", contracts: [{ symbol: "BTC", contract: "BTCUSDT", events }] };
}
