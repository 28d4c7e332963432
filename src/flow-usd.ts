import type { Liquidation } from "./liquidation.ts";

/**
 * The USD that a liquidation adds to every sum, window, share and total, called flow USD: its notional at the mark price
 * where that is known, else its value as reported. Venues report prices of different kinds: Bybit's bankruptcy price
 * lies 0.5 to 5 % beyond the mark, below it for longs and above it for shorts, which would tilt the two sides against
 * each other. Null where both are unknown.
 */
export function flowUsd({ notional_mark_usd, usd_value }: Pick<Liquidation, "notional_mark_usd" | "usd_value">): number | null {
  return notional_mark_usd ?? usd_value;
}

/** The same as an SQL expression over the columns of a liquidation. */
export const FLOW_USD_SQL = "coalesce(notional_mark_usd, usd_value)";
