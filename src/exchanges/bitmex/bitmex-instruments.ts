import { baseAsset } from "../decoding/base-asset.ts";
import { type JsonObject, isObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import type { Endpoints, Instrument, RequestJson } from "../exchange.ts";

/** The sizes of the others are unknown until the table is loaded, and those of quanto contracts (ETHUSD, SOLUSD) always. */
export const bitmexFallbackInstruments: readonly Instrument[] = [
  contractNamed("XBTUSD", { kind: "inverse", usd: 1 }),
  contractNamed("XBTUSDT", { kind: "base", size: 1e-6 }),
  ...["ETHUSD", "ETHUSDT", "SOLUSD", "SOLUSDT"].map(bitmexInstrumentNamed),
];

/** A contract that the table lacks: its size is unknown. */
export function bitmexInstrumentNamed(name: string): Instrument {
  return contractNamed(name, { kind: "base", size: null });
}

function contractNamed(name: string, contract: Instrument["contract"]): Instrument {
  const [, base, quote] = /^(.+?)(USDT|USDC|USD)$/.exec(name) ?? [];
  if (base === undefined || quote === undefined) return { instrument: name, symbol: name, quote: "", scale: 1, contract, trading: true };
  return { instrument: name, ...assetNamed(base), quote, contract, trading: true };
}

export async function loadBitmexInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]> {
  const body = await request(`${endpoints.rest}/api/v1/instrument/active`);
  const instruments = Array.isArray(body) ? body.flatMap(readInstrument) : [];
  if (instruments.length === 0) throw new Error("BitMEX instrument/active lists no perpetual");
  return instruments;
}

/** The type of perpetual contracts on a coin; futures, spot pairs and indices have others. */
const PERPETUAL = "FFWCSX";

function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || row.typ !== PERPETUAL) return [];
  const { symbol: name, underlying, quoteCurrency: quote, state } = row;
  if (typeof name !== "string" || typeof underlying !== "string" || typeof quote !== "string") return [];
  return [{ instrument: name, ...assetNamed(underlying), quote, contract: contractOf(row), trading: state === "Open" }];
}

/**
 * An inverse contract is worth `multiplier` units of the settlement currency at a price of 1, and a linear one
 * 1 / `underlyingToPositionMultiplier` coins. That of a quanto contract depends on the price of Bitcoin too, so it is no
 * fixed number of either.
 */
function contractOf(row: JsonObject): Instrument["contract"] {
  if (row.isQuanto === true) return { kind: "base", size: null };
  if (row.isInverse === true) {
    const multiplier = readNumber(row.multiplier);
    const unit = readNumber(row.underlyingToSettleMultiplier);
    const isKnown = row.quoteCurrency === "USD" && multiplier !== null && unit !== null && multiplier !== 0 && unit !== 0;
    return { kind: "inverse", usd: isKnown ? Math.abs(multiplier / unit) : null };
  }
  const perCoin = readPositive(row.underlyingToPositionMultiplier);
  return { kind: "base", size: perCoin === null ? null : 1 / perCoin };
}

function assetNamed(base: string): ReturnType<typeof baseAsset> {
  return baseAsset(base === "XBT" ? "BTC" : base);
}
