import { baseAsset } from "../decoding/base-asset.ts";
import type { Endpoints, Instrument, RequestJson } from "../exchange.ts";
import { isObject } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";

/** Perpetuals in USDT; dated contracts have a date after it. */
export const SWAP_NAME = /^[A-Z0-9]+-USDT$/;

/** Coins of a contract as the captures have them for BTC and ETH; that of SOL is unknown until the table is loaded. */
export const htxFallbackInstruments: readonly Instrument[] = [swap("BTC-USDT", 0.001), swap("ETH-USDT", 0.01), swap("SOL-USDT", null)];

/** A contract that the table lacks: its size is unknown, but rows give coins too. */
export function htxInstrumentNamed(name: string): Instrument {
  return swap(name, null);
}

/** @throws where the venue lists no swap */
export async function loadHtxInstruments(request: RequestJson, { rest }: Endpoints): Promise<readonly Instrument[]> {
  const body = await request(`${rest}/linear-swap-api/v1/swap_contract_info`);
  const rows = isObject(body) && Array.isArray(body.data) ? body.data : [];
  const instruments = rows.flatMap(readInstrument);
  if (instruments.length === 0) throw new Error("HTX swap_contract_info lists no swap");
  return instruments;
}

/** A `contract_status` of 1 is trading. */
function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || typeof row.contract_code !== "string" || !SWAP_NAME.test(row.contract_code)) return [];
  return [swap(row.contract_code, readPositive(row.contract_size), row.contract_status === 1)];
}

function swap(name: string, size: number | null, trading = true): Instrument {
  const [base = name, quote = ""] = name.split("-");
  return { instrument: name, ...baseAsset(base), quote, contract: { kind: "base", size }, trading };
}
