import { baseAsset } from "../decoding/base-asset.ts";
import type { Instrument, Scope } from "../exchange.ts";

/** The venue's own codes of assets, as keys, and their common names. */
export type AssetNames = ReadonlyMap<string, string>;

/**
 * A perpetual, from its name alone: `tBTCF0:USTF0`, `tETHF0:BTCF0`. All of them count coins of their base, so a new
 * listing needs no table. Null for all other pairs: spot margin (`tBTCUSD`), test pairs.
 */
export function bitfinexInstrument(name: string, assetNames: AssetNames = BUILT_IN_NAMES): Instrument | null {
  const [, base, quote] = /^t(?!TEST)(.+)F0:(.+)F0$/u.exec(name) ?? [];
  if (base === undefined || quote === undefined) return null;
  return {
    instrument: name,
    ...baseAsset(assetNames.get(base) ?? base),
    quote: assetNames.get(quote) ?? quote,
    contract: { kind: "base", size: 1 },
    trading: true,
  };
}

/** Finds an instrument by its name: first in the venue's table, which the rest of the collector uses. */
export function bitfinexLookup(scope: Scope): (name: string) => Instrument | null {
  return (name) => scope.instruments.get(name) ?? bitfinexInstrument(name);
}

/**
 * The names in the venue's `pub:map:currency:sym`, `[["ATO","ATOM"],["UST","USDt"],…]`, over the built-in ones; only
 * these where the response is not such a list. Rows of derivatives (`AMPF0`, `AMPLF0`) yield to those of the asset.
 */
export function readAssetNames(map: unknown): AssetNames {
  const rows = Array.isArray(map) ? map.flatMap(readName) : [];
  const plain = rows.filter(([code]) => !code.endsWith(DERIVATIVE));
  const derivative = rows
    .filter(([code]) => code.endsWith(DERIVATIVE))
    .map(([code, name]) => [withoutEnding(code), withoutEnding(name)] as const);
  return new Map([...BUILT_IN_NAMES, ...derivative, ...plain]);
}

function readName(row: unknown): readonly (readonly [code: string, name: string])[] {
  const [code, name]: readonly unknown[] = Array.isArray(row) ? row : [];
  if (typeof code !== "string" || typeof name !== "string" || code === "" || name === "") return [];
  return [[code, name.toUpperCase()]];
}

function withoutEnding(code: string): string {
  return code.endsWith(DERIVATIVE) ? code.slice(0, -DERIVATIVE.length) : code;
}

/** The suffix of a derivative's asset code. */
const DERIVATIVE = "F0";

/**
 * Codes that differ from the asset's name, as of 2026-11, until the venue's own list is loaded. LUNA is Terra Classic
 * there, and LUNA2 is the asset that others call LUNA.
 */
const BUILT_IN_NAMES: AssetNames = new Map([
  ["ALG", "ALGO"],
  ["AMP", "AMPL"],
  ["ATO", "ATOM"],
  ["BCHABC", "XEC"],
  ["BCHN", "BCH"],
  ["DAT", "DATA"],
  ["DOG", "MDOGE"],
  ["DSH", "DASH"],
  ["EDO", "PNT"],
  ["EUS", "EURS"],
  ["EUT", "EURT"],
  ["IDX", "ID"],
  ["IOT", "IOTA"],
  ["IQX", "IQ"],
  ["LUNA", "LUNC"],
  ["LUNA2", "LUNA"],
  ["MNA", "MANA"],
  ["PAS", "PASS"],
  ["QSH", "QASH"],
  ["QTM", "QTUM"],
  ["RBT", "RBTC"],
  ["SNG", "SNGLS"],
  ["STJ", "STORJ"],
  ["TERRAUST", "USTC"],
  ["TSD", "TUSD"],
  ["UDC", "USDC"],
  ["UST", "USDT"],
  ["VSY", "VSYS"],
  ["WAX", "WAXP"],
  ["XCH", "XCHF"],
  ["YYW", "YOYOW"],
  ["ZBT", "ZB"],
]);
