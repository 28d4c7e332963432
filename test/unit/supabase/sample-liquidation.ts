import { completeLiquidation } from "../../../src/complete-liquidation.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { venueLiquidation } from "../../../src/exchanges/decoding/venue-liquidation.ts";
import { anInstrument } from "../market/market-fixtures.ts";

/** Inside the current month of the tests' clock, so that rows have a partition of their own. */
export const SAMPLE_TIME = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;

/** A liquidation of Bybit, one second later for each number. */
export function sampleLiquidation(number: number, overrides: Partial<Liquidation> = {}): Liquidation {
  const time = SAMPLE_TIME + number * 1000;
  const venue = venueLiquidation(anInstrument(), "long", {
    event_id: `bybit:BTCUSDT:${String(number).padStart(6, "0")}`,
    exchange: "bybit",
    event_time: time,
    price: 87_123.4,
    price_kind: "bankruptcy",
    quantity: 0.1 + 0.2,
    usd_value: 1000,
    coverage: "all_reported",
    adapter_version: 1,
  });
  const liquidation = completeLiquidation(venue, {
    received_time: time + 37,
    source: "stream",
    gap_before_ms: 0,
    mark_price: 87_100.1,
    mark_age_ms: 250,
    funding_rate: -0.000012,
  });
  return { ...liquidation, ...overrides };
}

export const sampleLiquidations = (count: number, first = 0): readonly Liquidation[] =>
  Array.from({ length: count }, (_, index) => sampleLiquidation(first + index));
