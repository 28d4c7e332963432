import { env } from "cloudflare:workers";
import type { EstimatesBySymbol } from "../../src/estimates/estimate-block.ts";
import { ESTIMATE_METHODS, type VenueSideEstimate, withheld } from "../../src/estimates/estimate.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import { writeMinuteEstimates } from "../../workers/d1/estimate-writes.ts";

/** What a venue reported in a minute, half as much again in all. */
export function planted(changes: Partial<VenueSideEstimate> = {}): VenueSideEstimate {
  return {
    exchange: "binance",
    position_side: "long",
    reported_usd: 1_000,
    estimated_usd: 1_500,
    low_usd: 1_200,
    high_usd: 2_000,
    reported_events: 10,
    estimated_events: 21.5,
    method: ESTIMATE_METHODS.largest_per_second,
    status: "experimental",
    reason: "no second complete venue to test it on",
    ...changes,
  };
}

export const COMPLETE = planted({
  exchange: "bybit",
  estimated_usd: 1_000,
  low_usd: 1_000,
  high_usd: 1_000,
  estimated_events: 10,
  method: ESTIMATE_METHODS.complete,
  status: "validated",
  reason: null,
});

export const WITHHELD: VenueSideEstimate = {
  exchange: "okx",
  position_side: "short",
  ...withheld({ reported_usd: 400, reported_events: 4 }, ESTIMATE_METHODS.one_per_second, "13 days were fitted, 14 are needed"),
};

/** Stores the same estimates for so many minutes from a time on, which are then settled. */
export async function plantEstimates(from: number, minutes: number, bySymbol: EstimatesBySymbol): Promise<void> {
  const blocks = Array.from({ length: minutes }, (_, index) => ({ time: from + index * MINUTE_MS, estimates: bySymbol }));
  await writeMinuteEstimates(env.DB, blocks, { from, settled: from + minutes * MINUTE_MS });
}
