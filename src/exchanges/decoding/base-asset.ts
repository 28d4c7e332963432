/** The base asset that a venue's name stands for. */
export interface BaseAsset {
  /** The asset: PEPE. */
  readonly symbol: string;
  /** Number of units that the venue counts as one: 1000 for 1000PEPE. */
  readonly scale: number;
}

/**
 * Removes the multiplier from a venue's base asset: `1000PEPE`, `10000SATS`, `1000000MOG`, `1MBABYDOGE` and Bybit's
 * `SHIB1000`. Multipliers are powers of ten from 1000 next to a letter, so `1INCH`, `10SET` and `0G` stay unchanged.
 */
export function baseAsset(venueBase: string): BaseAsset {
  const prefixed = /^(10{3,7}|1M(?=\p{L}{3}))(\p{L}.*)$/u.exec(venueBase);
  if (prefixed !== null) {
    const [, multiplier = "", symbol = ""] = prefixed;
    return { symbol, scale: multiplier === "1M" ? 1_000_000 : Number(multiplier) };
  }
  const suffixed = /^(\p{L}{2,})1000$/u.exec(venueBase);
  return suffixed === null ? { symbol: venueBase, scale: 1 } : { symbol: suffixed[1] ?? venueBase, scale: 1000 };
}
