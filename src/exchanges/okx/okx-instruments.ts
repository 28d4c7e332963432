import { baseAsset } from "../decoding/base-asset.ts";
import type { Endpoints, Instrument, RequestJson } from "../exchange.ts";
import { isObject } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";

/** Of the swaps of 2026 (which include the X-Perp and `_UM` families), only these contracts are read. */
export const SWAP_NAME = /^[A-Z0-9]+-[A-Z0-9]+-SWAP$/;

/** Contract sizes as of 2022 to 2026: coins per contract, and dollars per contract of inverse ones. */
export const okxFallbackInstruments: readonly Instrument[] = [
  swap("BTC-USDT-SWAP", { kind: "base", size: 0.01 }),
  swap("ETH-USDT-SWAP", { kind: "base", size: 0.1 }),
  swap("SOL-USDT-SWAP", { kind: "base", size: 1 }),
  swap("BTC-USD-SWAP", { kind: "inverse", usd: 100 }),
  swap("ETH-USD-SWAP", { kind: "inverse", usd: 10 }),
  swap("SOL-USD-SWAP", { kind: "inverse", usd: 10 }),
];

/** A contract that the table lacks: its size is unknown. */
export function okxInstrumentNamed(name: string): Instrument {
  return swap(name, name.endsWith("-USD-SWAP") ? { kind: "inverse", usd: null } : { kind: "base", size: null });
}

export async function loadOkxInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]> {
  const body = await request(`${endpoints.rest}/api/v5/public/instruments?instType=SWAP`);
  const rows = isObject(body) && body.code === "0" && Array.isArray(body.data) ? body.data : [];
  const instruments = rows.flatMap(readInstrument);
  if (instruments.length === 0) throw new Error("OKX instruments lists no swap");
  return instruments;
}

function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || typeof row.instId !== "string" || !SWAP_NAME.test(row.instId)) return [];
  return [swap(row.instId, readContract(row.instId, row), row.state === "live")];
}

/** One contract is ctVal × ctMult of ctValCcy: the coin, or dollars where it is inverse. */
function readContract(name: string, row: { readonly [field: string]: unknown }): Instrument["contract"] {
  const value = readPositive(row.ctVal);
  const multiplier = readPositive(row.ctMult);
  const size = value === null || multiplier === null ? null : value * multiplier;
  if (row.ctType === "inverse") return { kind: "inverse", usd: row.ctValCcy === "USD" ? size : null };
  return { kind: "base", size: row.ctType === "linear" && row.ctValCcy === name.split("-", 1)[0] ? size : null };
}

function swap(name: string, contract: Instrument["contract"], trading = true): Instrument {
  const [base = name, quote = ""] = name.split("-");
  return { instrument: name, ...baseAsset(base), quote, contract, trading };
}
