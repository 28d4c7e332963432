import { baseAsset } from "../decoding/base-asset.ts";
import { isObject } from "../decoding/json.ts";
import type { Endpoints, Instrument, RequestJson } from "../exchange.ts";

/** Sizes are in USD where the contract is inverse, and in coins where it is linear, whatever the size of a contract. */
const USD = { kind: "inverse", usd: 1 } as const;
const COINS = { kind: "base", size: 1 } as const;

export const deribitFallbackInstruments: readonly Instrument[] = [
  "BTC-PERPETUAL",
  "ETH-PERPETUAL",
  "BTC_USDC-PERPETUAL",
  "ETH_USDC-PERPETUAL",
  "SOL_USDC-PERPETUAL",
].map(deribitInstrumentNamed);

/** The instrument implied by a name that the table lacks. For anything but the name of a perpetual the unit is unknown. */
export function deribitInstrumentNamed(name: string): Instrument {
  const [, coin, quote] = /^([A-Z0-9]+)(?:_(USDC|USDT))?-PERPETUAL$/.exec(name) ?? [];
  if (coin === undefined) {
    return { instrument: name, symbol: name, quote: "", scale: 1, contract: { kind: "base", size: null }, trading: true };
  }
  return { instrument: name, ...baseAsset(coin), quote: quote ?? "USD", contract: quote === undefined ? USD : COINS, trading: true };
}

export async function loadDeribitInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]> {
  const body = await request(`${endpoints.rest}/api/v2/public/get_instruments?currency=any&kind=future&expired=false`);
  const rows = isObject(body) && Array.isArray(body.result) ? body.result : [];
  const instruments = rows.flatMap(readInstrument);
  if (instruments.length === 0) throw new Error("Deribit get_instruments lists no perpetual");
  return instruments;
}

/** `future_type` is the former name of `instrument_type`. */
function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || row.settlement_period !== "perpetual") return [];
  const { instrument_name: name, base_currency: base, quote_currency: quote, is_active } = row;
  if (typeof name !== "string" || typeof base !== "string" || typeof quote !== "string") return [];
  const type = row.instrument_type ?? row.future_type;
  const contract = type === "reversed" ? USD : type === "linear" ? COINS : ({ kind: "base", size: null } as const);
  return [{ instrument: name, ...baseAsset(base), quote, contract, trading: is_active === true }];
}
