import type { Instrument } from "../exchange.ts";

/** The size of a liquidation in units that are comparable between venues. */
export interface Valuation {
  /** Price in quote per base unit. */
  readonly price: number | null;
  /** Quantity in base units. */
  readonly quantity: number | null;
  readonly usd_value: number | null;
}

/**
 * Values `size` units of an instrument, as counted by the venue, at the venue's price.
 *
 * Linear: coins = size × contract size, USD = coins × price, with USDT and USDC taken as 1 USD; other quotes have no
 * USD value. Inverse: USD = contracts × contract value, whatever the price, and coins = USD / price. Values that depend
 * on an unknown size, contract or price are null.
 */
export function valuate(instrument: Instrument, size: number | null, venuePrice: number | null): Valuation {
  const { contract, scale } = instrument;
  const price = basePrice(instrument, venuePrice);
  if (contract.kind === "inverse") {
    const usd = product(size, contract.usd);
    return { price, quantity: usd === null || price === null ? null : usd / price, usd_value: usd };
  }
  const units = product(size, contract.size);
  const worth = isDollar(instrument.quote) && price !== null ? product(units, venuePrice) : null;
  return { price, quantity: product(units, scale), usd_value: worth };
}

/** `size` units in base units, as in `valuate`, without the value. */
export function baseQuantity(instrument: Instrument, size: number | null, venuePrice: number | null): number | null {
  const { contract, scale } = instrument;
  if (contract.kind === "base") return product(product(size, contract.size), scale);
  return valuate(instrument, size, venuePrice).quantity;
}

/** A venue's price per base unit: that of 1000PEPE divided by 1000. Null where it is not above zero. */
export function basePrice(instrument: Instrument, venuePrice: number | null): number | null {
  return venuePrice === null || venuePrice <= 0 ? null : venuePrice / instrument.scale;
}

function product(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left * right;
}

/** Whether a price in this quote is one in USD; USDT and USDC are taken as 1. */
export function isDollar(quote: string): boolean {
  return DOLLARS.has(quote);
}

const DOLLARS: ReadonlySet<string> = new Set(["USDT", "USDC", "USD"]);
