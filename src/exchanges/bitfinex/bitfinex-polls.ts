import type { Endpoints, FeedMessage, Instrument, MarketPoll, Scope } from "../exchange.ts";
import { parseJson } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";
import { isDollar } from "../decoding/valuation.ts";

const TURNOVER_MS = 60_000;
/** The same for all contracts by the venue's documentation; no response names it. */
const FUNDING_INTERVAL_MS = 8 * 3_600_000;

/**
 * The turnover of all contracts in one request, since the ticker channel would take a channel of the few there are.
 * https://docs.bitfinex.com/reference/rest-public-tickers
 */
export function bitfinexPolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  const contracts = marketInstruments(scope).filter(({ quote }) => isDollar(quote));
  if (contracts.length === 0) return [];
  const names = contracts.map(({ instrument }) => instrument);
  return [
    {
      what: "turnover",
      contracts: names,
      url: `${rest}/v2/tickers?symbols=${names.map(encodeURIComponent).join(",")}`,
      intervalMs: TURNOVER_MS,
      read: (text) => readTickers(contracts, text),
    },
  ];
}

/** `[[SYMBOL, BID, BID_SIZE, ASK, ASK_SIZE, CHANGE, CHANGE_RELATIVE, LAST, VOLUME, HIGH, LOW], …]`, the volume in coins. */
function readTickers(contracts: readonly Instrument[], text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const rows = Array.isArray(body) ? body.filter((row: unknown): row is readonly unknown[] => Array.isArray(row)) : [];
  if (rows.length === 0) return [{ kind: "reject", reason: "malformed tickers", text }];
  return contracts.flatMap(({ instrument }): readonly FeedMessage[] => {
    const row = rows.find(([name]) => name === instrument);
    const last = readPositive(row?.[7]);
    const coins = readNumber(row?.[8]);
    const turnover: readonly FeedMessage[] =
      last === null || coins === null || coins < 0 ? [] : [{ kind: "turnover", instrument, usd: coins * last }];
    return [{ kind: "funding_interval", instrument, intervalMs: FUNDING_INTERVAL_MS }, ...turnover];
  });
}
