import type { Endpoints, FeedMessage, Instrument, MarketPoll, Scope } from "../exchange.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";

const FUNDING_INTERVAL_MS = 3_600_000;
const MAX_CONTRACTS = 40;

/**
 * Funding intervals, which no stream has.
 * https://www.bitget.com/api-doc/uta/public/Get-Current-Funding-Rate
 */
export function bitgetPolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  return marketInstruments(scope)
    .slice(0, MAX_CONTRACTS)
    .map((one) => ({
      what: "funding_interval",
      contracts: [one.instrument],
      url: `${rest}/api/v3/market/current-fund-rate?symbol=${encodeURIComponent(one.instrument)}`,
      intervalMs: FUNDING_INTERVAL_MS,
      read: (text) => readFundingInterval(one, text),
    }));
}

/** `fundingRateInterval` is a text, hours. */
function readFundingInterval({ instrument }: Instrument, text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const row: unknown = isObject(body) && Array.isArray(body.data) ? body.data[0] : null;
  const hours = isObject(row) && row.symbol === instrument ? readPositive(row.fundingRateInterval) : null;
  if (hours === null) return [{ kind: "reject", reason: "malformed current funding rate", text }];
  return [{ kind: "funding_interval", instrument, intervalMs: hours * 3_600_000 }];
}
