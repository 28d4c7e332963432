import { bookLevels } from "../decoding/book-levels.ts";
import type { BookLevels, Endpoints, FeedMessage, Instrument, MarketPoll, Scope } from "../exchange.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";

const OPEN_INTEREST_MS = 15_000;
const BOOK_MS = 5_000;
const TURNOVER_MS = 60_000;
const FUNDING_INTERVAL_MS = 3_600_000;
const MAX_CONTRACTS = 40;

/** Open interest, books and turnovers, which would take further compressed sockets, and funding intervals. */
export function htxPolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  const contracts = marketInstruments(scope).slice(0, MAX_CONTRACTS);
  const ofContracts = contracts.flatMap((one): MarketPoll[] => {
    const { instrument } = one;
    const query = `contract_code=${encodeURIComponent(instrument)}`;
    return [
      {
        what: "open_interest",
        contracts: [instrument],
        url: `${rest}/linear-swap-api/v1/swap_open_interest?${query}`,
        intervalMs: OPEN_INTEREST_MS,
        read: (text) => readOpenInterest(one, text),
      },
      {
        what: "book",
        contracts: [instrument],
        url: `${rest}/linear-swap-ex/market/depth?${query}&type=step0`,
        intervalMs: BOOK_MS,
        read: (text) => [{ kind: "book_text", instrument, text }],
      },
      {
        what: "turnover",
        contracts: [instrument],
        url: `${rest}/linear-swap-ex/market/detail/merged?${query}`,
        intervalMs: TURNOVER_MS,
        read: (text) => readTurnover(one, text),
      },
    ];
  });
  if (contracts.length === 0) return [];
  return [
    ...ofContracts,
    {
      what: "funding_interval",
      contracts: contracts.map(({ instrument }) => instrument),
      url: `${rest}/linear-swap-api/v1/swap_contract_info`,
      intervalMs: FUNDING_INTERVAL_MS,
      read: (text) => readFundingIntervals(contracts, text),
    },
  ];
}

/** `trade_turnover` is the sum of the last 24 hours in USDT. */
function readTurnover({ instrument }: Instrument, text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const tick: unknown = isObject(body) && body.ch === `market.${instrument}.detail.merged` ? body.tick : null;
  const usd = isObject(tick) ? readNumber(tick.trade_turnover) : null;
  if (usd === null || usd < 0) return [{ kind: "reject", reason: "malformed merged ticker", text }];
  return [{ kind: "turnover", instrument, usd }];
}

/** `settlement_period` is a text, hours: funding is paid at each settlement. */
function readFundingIntervals(contracts: readonly Instrument[], text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  if (!isObject(body) || !Array.isArray(body.data)) return [{ kind: "reject", reason: "malformed contract info", text }];
  const hours = new Map(
    body.data.map((row: unknown) => (isObject(row) ? [row.contract_code, readPositive(row.settlement_period)] : ["", null])),
  );
  return contracts.flatMap(({ instrument }): readonly FeedMessage[] => {
    const period = hours.get(instrument) ?? null;
    return period === null ? [] : [{ kind: "funding_interval", instrument, intervalMs: period * 3_600_000 }];
  });
}

/** `amount` is coins and counts both sides. */
function readOpenInterest({ instrument, scale }: Instrument, text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const row: unknown = isObject(body) && Array.isArray(body.data) ? body.data[0] : null;
  const coins = isObject(row) && row.contract_code === instrument ? readNumber(row.amount) : null;
  if (coins === null || coins < 0) return [{ kind: "reject", reason: "malformed open interest", text }];
  return [{ kind: "open_interest", instrument, quantity: (coins * scale) / 2 }];
}

/** `tick` has levels of `[price, contracts]`. */
export function readHtxBook(text: string): BookLevels | null {
  const body = parseJson(text);
  const tick = isObject(body) ? body.tick : null;
  return isObject(tick) ? bookLevels(tick.bids, tick.asks) : null;
}
