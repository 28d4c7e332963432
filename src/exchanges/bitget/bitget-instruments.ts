import { baseAsset } from "../decoding/base-asset.ts";
import type { Endpoints, Instrument, RequestJson } from "../exchange.ts";
import { isObject } from "../decoding/json.ts";

/** Sizes are in coins. */
const COINS = { kind: "base", size: 1 } as const;

/** The product types that are collected, as REST and as the socket spell them. */
export const CATEGORIES = ["USDT-FUTURES", "USDC-FUTURES"] as const;

export const bitgetFallbackInstruments: readonly Instrument[] = ["BTC", "ETH", "SOL"].flatMap((base) =>
  [`${base}USDT`, `${base}PERP`].map(bitgetInstrumentNamed),
);

/** The product type of an instrument. */
export function categoryOf({ quote }: Instrument): (typeof CATEGORIES)[number] {
  return quote === "USDC" ? "USDC-FUTURES" : "USDT-FUTURES";
}

/** @throws where the venue lists no perpetual */
export async function loadBitgetInstruments(request: RequestJson, { rest }: Endpoints): Promise<readonly Instrument[]> {
  const instruments: Instrument[] = [];
  for (const category of CATEGORIES) {
    const body = await request(`${rest}/api/v3/market/instruments?category=${category}`);
    const rows = isObject(body) && Array.isArray(body.data) ? body.data : [];
    instruments.push(...rows.flatMap(readInstrument));
  }
  if (instruments.length === 0) throw new Error("Bitget instruments lists no perpetual");
  return instruments;
}

function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || row.type === "delivery") return [];
  const { symbol: name, baseCoin, quoteCoin: quote, status } = row;
  if (typeof name !== "string" || typeof baseCoin !== "string" || typeof quote !== "string") return [];
  return [{ instrument: name, ...baseAsset(baseCoin), quote, contract: COINS, trading: status === "online" }];
}

/** The instrument implied by a name that the table lacks; of another form than that of a perpetual, its unit is unknown. */
export function bitgetInstrumentNamed(name: string): Instrument {
  const [, base, quote] = /^(.+)(USDT|PERP)$/u.exec(name) ?? [];
  if (base === undefined) {
    return { instrument: name, symbol: name, quote: "", scale: 1, contract: { kind: "base", size: null }, trading: true };
  }
  return { instrument: name, ...baseAsset(base), quote: quote === "PERP" ? "USDC" : "USDT", contract: COINS, trading: true };
}
