import { baseAsset } from "../decoding/base-asset.ts";
import { isObject } from "../decoding/json.ts";
import { readNumber } from "../decoding/number.ts";
import type { Endpoints, Instrument, RequestJson, Scope } from "../exchange.ts";

/**
 * Frames name a market by its number only, so the name of an instrument has both: `BTC:1`. Numbers are never given to
 * another market.
 */
export const lighterFallbackInstruments: readonly Instrument[] = [perpetual("ETH", 0), perpetual("BTC", 1), perpetual("SOL", 2)];

export async function loadLighterInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]> {
  const body = await request(`${endpoints.rest}/api/v1/orderBookDetails`);
  const rows = isObject(body) && Array.isArray(body.order_book_details) ? body.order_book_details : [];
  const instruments = rows.flatMap(readInstrument);
  if (instruments.length === 0) throw new Error("Lighter orderBookDetails lists no perpetual");
  return instruments;
}

function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || typeof row.symbol !== "string" || row.symbol === "" || row.market_type === "spot") return [];
  const market = readNumber(row.market_id);
  return market === null || !Number.isInteger(market) || market < 0 ? [] : [perpetual(row.symbol, market, row.status === "active")];
}

/** Sizes are in coins, and all markets are in USDC. */
function perpetual(base: string, market: number, trading = true): Instrument {
  return { instrument: `${base}:${market}`, ...baseAsset(base), quote: "USDC", contract: { kind: "base", size: 1 }, trading };
}

/** The number of a market, as in its channels. */
export function marketOf(instrument: string): string {
  return instrument.slice(instrument.lastIndexOf(":") + 1);
}

/** Finds an instrument of the table by the number of its market. */
export function marketLookup({ instruments }: Pick<Scope, "instruments">): (market: unknown) => Instrument | undefined {
  const names = new Map<string, string>();
  return (market) => {
    const number = typeof market === "number" ? String(market) : "";
    const known = instruments.get(names.get(number) ?? "");
    if (known !== undefined || number === "") return known;
    for (const instrument of instruments.values()) names.set(marketOf(instrument.instrument), instrument.instrument);
    return instruments.get(names.get(number) ?? "");
  };
}
