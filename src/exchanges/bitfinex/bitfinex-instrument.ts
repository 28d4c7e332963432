import { baseAsset } from "../decoding/base-asset.ts";
import type { Instrument, Scope } from "../exchange.ts";

/**
 * A perpetual settled in USDt, by its name alone: `tBTCF0:USTF0`. Every one counts in coins, so a new listing needs
 * no table. Null for all other pairs: spot (`tBTCUSD`), those settled in BTC, those for testing.
 */
export function bitfinexInstrument(name: string): Instrument | null {
  const [, code] = /^t(.+)F0:USTF0$/u.exec(name) ?? [];
  if (code === undefined) return null;
  return {
    instrument: name,
    ...baseAsset(ASSET_BY_CODE.get(code) ?? code),
    quote: "USDT",
    contract: { kind: "base", size: 1 },
    trading: true,
  };
}

/** Finds an instrument by its name: in the venue's table first, since it is what the rest of the collector goes by. */
export function bitfinexLookup(scope: Scope): (name: string) => Instrument | null {
  const unlisted = new Map<string, Instrument | null>();
  return (name) => {
    const known = scope.instruments.get(name) ?? unlisted.get(name);
    if (known !== undefined) return known;
    const instrument = bitfinexInstrument(name);
    unlisted.set(name, instrument);
    return instrument;
  };
}

/** Codes of its own, as of the venue's `pub:map:currency:sym`, for assets that have a perpetual. */
const ASSET_BY_CODE: ReadonlyMap<string, string> = new Map([
  ["ALG", "ALGO"],
  ["AMP", "AMPL"],
  ["IOT", "IOTA"],
]);
