import { restoreLiquidation } from "../../../src/complete-liquidation.ts";
import { eventId } from "../../../src/exchanges/decoding/event-id.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { ExchangeName, Liquidation, PriceKind } from "../../../src/liquidation.ts";
import { assetOf, onGrid, quantityOnGrid } from "../../simulator/assets.ts";
import type { MarketLiquidation } from "../../simulator/market.ts";

interface VenueHabits {
  readonly instrument: (symbol: string) => string;
  /** USDT by default. */
  readonly quote?: string;
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
  deribit: {
    instrument: (symbol) => `${symbol}_USDC-PERPETUAL`,
    quote: "USDC",
    priceKind: "fill",
    contract: () => null,
    delayMs: 100,
  },
  bitmex: {
    instrument: (symbol) => `${symbol === "BTC" ? "XBT" : symbol}USDT`,
    priceKind: "order",
    contract: (symbol) => (symbol === "BTC" ? 1e-6 : 1e-5),
    delayMs: 0,
  },
  aster: { instrument: (symbol) => `${symbol}USDT`, priceKind: "average_fill", contract: () => null, delayMs: 40 },
  lighter: {
    instrument: (symbol) => `${symbol}:${["ETH", "BTC", "SOL"].indexOf(symbol)}`,
    quote: "USDC",
    priceKind: "fill",
    contract: () => null,
    delayMs: 100,
  },
  gate: {
    instrument: (symbol) => `${symbol}_USDT`,
    priceKind: "order",
    contract: (symbol) => assetOf(symbol).gateMultiplier,
    delayMs: 600,
  },
  bitget: { instrument: (symbol) => `${symbol}USDT`, priceKind: "bankruptcy", contract: () => null, delayMs: 1500 },
  htx: { instrument: (symbol) => `${symbol}-USDT`, priceKind: "order", contract: (symbol) => assetOf(symbol).htxContract, delayMs: 100 },
};

/** More than any size has, fewer than binary fractions show. */
const DIGITS = 12;

function habitsOf(exchange: ExchangeName): VenueHabits {
  if (exchange === "kucoin") throw new RangeError("kucoin publishes no liquidations");
  return HABITS[exchange];
}

/** When the frame of a liquidation reaches a feed that is connected, ms. */
export function receiptOf({ exchange, time }: Pick<MarketLiquidation, "exchange" | "time">): number {
  return time + habitsOf(exchange).delayMs;
}

/** A liquidation of the market as its venue publishes it; all else is unknown. */
export function historyRow({ exchange, symbol, side, time, usd, mark }: MarketLiquidation): Liquidation {
  const { instrument, quote = "USDT", priceKind, contract } = habitsOf(exchange);
  const { tick, step } = assetOf(symbol);
  // A position is closed at a price a little worse than the mark.
  const price = Number(onGrid(mark * (side === "long" ? 0.9997 : 1.0003), tick));
  const size = contract(symbol);
  const contracts = size === null ? null : Math.max(1, Math.round(usd / mark / size));
  const quantity =
    contracts === null || size === null ? Number(quantityOnGrid(usd / mark, step)) : Number((contracts * size).toPrecision(DIGITS));
  const orderSide = side === "long" ? "sell" : "buy";
  const { coverage, adapterVersion } = exchanges[exchange];
  return restoreLiquidation({
    event_id: eventId(exchange, instrument(symbol), time, orderSide, contracts ?? quantity, price),
    exchange,
    instrument: instrument(symbol),
    symbol,
    quote,
    event_time: time,
    position_side: side,
    order_side: orderSide,
    price,
    price_kind: priceKind,
    quantity,
    contracts,
    usd_value: quantity * price,
    time_kind: "venue",
    coverage,
    adapter_version: adapterVersion,
  });
}
