import { isObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { baseQuantity } from "../decoding/valuation.ts";
import type { FeedMessage, Instrument, Scope } from "../exchange.ts";

interface Market {
  mark: number | null;
  bid: number | null;
  ask: number | null;
}

/** The rows of the table `instrument`: all fields first, then those that changed. State is kept for listed contracts only. */
export class BitmexMarkets {
  readonly #instruments: Scope["instruments"];
  readonly #markets = new Map<string, Market>();

  constructor({ instruments }: Scope) {
    this.#instruments = instruments;
  }

  read(rows: unknown, receivedTime: number, text: string): readonly FeedMessage[] {
    if (!Array.isArray(rows)) return [{ kind: "reject", reason: "instruments are not a list", text }];
    return rows.flatMap((row: unknown): readonly FeedMessage[] => {
      if (!isObject(row) || typeof row.symbol !== "string") return [{ kind: "reject", reason: "malformed instrument", text }];
      const listed = this.#instruments.get(row.symbol);
      return listed === undefined ? [] : this.#readRow(row, listed, receivedTime);
    });
  }

  #readRow(row: { readonly [field: string]: unknown }, listed: Instrument, receivedTime: number): readonly FeedMessage[] {
    const { instrument, scale, contract } = listed;
    const market = this.#markets.get(instrument) ?? { mark: null, bid: null, ask: null };
    this.#markets.set(instrument, market);
    const messages: FeedMessage[] = [];
    const mark = readPositive(row.markPrice);
    if (mark !== null) {
      market.mark = mark;
      messages.push({ kind: "mark", instrument, price: mark / scale, time: isoTime(row.timestamp) ?? receivedTime });
    }
    const index = readPositive(row.indicativeSettlePrice);
    if (index !== null) messages.push({ kind: "index", instrument, price: index / scale });
    const rate = readNumber(row.fundingRate);
    if (rate !== null) messages.push({ kind: "funding", instrument, rate });
    const intervalMs = fundingInterval(row.fundingInterval);
    if (intervalMs !== null) messages.push({ kind: "funding_interval", instrument, intervalMs });
    const quantity = baseQuantity(listed, readNumber(row.openInterest), market.mark);
    if (quantity !== null && quantity >= 0) messages.push({ kind: "open_interest", instrument, quantity });
    // The notional of a quanto contract is not in dollars.
    const isKnown = contract.kind === "inverse" ? contract.usd !== null : contract.size !== null;
    const usd = readNumber(row.foreignNotional24h);
    if (isKnown && usd !== null && usd >= 0) messages.push({ kind: "turnover", instrument, usd });
    const isTouched = row.bidPrice !== undefined || row.askPrice !== undefined;
    market.bid = readPositive(row.bidPrice) ?? market.bid;
    market.ask = readPositive(row.askPrice) ?? market.ask;
    const { bid, ask } = market;
    if (isTouched && bid !== null && ask !== null) messages.push({ kind: "quote", instrument, bid: bid / scale, ask: ask / scale });
    return messages;
  }
}

function isoTime(value: unknown): number | null {
  return typeof value === "string" ? readTime(Date.parse(value)) : null;
}

const EPOCH_OF_INTERVALS = Date.UTC(2000, 0, 1);

/** The venue writes eight hours as `2000-01-01T08:00:00.000Z`. */
function fundingInterval(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return time > EPOCH_OF_INTERVALS ? time - EPOCH_OF_INTERVALS : null;
}
