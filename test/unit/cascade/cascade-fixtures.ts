import type { Baseline } from "../../../src/cascade/cross-venue-fields.ts";
import type { CrossVenueOptions } from "../../../src/cascade/cross-venue-state.ts";
import { completeLiquidation } from "../../../src/complete-liquidation.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { aVenueLiquidation, T0 } from "../market/market-fixtures.ts";

export { T0 };

let count = 0;

/** A long of 1 000 USD on Binance at T0, received when it happened, unless said otherwise; ids differ. */
export function aLiquidation(changes: Partial<Liquidation> = {}): Liquidation {
  count += 1;
  const event_time = changes.event_time ?? T0;
  const known = { received_time: event_time, source: "stream", gap_before_ms: 0 } as const;
  return {
    ...completeLiquidation(aVenueLiquidation({ event_id: `id-${count}`, usd_value: 1000 }), known),
    ...changes,
    event_time,
  };
}

export const FLAT_BASELINE: Baseline = { medianVelocity: 100, medianEvents1m: 2, hawkes: null };

export function stateOptions(changes: Partial<CrossVenueOptions> = {}): CrossVenueOptions {
  return {
    lagResolutionMs: (exchange) => (exchange === "bybit" ? 500 : 1000),
    baseline: () => FLAT_BASELINE,
    ...changes,
  };
}
