import { ENTRY_DELAYS_S } from "../entry-delays.ts";
import { type Trade, returnTrades } from "../trade.ts";
import { meanOf } from "./moments.ts";

/** What the trades of `returnTrades` are worth where they are entered later, with the same exit. */
export interface WorthAtDelay {
  readonly delay_s: number;
  /** Number of trades with a price at this delay. */
  readonly trades: number;
  readonly gross_return_bps: number | null;
  readonly net_return_bps: number | null;
}

/** One row per delay from the decision on, over the trades that have a price then. */
export function worthByDelay(trades: readonly Trade[]): readonly WorthAtDelay[] {
  const counted = returnTrades(trades);
  return ENTRY_DELAYS_S.map((delay_s, index) => {
    const known = counted.flatMap(({ delayed_gross_bps: delayed, gross_return_bps: gross, net_return_bps: net }) => {
      const value = delayed[index] ?? null;
      return value === null || gross === null ? [] : [{ gross: value, net: net === null ? null : value - (gross - net) }];
    });
    return {
      delay_s,
      trades: known.length,
      gross_return_bps: meanOf(known.map(({ gross }) => gross)),
      net_return_bps: meanOf(known.flatMap(({ net }) => net ?? [])),
    };
  });
}
