import type { Endpoints, FeedMessage, Instrument, MarketPoll, Scope } from "../exchange.ts";
import { type JsonObject, isObject, parseJson } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";
import { isDollar } from "../decoding/valuation.ts";

const BOOK_MS = 5_000;
const TURNOVER_MS = 60_000;
/** The venue allows 10 requests per second for tickers, and an address is shared. */
const MAX_CONTRACTS = 40;

/** With ticks this fine the 400 levels of the `books` channel end before 25 bps. */
const FINE_TICKS: ReadonlySet<string> = new Set(["BTC", "ETH"]);
/** Up to 5,000 can be requested; BTC has about one level per two ticks within 25 bps, and those are 2,200 ticks. */
const FULL_LEVELS = 1500;

/**
 * Turnovers, since the tickers channel is pushed at every trade for a sum of a day, and books deeper than any channel's.
 * https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-full-order-book
 */
export function okxPolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  const contracts = marketInstruments(scope)
    .filter(({ contract, quote }) => contract.kind === "base" && isDollar(quote))
    .slice(0, MAX_CONTRACTS);
  return [
    ...contracts
      .filter(({ symbol }) => FINE_TICKS.has(symbol))
      .map(({ instrument }): MarketPoll => {
        return {
          what: "book",
          contracts: [instrument],
          url: `${rest}/api/v5/market/books-full?instId=${instrument}&sz=${FULL_LEVELS}`,
          intervalMs: BOOK_MS,
          read: (text) => [{ kind: "book_text", instrument, text }],
        };
      }),
    ...contracts.map((one): MarketPoll => {
      return {
        what: "turnover",
        contracts: [one.instrument],
        url: `${rest}/api/v5/market/ticker?instId=${one.instrument}`,
        intervalMs: TURNOVER_MS,
        read: (text) => readTurnover(one, text),
      };
    }),
  ];
}

/** `volCcy24h` of a swap is in coins; they are valued at the last price. */
function readTurnover({ instrument }: Instrument, text: string): readonly FeedMessage[] {
  const row = firstRow(parseJson(text));
  const coins = readNumber(row?.volCcy24h);
  const last = readPositive(row?.last);
  if (coins === null || coins < 0 || last === null) return [{ kind: "reject", reason: "malformed ticker", text }];
  return [{ kind: "turnover", instrument, usd: coins * last }];
}

function firstRow(body: unknown): JsonObject | null {
  const row: unknown = isObject(body) && Array.isArray(body.data) ? body.data[0] : null;
  return isObject(row) ? row : null;
}
