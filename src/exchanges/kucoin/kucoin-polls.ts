import type { Endpoints, FeedMessage, Instrument, MarketPoll, Scope } from "../exchange.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";
import { isDollar } from "../decoding/valuation.ts";

const CONTRACT_MS = 60_000;
/** A request costs a weight of 3, and the venue allows an address 2,000 in 30 s. */
const MAX_CONTRACTS = 40;

/**
 * Turnover and funding interval, which its sockets lack.
 * https://www.kucoin.com/docs-new/rest/futures-trading/market-data/get-symbol
 */
export function kucoinPolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  return marketInstruments(scope)
    .filter(({ contract, quote }) => contract.kind === "base" && isDollar(quote))
    .slice(0, MAX_CONTRACTS)
    .map((one) => ({
      what: "turnover",
      contracts: [one.instrument],
      url: `${rest}/api/v1/contracts/${encodeURIComponent(one.instrument)}`,
      intervalMs: CONTRACT_MS,
      read: (text) => readContract(one, text),
    }));
}

/** `turnoverOf24h` is in the quote asset, `fundingRateGranularity` in milliseconds. */
function readContract({ instrument }: Instrument, text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const data = isObject(body) && isObject(body.data) ? body.data : {};
  const usd = readNumber(data.turnoverOf24h);
  if (usd === null || usd < 0) return [{ kind: "reject", reason: "malformed contract", text }];
  const intervalMs = readPositive(data.fundingRateGranularity);
  const turnover: FeedMessage = { kind: "turnover", instrument, usd };
  return intervalMs === null ? [turnover] : [turnover, { kind: "funding_interval", instrument, intervalMs }];
}
