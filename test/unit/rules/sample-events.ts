import type { RuleLiquidation } from "../../../src/rules/rule-fields.ts";

/** A liquidation as rules see it, with the fields that a test sets. */
export function sampleEvent(changes: Partial<RuleLiquidation> & Pick<RuleLiquidation, "received_time">): RuleLiquidation {
  const { received_time: time } = changes;
  return {
    event_id: `e-${time}`,
    exchange: "okx",
    symbol: "BTC",
    event_time: time,
    position_side: "long",
    usd_value: 1_000,
    notional_mark_usd: 1_000,
    price: 60_000,
    quantity: 1,
    slippage_to_mark_bps: 0,
    depth_share: 0.1,
    venue_leverage: null,
    cum_usd_1m: null,
    cum_usd_5m: null,
    cum_usd_15m: null,
    velocity_usd_per_s: null,
    cascade_score: null,
    branching_ratio: null,
    concurrent_exchanges: 1,
    burst_age_ms: 0,
    mark_price: 60_000,
    index_price: null,
    funding_rate: null,
    open_interest_usd: null,
    spread_bps: 1,
    bid_depth_usd: null,
    ask_depth_usd: null,
    imbalance_ratio: null,
    volatility_5m: null,
    cascade_id: null,
    coverage: "largest_per_second",
    ...changes,
  };
}
