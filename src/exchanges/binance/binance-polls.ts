import type { Endpoints, FeedMessage, Instrument, MarketPoll, Scope } from "../exchange.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";
import { isDollar } from "../decoding/valuation.ts";

const OPEN_INTEREST_MS = 15_000;
const BOOK_MS = 5_000;
const TURNOVER_MS = 60_000;
const FUNDING_INTERVAL_MS = 3_600_000;

/**
 * Contracts that are polled, in the order of the scope with those in USDT first. The venue allows an address 2,400 units
 * of weight a minute, which other users of the address count against, so all polls together take at most a third of
 * that: 40 contracts cost 160 units of open interest and 40 of turnover a minute.
 */
const MAX_CONTRACTS = 40;
/** Weight a minute for books: BTC and ETH take 240 each, other contracts 60. */
const BOOK_WEIGHT = 600;

/** With ticks this fine 25 bps are 600 to 2,200 levels away; 1,000 levels, the most there are, cost a weight of 20. */
const FINE_TICKS: ReadonlySet<string> = new Set(["BTC", "ETH"]);

/**
 * What no stream of Binance has: open interest, levels beyond the best 20, turnover without a stream of its own, and the
 * funding intervals.
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api
 */
export function binancePolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  const contracts = marketInstruments(scope)
    .filter(({ contract, quote }) => contract.kind === "base" && isDollar(quote))
    .toSorted((one, other) => Number(other.quote === "USDT") - Number(one.quote === "USDT"))
    .slice(0, MAX_CONTRACTS);
  if (contracts.length === 0) return [];
  return [
    ...contracts.map((one) => poll("open_interest", one, OPEN_INTEREST_MS, `${rest}/fapi/v1/openInterest?`, readOpenInterest)),
    ...withinWeight(contracts).map((one) =>
      poll("book", one, BOOK_MS, `${rest}/fapi/v1/depth?limit=${bookLevels(one).limit}&`, ({ instrument }, text) => [
        { kind: "book_text", instrument, text },
      ]),
    ),
    ...contracts.map((one) => poll("turnover", one, TURNOVER_MS, `${rest}/fapi/v1/ticker/24hr?`, readTurnover)),
    {
      what: "funding_interval",
      contracts: contracts.map(({ instrument }) => instrument),
      url: `${rest}/fapi/v1/fundingInfo`,
      intervalMs: FUNDING_INTERVAL_MS,
      read: (text) => readFundingIntervals(contracts, text),
    },
  ];
}

function poll(
  what: MarketPoll["what"],
  one: Instrument,
  intervalMs: number,
  url: string,
  read: (instrument: Instrument, text: string) => readonly FeedMessage[],
): MarketPoll {
  return {
    what,
    contracts: [one.instrument],
    url: `${url}symbol=${encodeURIComponent(one.instrument)}`,
    intervalMs,
    read: (text) => read(one, text),
  };
}

/** The weight of a request follows from its levels: 5 for 100, 20 for 1,000. */
function bookLevels({ symbol }: Instrument): { readonly limit: number; readonly weight: number } {
  return FINE_TICKS.has(symbol) ? { limit: 1000, weight: 20 } : { limit: 100, weight: 5 };
}

function withinWeight(contracts: readonly Instrument[]): readonly Instrument[] {
  let left = BOOK_WEIGHT;
  return contracts.filter((one) => {
    const weight = (bookLevels(one).weight * 60_000) / BOOK_MS;
    if (weight > left) return false;
    left -= weight;
    return true;
  });
}

/** `{"openInterest":"10659.509","symbol":"BTCUSDT","time":…}`: coins, one side. */
function readOpenInterest({ instrument, scale }: Instrument, text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const coins = isObject(body) && body.symbol === instrument ? readNumber(body.openInterest) : null;
  if (coins === null || coins < 0) return [{ kind: "reject", reason: "malformed open interest", text }];
  return [{ kind: "open_interest", instrument, quantity: coins * scale }];
}

/** `quoteVolume` is the sum of the last 24 hours in the quote asset. */
function readTurnover({ instrument }: Instrument, text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const usd = isObject(body) && body.symbol === instrument ? readNumber(body.quoteVolume) : null;
  if (usd === null || usd < 0) return [{ kind: "reject", reason: "malformed 24hr ticker", text }];
  return [{ kind: "turnover", instrument, usd }];
}

const USUAL_HOURS = 8;

/** The list has only the contracts whose interval, cap or floor was changed; all others are settled every 8 hours. */
function readFundingIntervals(contracts: readonly Instrument[], text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  if (!Array.isArray(body)) return [{ kind: "reject", reason: "malformed funding info", text }];
  const hours = new Map(body.map((row: unknown) => (isObject(row) ? [row.symbol, readPositive(row.fundingIntervalHours)] : ["", null])));
  return contracts.map(({ instrument }) => ({
    kind: "funding_interval",
    instrument,
    intervalMs: (hours.get(instrument) ?? USUAL_HOURS) * 3_600_000,
  }));
}
