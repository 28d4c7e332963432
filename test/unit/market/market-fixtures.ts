import type { BookLevel, BookLevels, Instrument, Reading } from "../../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../../src/liquidation.ts";

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
  return {
    event_id: "binance:1",
    exchange: "binance",
    instrument: "BTCUSDT",
    symbol: "BTC",
    quote: "USDT",
    event_time: T0,
    position_side: "long",
    order_side: "sell",
    price: 79_920,
    price_kind: "average_fill",
    quantity: 0.5,
    contracts: null,
    usd_value: 39_960,
    order_type: null,
    time_in_force: null,
    order_status: null,
    average_price: null,
    limit_price: null,
    last_filled_quantity: null,
    bankruptcy_loss: null,
    coverage: "largest_per_second",
    adapter_version: 1,
    ...changes,
  };
}

export function aBook(
  action: "snapshot" | "delta",
  bids: readonly BookLevel[],
  asks: readonly BookLevel[],
  sequence: number | null = null,
  instrument = "BTCUSDT",
): Extract<Reading, { readonly kind: "book" }> {
  return { kind: "book", instrument, action, bids, asks, sequence };
}

export function aMark(price: number, instrument = "BTCUSDT"): Reading {
  return { kind: "mark", instrument, price, time: 0 };
}

export function readJsonBook(text: string): BookLevels | null {
  try {
    return JSON.parse(text) as BookLevels;
  } catch {
    return null;
  }
}
