import type { Endpoints, FeedMessage, Instrument, MarketPoll, Scope } from "../exchange.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";
import { isDollar } from "../decoding/valuation.ts";

const BOOK_MS = 5_000;
const TURNOVER_MS = 60_000;
const FUNDING_INTERVAL_MS = 3_600_000;
/** With a book of 1,000 levels (weight 20) every 5 s, five contracts take half of the 2,400 units a minute that the venue allows. */
const MAX_BOOKS = 5;
const MAX_CONTRACTS = 40;
const LEVELS = 1000;

/**
 * What no stream of Aster has: levels beyond the best 20, turnover without a stream of its own, and the funding intervals.
 * https://docs.asterdex.com/product/aster-perpetuals/api/api-documentation
 */
export function asterPolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  const contracts = marketInstruments(scope)
    .filter(({ quote }) => isDollar(quote))
    .slice(0, MAX_CONTRACTS);
  if (contracts.length === 0) return [];
  const about = (route: string, { instrument }: Instrument) => `${rest}${route}symbol=${encodeURIComponent(instrument)}`;
  return [
    ...contracts.slice(0, MAX_BOOKS).map((one): MarketPoll => {
      return {
        what: "book",
        contracts: [one.instrument],
        url: about(`/fapi/v1/depth?limit=${LEVELS}&`, one),
        intervalMs: BOOK_MS,
        read: (text) => [{ kind: "book_text", instrument: one.instrument, text }],
      };
    }),
    ...contracts.map((one): MarketPoll => {
      return {
        what: "turnover",
        contracts: [one.instrument],
        url: about("/fapi/v1/ticker/24hr?", one),
        intervalMs: TURNOVER_MS,
        read: (text) => readTurnover(one, text),
      };
    }),
    {
      what: "funding_interval",
      contracts: contracts.map(({ instrument }) => instrument),
      url: `${rest}/fapi/v1/fundingInfo`,
      intervalMs: FUNDING_INTERVAL_MS,
      read: (text) => readFundingIntervals(contracts, text),
    },
  ];
}

/** `quoteVolume` is the sum of the last 24 hours in the quote asset. */
function readTurnover({ instrument }: Instrument, text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const usd = isObject(body) && body.symbol === instrument ? readNumber(body.quoteVolume) : null;
  if (usd === null || usd < 0) return [{ kind: "reject", reason: "malformed 24hr ticker", text }];
  return [{ kind: "turnover", instrument, usd }];
}

/** Contracts that the list lacks keep an unknown interval. */
function readFundingIntervals(contracts: readonly Instrument[], text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  if (!Array.isArray(body)) return [{ kind: "reject", reason: "malformed funding info", text }];
  const hours = new Map(body.map((row: unknown) => (isObject(row) ? [row.symbol, readPositive(row.fundingIntervalHours)] : ["", null])));
  return contracts.flatMap(({ instrument }): readonly FeedMessage[] => {
    const interval = hours.get(instrument) ?? null;
    return interval === null ? [] : [{ kind: "funding_interval", instrument, intervalMs: interval * 3_600_000 }];
  });
}
