import type { BookLevel, BookLevels, Endpoints, FeedMessage, Instrument, MarketPoll, Scope } from "../exchange.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";

const OPEN_INTEREST_MS = 15_000;
const BOOK_MS = 5_000;
/** 40 contracts take 11 requests a second, where the venue allows an address 20. */
const MAX_CONTRACTS = 40;
/** The most that the venue gives. */
const BOOK_LEVELS = 300;

/**
 * Open interest of one side, books and the funding interval. The stream has them too, but counts the open interest in a way that
 * is not documented, and its books do not say to which side a deleted level belonged.
 * https://www.gate.com/docs/developers/apiv4/en/#futures
 */
export function gatePolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  const route = `${rest}/api/v4/futures/usdt`;
  return marketInstruments(scope)
    .slice(0, MAX_CONTRACTS)
    .flatMap((one): MarketPoll[] => {
      const { instrument } = one;
      const name = encodeURIComponent(instrument);
      const contracts = [instrument];
      return [
        {
          what: "open_interest",
          contracts,
          url: `${route}/contracts/${name}`,
          intervalMs: OPEN_INTEREST_MS,
          read: (text) => readContract(one, text),
        },
        {
          what: "book",
          contracts,
          url: `${route}/order_book?contract=${name}&limit=${BOOK_LEVELS}`,
          intervalMs: BOOK_MS,
          read: (text) => [{ kind: "book_text", instrument, text }],
        },
      ];
    });
}

/**
 * `position_size` is the number of contracts held long, so it counts one side; the funding interval is in seconds and does not
 * always come.
 */
function readContract({ instrument, scale, contract }: Instrument, text: string): readonly FeedMessage[] {
  const body = parseJson(text);
  const row = isObject(body) && body.name === instrument ? body : {};
  const contracts = readNumber(row.position_size);
  if (contracts === null || contracts < 0) return [{ kind: "reject", reason: "malformed contract", text }];
  const seconds = readPositive(row.funding_interval);
  const size = contract.kind === "base" ? contract.size : null;
  return [
    ...(size === null ? [] : [{ kind: "open_interest" as const, instrument, quantity: contracts * size * scale }]),
    ...(seconds === null ? [] : [{ kind: "funding_interval" as const, instrument, intervalMs: seconds * 1000 }]),
  ];
}

/** `{"asks":[{"s":120,"p":"80000.1"}],"bids":[…]}`, sizes in contracts. */
export function readGateBook(text: string): BookLevels | null {
  const body = parseJson(text);
  const bids = isObject(body) ? levelsOf(body.bids) : null;
  const asks = isObject(body) ? levelsOf(body.asks) : null;
  return bids === null || asks === null ? null : { bids, asks };
}

function levelsOf(rows: unknown): readonly BookLevel[] | null {
  if (!Array.isArray(rows)) return null;
  const levels = rows.flatMap((row: unknown): BookLevel[] => {
    const price = isObject(row) ? readPositive(row.p) : null;
    const size = isObject(row) ? readNumber(row.s) : null;
    return price === null || size === null ? [] : [[price, size]];
  });
  return levels.length === rows.length ? levels : null;
}
