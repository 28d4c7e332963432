import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { type SignalInput, dominantOf } from "../signals/signal-input.ts";

/** What a decision was about, in the few numbers of its input that a message states; null where unknown. */
export interface SignalContext {
  /** The side with more liquidated USD in the compared window; null where both have the same. */
  readonly side: PositionSide | null;
  /** USD of that side. */
  readonly side_usd: number | null;
  readonly long_usd: number | null;
  readonly short_usd: number | null;
  /** The venue of the mark price and of the return. */
  readonly mark_exchange: ExchangeName | null;
  readonly mark_price: number | null;
  readonly return_15m_bps: number | null;
  /** Venues with liquidations in the window, and connected venues that publish them. */
  readonly exchanges: readonly ExchangeName[];
  /** Venues that were not connected for a part of the window or the one before. */
  readonly missing_exchanges: readonly ExchangeName[];
}

/** Null where the input cannot be read. */
export function signalContext(input: SignalInput | null): SignalContext | null {
  const compared = input?.windows.find(({ window }) => window === input.window);
  if (input === null || compared === undefined) return null;
  const { long, short } = compared.sides;
  const side = dominantOf(compared.sides)?.side ?? null;
  const { mark_exchange, mark_price, return_15m_bps } = input.market;
  return {
    side,
    side_usd: side === null ? null : compared.sides[side].usd,
    long_usd: long.usd,
    short_usd: short.usd,
    mark_exchange,
    mark_price,
    return_15m_bps,
    exchanges: Object.keys(input.exchanges) as ExchangeName[],
    missing_exchanges: [...new Set(input.gaps.map(({ exchange }) => exchange))],
  };
}
