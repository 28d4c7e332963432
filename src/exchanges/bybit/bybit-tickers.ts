import type { Instrument, FeedMessage, Scope } from "../exchange.ts";
import { type JsonObject, isObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { isDollar } from "../decoding/valuation.ts";
import { readTime } from "../decoding/time.ts";

/**
 * Bybit's `tickers` stream: a snapshot, then deltas in which a missing field is unchanged. A frame thus confirms all
 * values, and each frame returns them all. https://bybit-exchange.github.io/docs/v5/websocket/public/ticker
 */
export class BybitTickers {
  readonly #instruments: Scope["instruments"];
  readonly #held = new Map<string, HeldTicker>();

  constructor({ instruments }: Pick<Scope, "instruments">) {
    this.#instruments = instruments;
  }

  read(frame: JsonObject, text: string, receivedTime: number): readonly FeedMessage[] {
    const { data } = frame;
    if (!isObject(data) || typeof data.symbol !== "string" || data.symbol === "") {
      return [{ kind: "reject", reason: "malformed ticker", text }];
    }
    const instrument = this.#instruments.get(data.symbol);
    if (instrument === undefined) return [{ kind: "reject", reason: "ticker of an instrument outside the table", text }];
    let held = frame.type === "snapshot" ? undefined : this.#held.get(data.symbol);
    if (held === undefined) {
      held = new HeldTicker(instrument);
      this.#held.set(data.symbol, held);
    }
    held.update(data);
    return held.messages(readTime(frame.ts) ?? receivedTime);
  }
}

/**
 * Open interest of one side, as other venues count it. Since 2026-06 the venue sends it as `singleOpenInterest`;
 * `openInterest` counts both sides and is exactly twice as much (measured: 52664.642 and 26332.321 in one frame).
 */
function oneSide(data: JsonObject): number | null {
  if (data.singleOpenInterest !== undefined) return readNumber(data.singleOpenInterest);
  const both = readNumber(data.openInterest);
  return both === null ? null : both / 2;
}

/** The values of one symbol; null if not known yet, or sent empty. Messages of unchanged values are reused. */
class HeldTicker {
  readonly #instrument: string;
  readonly #scale: number;
  readonly #isDollar: boolean;
  #mark: number | null = null;
  #bid: number | null = null;
  #ask: number | null = null;
  #index: FeedMessage | null = null;
  #funding: FeedMessage | null = null;
  #fundingInterval: FeedMessage | null = null;
  #openInterest: FeedMessage | null = null;
  #turnover: FeedMessage | null = null;
  #quote: FeedMessage | null = null;

  constructor({ instrument, scale, quote }: Instrument) {
    this.#instrument = instrument;
    this.#scale = scale;
    this.#isDollar = isDollar(quote);
  }

  update(data: JsonObject): void {
    const instrument = this.#instrument;
    const scale = this.#scale;
    if (data.markPrice !== undefined) this.#mark = readPositive(data.markPrice);
    if (data.indexPrice !== undefined) {
      const index = readPositive(data.indexPrice);
      this.#index = index === null ? null : { kind: "index", instrument, price: index / scale };
    }
    if (data.fundingRate !== undefined) {
      const rate = readNumber(data.fundingRate);
      this.#funding = rate === null ? null : { kind: "funding", instrument, rate };
    }
    if (data.fundingIntervalHour !== undefined) {
      const hours = readPositive(data.fundingIntervalHour);
      this.#fundingInterval = hours === null ? null : { kind: "funding_interval", instrument, intervalMs: hours * 3_600_000 };
    }
    if (data.turnover24h !== undefined) {
      const usd = this.#isDollar ? readNumber(data.turnover24h) : null;
      this.#turnover = usd === null || usd < 0 ? null : { kind: "turnover", instrument, usd };
    }
    if (data.singleOpenInterest !== undefined || data.openInterest !== undefined) {
      const quantity = oneSide(data);
      this.#openInterest = quantity === null ? null : { kind: "open_interest", instrument, quantity: quantity * scale };
    }
    if (data.bid1Price !== undefined || data.ask1Price !== undefined) this.#updateQuote(data);
  }

  #updateQuote(data: JsonObject): void {
    if (data.bid1Price !== undefined) this.#bid = readPositive(data.bid1Price);
    if (data.ask1Price !== undefined) this.#ask = readPositive(data.ask1Price);
    const bid = this.#bid;
    const ask = this.#ask;
    const known = bid !== null && ask !== null;
    this.#quote = known ? { kind: "quote", instrument: this.#instrument, bid: bid / this.#scale, ask: ask / this.#scale } : null;
  }

  messages(time: number): readonly FeedMessage[] {
    const messages: FeedMessage[] = [];
    if (this.#mark !== null) messages.push({ kind: "mark", instrument: this.#instrument, price: this.#mark / this.#scale, time });
    if (this.#index !== null) messages.push(this.#index);
    if (this.#funding !== null) messages.push(this.#funding);
    if (this.#fundingInterval !== null) messages.push(this.#fundingInterval);
    if (this.#turnover !== null) messages.push(this.#turnover);
    if (this.#openInterest !== null) messages.push(this.#openInterest);
    if (this.#quote !== null) messages.push(this.#quote);
    return messages;
  }
}

/** The fields of a ticker that are read, in the order of the venue's frames. */
const READ_FIELDS = [
  "markPrice",
  "indexPrice",
  "openInterest",
  "turnover24h",
  "fundingRate",
  "bid1Price",
  "ask1Price",
  "singleOpenInterest",
  "fundingIntervalHour",
] as const;

/** Any other fields with plain texts. A repeated field is not among them, as the parser takes the last one. */
const OTHERS = `(?:,"(?!(?:symbol|${READ_FIELDS.join("|")})")\\w+":"[\\w.+-]*")*`;
const USUAL_TICKER = new RegExp(
  `^\\{"topic":"tickers\\.\\w+","type":"(\\w+)","data":\\{"symbol":"(\\w+)"${READ_FIELDS.map((name) => `${OTHERS}(?:,"${name}":"([\\w.+-]*)")?`).join("")}${OTHERS}\\},"cs":[1-9]\\d{0,14},"ts":([1-9]\\d{0,14})\\}$`,
);

/**
 * A ticker frame in the spelling of every captured one, read in a third of the time of parsing it; null for every other
 * frame. The fields that are read are those of the parser.
 */
export function usualTicker(text: string): JsonObject | null {
  const match = USUAL_TICKER.exec(text);
  if (match === null) return null;
  // By number: taken apart with a rest, the groups would be copied one by one.
  const data = {
    symbol: match[2],
    markPrice: match[3],
    indexPrice: match[4],
    openInterest: match[5],
    turnover24h: match[6],
    fundingRate: match[7],
    bid1Price: match[8],
    ask1Price: match[9],
    singleOpenInterest: match[10],
    fundingIntervalHour: match[11],
  };
  return { type: match[1], data, ts: Number(match[12]) };
}
