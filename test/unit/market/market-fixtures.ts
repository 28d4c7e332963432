import type { BookLevel, BookLevels, Instrument, FeedMessage } from "../../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../../src/liquidation.ts";
import { venueLiquidation } from "../../../src/exchanges/decoding/venue-liquidation.ts";

export const T0 = 1_790_000_000_000;

export function anInstrument(changes: Partial<Instrument> = {}): Instrument {
  return {
    instrument: "BTCUSDT",
    symbol: "BTC",
    quote: "USDT",
    scale: 1,
    contract: { kind: "base", size: 1 },
    trading: true,
    ...changes,
  };
}

export function aVenueLiquidation(changes: Partial<VenueLiquidation> = {}): VenueLiquidation {
  const word = {
    event_id: "binance:1",
    exchange: "binance",
    event_time: T0,
    price: 79_920,
    price_kind: "average_fill",
    quantity: 0.5,
    usd_value: 39_960,
    coverage: "largest_per_second",
    adapter_version: 1,
  } as const;
  return { ...venueLiquidation(anInstrument(), "long", word), ...changes };
}

export function aBook(
  action: "snapshot" | "delta",
  bids: readonly BookLevel[],
  asks: readonly BookLevel[],
  sequence: number | null = null,
  instrument = "BTCUSDT",
): Extract<FeedMessage, { readonly kind: "book" }> {
  return { kind: "book", instrument, action, bids, asks, sequence };
}

export function aMark(price: number, instrument = "BTCUSDT"): FeedMessage {
  return { kind: "mark", instrument, price, time: 0 };
}

export function readJsonBook(text: string): BookLevels | null {
  try {
    return JSON.parse(text) as BookLevels;
  } catch {
    return null;
  }
}
