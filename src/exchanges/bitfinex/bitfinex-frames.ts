import { isRow, LiquidationRows } from "./bitfinex-liquidation.ts";
import type { BookLevel, Decoder, Instrument, FeedMessage, Scope } from "../exchange.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import type { JsonObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { TextScanner } from "../decoding/text-scanner.ts";
import { readTime } from "../decoding/time.ts";

/** Data frames only have the number of their channel, which the `subscribed` response maps to a channel. */
export function createBitfinexDecoder(scope: Scope): Decoder {
  const session = new Session(scope);
  return {
    decode(text, receivedTime) {
      const usual = session.usual(text, receivedTime);
      if (usual !== null) return usual;
      const frame = parseJson(text);
      if (Array.isArray(frame)) return session.data(frame, text, receivedTime);
      if (isObject(frame)) return session.event(frame) ?? [reject("unknown event", text)];
      return [reject(frame === undefined ? "not JSON" : "neither an array nor an object", text)];
    },
  };
}

type Channel =
  | { readonly kind: "liquidations" }
  | { readonly kind: "status"; readonly instrument: Instrument }
  | { readonly kind: "book"; readonly instrument: Instrument; hasSnapshot: boolean };

class Session {
  readonly #instruments: Scope["instruments"];
  readonly #channels = new Map<unknown, Channel>();
  readonly #rows: LiquidationRows;
  readonly #scanner = new TextScanner();

  constructor(scope: Scope) {
    this.#instruments = scope.instruments;
    this.#rows = new LiquidationRows(scope);
  }

  /** A book change, as in nearly every frame, a status row, a heartbeat or a liquidation in its usual spelling; null for all others. */
  usual(text: string, receivedTime: number): readonly FeedMessage[] | null {
    const scanner = this.#scanner;
    scanner.begin(text);
    const channel = scanner.skip(OPEN) ? this.#channels.get(scanner.number()) : undefined;
    if (!scanner.skip(COMMA)) return null;
    if (!scanner.skip(OPEN)) return scanner.skipText(HEARTBEAT) ? this.#usualHeartbeat(channel, receivedTime) : null;
    if (channel?.kind === "book") return this.#usualChange(channel.instrument);
    if (channel?.kind === "status") return this.#usualStatus(channel.instrument, receivedTime);
    const liquidation = this.#rows.readUsual(text);
    return liquidation === null ? null : [liquidation];
  }

  /** The rest of `[CHAN_ID,[PRICE,COUNT,AMOUNT],SEQ,MTS]`; null for anything else, including malformed frames, which go to the parser. */
  #usualChange(instrument: Instrument): readonly FeedMessage[] | null {
    const scanner = this.#scanner;
    const price = scanner.number();
    if (!scanner.skip(COMMA)) return null;
    const count = scanner.number();
    if (!scanner.skip(COMMA)) return null;
    const amount = scanner.number();
    // Where one of them was no number, their sum is none.
    if (Number.isNaN(price + count + amount) || !this.#ends()) return null;
    const change = bookChange(instrument, price, count, amount);
    return change === null ? null : [change];
  }

  /** The rest of `[CHAN_ID,[MTS,…],SEQ,MTS]`, a status row of numbers and nulls alone; null for anything else. */
  #usualStatus(instrument: Instrument, receivedTime: number): readonly FeedMessage[] | null {
    const scanner = this.#scanner;
    const time = scanner.numberOrInfinity();
    const index = this.#after(2);
    const fund = this.#after(1);
    const rate = this.#after(5);
    const mark = this.#after(2);
    const coins = this.#after(2);
    while (scanner.skip(COMMA)) if (!scanner.skipNumberOrNull()) return null;
    // Where one of them was no number, their sum is none.
    if (Number.isNaN(time + index + fund + rate + mark + coins) || !this.#ends()) return null;
    return readStatus({ time, index, fund, rate, mark, coins }, instrument, receivedTime);
  }

  /** The value after some whose values nobody needs; `UNKNOWN` where the row ends before it, NaN where anything else stands in it. */
  #after(others: number): number {
    const scanner = this.#scanner;
    for (let other = 0; other < others; other++) {
      if (!scanner.skip(COMMA)) return UNKNOWN;
      if (!scanner.skipNumberOrNull()) return Number.NaN;
    }
    return scanner.skip(COMMA) ? scanner.numberOrInfinity() : UNKNOWN;
  }

  /** The rest of `[CHAN_ID,"hb",SEQ,MTS]`, whose last two may be missing; null for anything else. */
  #usualHeartbeat(channel: Channel | undefined, receivedTime: number): readonly FeedMessage[] | null {
    const scanner = this.#scanner;
    if (channel === undefined || (scanner.skip(COMMA) && !scanner.skipWhole())) return null;
    const time = scanner.skip(COMMA) ? readPositive(scanner.number()) : receivedTime;
    return time !== null && scanner.skip(CLOSE) && scanner.isAtEnd() ? heartbeat(channel, time) : null;
  }

  /** The end of a payload and of its frame, with up to two whole numbers between them that nobody needs. */
  #ends(): boolean {
    const scanner = this.#scanner;
    if (!scanner.skip(CLOSE)) return false;
    for (let more = 0; more < 2 && scanner.skip(COMMA); more++) if (!scanner.skipWhole()) return false;
    return scanner.skip(CLOSE) && scanner.isAtEnd();
  }

  /** `[CHAN_ID, payload, …]`: with our flags, sequence and time follow, and recorders append their own fields. */
  data(frame: readonly unknown[], text: string, receivedTime: number): readonly FeedMessage[] {
    const channel = this.#channels.get(frame[0]);
    const payload = frame[1];
    if (Array.isArray(payload)) return this.#payload(channel, payload, text, receivedTime);
    if (payload === "hb") return heartbeat(channel, readPositive(frame[3]) ?? receivedTime);
    if (channel !== undefined && (payload === null || payload === "cs")) return NOTHING;
    return [reject(channel === undefined ? "unknown channel" : `unknown ${channel.kind} frame`, text)];
  }

  #payload(channel: Channel | undefined, payload: readonly unknown[], text: string, receivedTime: number): readonly FeedMessage[] {
    if (payload[0] === "pos") return this.#rows.read([payload]);
    if (channel?.kind === "liquidations" || isRow(payload[0])) return this.#rows.read(payload);
    if (channel === undefined) return [reject("unknown channel", text)];
    if (channel.kind === "book") return readBook(channel, payload) ?? [reject("book frame without levels", text)];
    if (payload.length === 0) return NOTHING;
    return readStatus(statusValues(payload), channel.instrument, receivedTime) ?? [reject("status frame without values", text)];
  }

  event(frame: JsonObject): readonly FeedMessage[] | null {
    switch (frame.event) {
      case "info":
        return readInfo(frame);
      case "subscribed":
        return [{ kind: "subscribed", topic: this.#open(frame) }];
      case "unsubscribed":
        return [this.#close(frame.chanId)];
      case "conf":
        return frame.status === "OK" ? NOTHING : [{ kind: "error", message: "conf rejected" }];
      case "pong":
        return [{ kind: "pong" }];
      case "error":
        return readError(frame);
      default:
        return null;
    }
  }

  #close(number: unknown): FeedMessage {
    const channel = this.#channels.get(number);
    this.#channels.delete(number);
    if (channel?.kind === "liquidations") return { kind: "reconnect", reason: `${LIQUIDATIONS_KEY} unsubscribed by the venue` };
    const name = channel === undefined ? "an unknown channel" : `the ${channel.kind} channel of ${channel.instrument.instrument}`;
    return { kind: "error", message: `${name} unsubscribed by the venue` };
  }

  #open(frame: JsonObject): string {
    const key = textOf(frame.key);
    const symbol = textOf(frame.symbol);
    const channel = this.#channelOf(frame.channel, key, symbol);
    const { chanId } = frame;
    const fits = typeof chanId === "number" && (this.#channels.has(chanId) || this.#channels.size < MAX_CHANNELS);
    if (channel !== null && fits) this.#channels.set(chanId, channel);
    return key === "" ? `${textOf(frame.channel)}:${symbol}` : key;
  }

  /** Null where nothing that was asked for comes on it. */
  #channelOf(channel: unknown, key: string, symbol: string): Channel | null {
    if (channel === "status" && key === LIQUIDATIONS_KEY) return { kind: "liquidations" };
    const name = channel === "book" ? symbol : channel === "status" && key.startsWith(STATUS_KEY) ? key.slice(STATUS_KEY.length) : "";
    const instrument = this.#instruments.get(name);
    if (instrument === undefined) return null;
    return channel === "book" ? { kind: "book", instrument, hasSnapshot: false } : { kind: "status", instrument };
  }
}

/** More subscriptions than a session has: the limit for a venue that confirms without end. */
const MAX_CHANNELS = 100;

export const LIQUIDATIONS_KEY = "liq:global";
export const STATUS_KEY = "deriv:";

const NOTHING: readonly FeedMessage[] = [];
/**
 * Only the heartbeat of a status channel, liquidations or mark price, proves that the status service still sends; that
 * of a book comes from another service.
 */
function heartbeat(channel: Channel | undefined, time: number): readonly FeedMessage[] {
  if (channel === undefined || channel.kind === "book") return NOTHING;
  const topic = channel.kind === "liquidations" ? LIQUIDATIONS_KEY : `${STATUS_KEY}${channel.instrument.instrument}`;
  return [{ kind: "heartbeat", topic, time }];
}

/** `platform.status` 0 means maintenance: subscribing must wait, and the silence counts as maintenance. */
function readInfo(frame: JsonObject): readonly FeedMessage[] | null {
  const message = textOf(frame.msg);
  switch (frame.code) {
    case undefined:
      if (!isObject(frame.platform)) return null;
      return frame.platform.status === 1 ? [{ kind: "welcome" }] : [{ kind: "error", message: "in maintenance" }];
    case 20051:
      return [{ kind: "reconnect", reason: `20051 ${message}`.trim() }];
    case 20060:
      return [{ kind: "error", message: `20060 paused ${message}`.trim() }];
    case 20061:
      // All subscriptions must be made again, which a new session does.
      return [{ kind: "reconnect", reason: `20061 resumed ${message}`.trim() }];
    default:
      return null;
  }
}

/**
 * Without its liquidations a session is useless, whatever else it delivers; 10301 means that they are already
 * subscribed.
 */
function readError(frame: JsonObject): readonly FeedMessage[] {
  const about = textOf(frame.key) || textOf(frame.symbol);
  const message = `${readNumber(frame.code) ?? "no code"} ${textOf(frame.msg) || "no text"}${about === "" ? "" : ` (${about})`}`;
  const error: FeedMessage = { kind: "error", message };
  if (frame.key !== LIQUIDATIONS_KEY || frame.code === 10301) return [error];
  return [error, { kind: "reconnect", reason: `liquidations rejected: ${message}` }];
}

/** A value of a status row that is missing or null: numbers alone need no memory of their own. */
const UNKNOWN = Number.POSITIVE_INFINITY;

/** The values of a status row that are read; not finite where they are unknown. */
interface StatusValues {
  readonly time: number;
  readonly index: number;
  readonly fund: number;
  readonly rate: number;
  readonly mark: number;
  readonly coins: number;
}

/**
 * `[MTS, null, MID, SPOT_MID, null, INSURANCE_FUND, …, [11] funding of the running interval, … [14] mark price, … [17] open interest]`. Older
 * and sparser rows end earlier; missing values give no message.
 */
function statusValues(row: readonly unknown[]): StatusValues {
  const valueAt = (index: number) => readNumber(row[index]) ?? UNKNOWN;
  return { time: valueAt(0), index: valueAt(3), fund: valueAt(5), rate: valueAt(11), mark: valueAt(14), coins: valueAt(17) };
}

/** Null where none of the values is known. */
function readStatus(
  { time, index, fund, rate, mark, coins }: StatusValues,
  { instrument, scale }: Instrument,
  receivedTime: number,
): readonly FeedMessage[] | null {
  const messages: FeedMessage[] = [];
  if (mark > 0 && mark < UNKNOWN) messages.push({ kind: "mark", instrument, price: mark / scale, time: readTime(time) ?? receivedTime });
  if (index > 0 && index < UNKNOWN) messages.push({ kind: "index", instrument, price: index / scale });
  if (Number.isFinite(fund)) messages.push(insuranceFund(instrument, fund, receivedTime));
  if (Number.isFinite(rate)) messages.push({ kind: "funding", instrument, rate });
  if (coins >= 0 && coins < UNKNOWN) messages.push({ kind: "open_interest", instrument, quantity: coins * scale });
  return messages.length > 0 ? messages : null;
}

/** Rows come about every second. */
const FUND_FOR_MS = 60_000;

/** The venue publishes the balance of its fund and no state, and does not name the currency. */
function insuranceFund(instrument: string, balance: number, time: number): FeedMessage {
  return { kind: "adl", instrument, state: null, insuranceFund: balance, currency: null, time, validMs: FUND_FOR_MS };
}

/** The first list on a channel is the whole book; single changes or lists of changes follow. */
function readBook(channel: Channel & { readonly kind: "book" }, payload: readonly unknown[]): readonly FeedMessage[] | null {
  if (payload.length > 0 && !Array.isArray(payload[0])) {
    const change = bookChange(channel.instrument, payload[0], payload[1], payload[2]);
    return change === null ? null : [change];
  }
  const bids: BookLevel[] = [];
  const asks: BookLevel[] = [];
  for (const row of payload) {
    const level = Array.isArray(row) ? readLevel(row[0], row[1], row[2]) : null;
    if (level === null) return null;
    (level.isBid ? bids : asks).push(level.level);
  }
  const action = channel.hasSnapshot ? "delta" : "snapshot";
  channel.hasSnapshot = true;
  return [{ kind: "book", instrument: channel.instrument.instrument, action, bids, asks, sequence: null }];
}

function bookChange({ instrument }: Instrument, price: unknown, count: unknown, amount: unknown): FeedMessage | null {
  const changed = readLevel(price, count, amount);
  if (changed === null) return null;
  const bids = changed.isBid ? [changed.level] : NO_LEVELS;
  const asks = changed.isBid ? NO_LEVELS : [changed.level];
  return { kind: "book", instrument, action: "delta", bids, asks, sequence: null };
}

const NO_LEVELS: readonly BookLevel[] = [];

/** `[PRICE, COUNT, AMOUNT]`: the sign of AMOUNT is the side, also for a deleted level, whose COUNT is 0. */
function readLevel(price: unknown, count: unknown, amount: unknown): { readonly isBid: boolean; readonly level: BookLevel } | null {
  if (typeof price !== "number" || typeof count !== "number" || typeof amount !== "number" || amount === 0) return null;
  return { isBid: amount > 0, level: [price, count === 0 ? 0 : Math.abs(amount)] };
}

const [OPEN, COMMA, CLOSE] = [91, 44, 93];
const HEARTBEAT = '"hb"';

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function reject(reason: string, text: string): FeedMessage {
  return { kind: "reject", reason, text };
}
