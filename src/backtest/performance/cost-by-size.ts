import { type Trade, returnTrades } from "../trade.ts";
import { meanOf } from "./moments.ts";

/** The sizes of a trade, USD, and their impact. */
const SIZES = [
  { size_usd: 10_000, impact: "impact_10k_bps" },
  { size_usd: 100_000, impact: "impact_100k_bps" },
  { size_usd: 1_000_000, impact: "impact_1m_bps" },
] as const;

/** What a trade of one size costs and is worth, as means over `returnTrades`, bps; null where it is unknown for all of them. */
export interface CostOfSize {
  readonly size_usd: number;
  /** Number of trades that the means are of. */
  readonly trades: number;
  readonly gross_return_bps: number | null;
  readonly fee_bps: number | null;
  readonly spread_bps: number | null;
  readonly impact_bps: number | null;
  readonly funding_bps: number | null;
  readonly net_return_bps: number | null;
}

export function costsBySize(trades: readonly Trade[]): readonly CostOfSize[] {
  const counted = returnTrades(trades);
  return SIZES.map(({ size_usd, impact }) => {
    const mean = (value: (trade: Trade) => number | null) => meanOf(counted.flatMap((trade) => value(trade) ?? []));
    return {
      size_usd,
      trades: counted.length,
      gross_return_bps: mean((trade) => trade.gross_return_bps),
      fee_bps: mean((trade) => trade.fee_bps),
      spread_bps: mean((trade) => trade.spread_bps),
      impact_bps: mean((trade) => trade[impact]),
      funding_bps: mean((trade) => trade.funding_bps),
      net_return_bps: mean((trade) => netAtSize(trade, impact)),
    };
  });
}

function netAtSize(trade: Trade, impact: (typeof SIZES)[number]["impact"]): number | null {
  const { net_return_bps: net, impact_10k_bps: included } = trade;
  const other = trade[impact];
  return net === null || included === null || other === null ? null : net + included - other;
}
