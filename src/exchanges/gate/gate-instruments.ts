import { baseAsset } from "../decoding/base-asset.ts";
import type { Endpoints, Instrument, RequestJson } from "../exchange.ts";
import { isObject } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";

/**
 * Until the table is loaded. The coins of a contract are documented for BTC; those of the others are unknown, and an
 * unknown quantity is better than a wrong one.
 */
export const gateFallbackInstruments: readonly Instrument[] = [
  contractOf("BTC_USDT", 0.0001),
  contractOf("ETH_USDT", null),
  contractOf("SOL_USDT", null),
];

/** A contract that the table lacks: its size is unknown. */
export function gateInstrumentNamed(name: string): Instrument {
  return contractOf(name, null);
}

/** @throws where the venue lists no contract */
export async function loadGateInstruments(request: RequestJson, { rest }: Endpoints): Promise<readonly Instrument[]> {
  const body = await request(`${rest}/api/v4/futures/usdt/contracts`);
  const instruments = Array.isArray(body) ? body.flatMap(readInstrument) : [];
  if (instruments.length === 0) throw new Error("Gate contracts lists no perpetual");
  return instruments;
}

/** `quanto_multiplier` is the number of coins of a contract. */
function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || typeof row.name !== "string" || !row.name.endsWith("_USDT")) return [];
  const trading = row.in_delisting !== true && (row.status === undefined || row.status === "trading");
  return [contractOf(row.name, readPositive(row.quanto_multiplier), trading)];
}

function contractOf(name: string, size: number | null, trading = true): Instrument {
  const [base = name, quote = ""] = name.split("_");
  return { instrument: name, ...baseAsset(base), quote, contract: { kind: "base", size }, trading };
}
