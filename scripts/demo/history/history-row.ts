import { restoreLiquidation } from "../../../src/complete-liquidation.ts";
import { eventId } from "../../../src/exchanges/decoding/event-id.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { ExchangeName, Liquidation, PriceKind } from "../../../src/liquidation.ts";
import { SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import { assetOf } from "../../simulator/assets.ts";
import type { MarketLiquidation, Quote } from "../../simulator/market.ts";

interface VenueHabits {
  readonly instrument: (symbol: string) => string;
  readonly priceKind: PriceKind;
  /** Coins of a contract, where the venue counts contracts. */
  readonly contract: (symbol: string) => number | null;
  /** From the event to its frame, ms. */
  readonly delayMs: number;
}

const HABITS: Readonly<Record<Exclude<ExchangeName, "kucoin">, VenueHabits>> = {
  binance: { instrument: (symbol) => `${symbol}USDT`, priceKind: "average_fill", contract: () => null, delayMs: 980 },
  bybit: { instrument: (symbol) => `${symbol}USDT`, priceKind: "bankruptcy", contract: () => null, delayMs: 350 },
  okx: {
    instrument: (symbol) => `${symbol}-USDT-SWAP`,
    priceKind: "liquidation_mark",
    contract: (symbol) => assetOf(symbol).okxContract,
    delayMs: 700,
  },
  bitfinex: { instrument: (symbol) => `t${symbol}F0:USTF0`, priceKind: "acquired", contract: () => null, delayMs: 500 },
};

/**
 * A liquidation of the market as its venue would have published it, with what the market said at that moment; what only the hub
 * computes is unknown.
 * @param scale what the market's prices are multiplied with
 */
export function historyRow({ exchange, symbol, side, time, usd, mark }: MarketLiquidation, quote: Quote, scale: number): Liquidation {
  if (exchange === "kucoin") throw new RangeError("kucoin publishes no liquidations");
  const { instrument, priceKind, contract, delayMs } = HABITS[exchange];
  const { tick, step } = assetOf(symbol);
  const markPrice = mark * scale;
  // A position is closed at a price a little worse than the mark.
  const price = Math.round((markPrice * (side === "long" ? 0.9997 : 1.0003)) / tick) * tick;
  const size = contract(symbol);
  const contracts = size === null ? null : Math.max(1, Math.round(usd / markPrice / size));
  const quantity = contracts === null || size === null ? Math.max(1, Math.round(usd / markPrice / step)) * step : contracts * size;
  const orderSide = side === "long" ? "sell" : "buy";
  const { coverage, adapterVersion } = exchanges[exchange];
  return restoreLiquidation({
    event_id: eventId(exchange, instrument(symbol), time, orderSide, contracts ?? quantity, price),
    exchange,
    instrument: instrument(symbol),
    symbol,
    quote: "USDT",
    event_time: time,
    received_time: time + delayMs,
    position_side: side,
    order_side: orderSide,
    price,
    price_kind: priceKind,
    quantity,
    contracts,
    usd_value: quantity * price,
    notional_mark_usd: quantity * markPrice,
    mark_price: markPrice,
    mark_age_ms: 0,
    index_price: quote.index * scale,
    funding_rate: quote.fundingRate,
    open_interest_usd: quote.openInterest * markPrice,
    coverage,
    gap_before_ms: 0,
    source: "stream",
    schema_version: SCHEMA_VERSION,
    adapter_version: adapterVersion,
  });
}
