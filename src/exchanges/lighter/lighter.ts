import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { bookLevels } from "../decoding/book-levels.ts";
import { busiest, inRunsOf, marketInstruments, watchedInstruments } from "../decoding/scope.ts";
import { readTime } from "../decoding/time.ts";
import type { BookLevel, Decoder, Endpoints, Exchange, FeedMessage, Instrument, Scope, SocketPlan } from "../exchange.ts";
import { lighterFallbackInstruments, loadLighterInstruments, marketLookup, marketOf } from "./lighter-instruments.ts";
import { LIGHTER_ADAPTER_VERSION, readLighterTrades } from "./lighter-trades.ts";

/**
 * Lighter perpetuals, settled on chain.
 * https://apidocs.lighter.xyz/docs/websocket-reference
 */
export const lighter = {
  name: "lighter",
  title: "Lighter perpetuals",
  coverage: "all_reported",
  carries:
    "All fills of liquidations, as settled on chain, with the entry price, leverage and size of the liquidated position. The price is that of the fill.",
  endpoints: { ws: "https://mainnet.zklighter.elliot.ai", rest: "https://mainnet.zklighter.elliot.ai" },
  changeLog: "https://apidocs.lighter.xyz/changelog",
  collectedByDefault: false,
  locationHint: "apac-ne",
  adapterVersion: LIGHTER_ADAPTER_VERSION,
  lagResolutionMs: 1000,
  takerFeeBps: null,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: lighterFallbackInstruments,
  loadInstruments: loadLighterInstruments,
  sockets,
  createDecoder,
} as const satisfies Exchange;

/** The venue allows 100 subscriptions on a connection, but these must be requested within the time to confirm them. */
const MAX_TOPICS = 30;

/** With `readonly` the venue serves every region. */
function sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[] {
  const traded = busiest(watchedInstruments(scope));
  const [busiestTrades = ""] = traded === null ? [] : channelOf(TRADES, traded);
  return connections(scope).map((topics, run) => ({
    name: run === 0 ? "stream" : `stream-${run + 1}`,
    role: "liquidations",
    address: () => Promise.resolve({ url: `${endpoints.ws}/stream?readonly=true` }),
    waitForWelcome: false,
    subscribe: [],
    confirmations: new Set([...topics.keys()].filter((topic) => topic.startsWith(`${TRADES}/`))),
    // Nothing else says that the venue still sends trades.
    ...(topics.has(busiestTrades) && { heartbeatTopic: busiestTrades, heartbeatTimeoutMs: TRADE_TIMEOUT_MS }),
    topics: {
      contracts: topics,
      perRequest: 1,
      request(_count, asked) {
        const channel = asked.join(",");
        return { id: channel, frame: JSON.stringify({ type: "subscribe", channel }) };
      },
      renewBook(_count, contract) {
        const channel = `${BOOK}/${marketOf(contract)}`;
        return ["unsubscribe", "subscribe"].map((type) => JSON.stringify({ type, channel }));
      },
    },
    // The venue allows 200 messages a minute.
    sendIntervalMs: 350,
    // It closes a connection that sends nothing for two minutes.
    keepalive: { intervalMs: 50_000, frame: () => JSON.stringify({ type: "ping" }) },
    control: new Set(["mark"]),
    controlTimeoutMs: 15_000,
    maxAgeMs: null,
  }));
}

const TRADES = "trade";
/** The busiest market has several trades a second. */
const TRADE_TIMEOUT_MS = 30_000;
const STATS = "market_stats";
const BOOK = "order_book";

/** The topics of each connection with their contracts. All have mark prices, which show that the connection delivers. */
function connections(scope: Scope): readonly ReadonlyMap<string, string>[] {
  const market = marketInstruments(scope);
  const watched = watchedInstruments(scope);
  const [control] = [...market, ...watched];
  const topics = [
    ...watched.map((one) => channelOf(TRADES, one)),
    ...(market.length > 0 ? market : watched.slice(0, 1)).flatMap((one) => [channelOf(STATS, one), channelOf(BOOK, one)]),
  ];
  // One place is left for the mark prices of a connection that has none.
  return inRunsOf(MAX_TOPICS - 1, topics).map((run) => {
    const hasMarks = run.some(([name]) => name.startsWith(`${STATS}/`));
    return new Map(hasMarks || control === undefined ? run : [...run, channelOf(STATS, control)]);
  });
}

function channelOf(kind: string, { instrument }: Instrument): readonly [topic: string, contract: string] {
  return [`${kind}/${marketOf(instrument)}`, instrument];
}

function createDecoder(scope: Scope): Decoder {
  const marketNumbered = marketLookup(scope);
  return {
    decode(text, receivedTime) {
      const frame = parseJson(text);
      if (!isObject(frame)) return [{ kind: "reject", reason: "malformed frame", text }];
      if (frame.error !== undefined) return [readError(frame.error)];
      switch (frame.type) {
        case "connected":
          return [{ kind: "welcome" }];
        case "pong":
          return [{ kind: "pong" }];
        case "ping":
          return [{ kind: "reply", frame: JSON.stringify({ type: "pong" }) }];
        case "unsubscribed":
          return readUnsubscribed(shown(frame.channel));
        default:
          return readPush(frame, text, receivedTime, scope, marketNumbered);
      }
    },
  };
}

/** A book that is renewed is unsubscribed by us; trades never are. */
function readUnsubscribed(channel: string): readonly FeedMessage[] {
  return channel.startsWith(TRADES) ? [{ kind: "reconnect", reason: `${channel} unsubscribed by the venue` }] : [];
}

/** `Invalid Channel: (trade/9999)`, `Already Subscribed: trade:1`. */
function readError(error: unknown): FeedMessage {
  const reason = shown(isObject(error) ? error.message : error);
  const [, kind, market] = /\b(trade|market_stats|order_book)[:/](\d+)/.exec(reason) ?? [];
  if (kind === undefined || market === undefined) return { kind: "error", message: reason };
  const topic = `${kind}/${market}`;
  const isHeld = /already/i.test(reason);
  return { kind: "refused", request: topic, reason, unknown: isHeld ? [] : [topic], held: isHeld ? [topic] : [] };
}

type MarketNumbered = (market: unknown) => Instrument | undefined;

/** The first frame of a channel confirms it: `subscribed/trade` of `trade:1`. */
function readPush(
  frame: JsonObject,
  text: string,
  receivedTime: number,
  scope: Scope,
  marketNumbered: MarketNumbered,
): readonly FeedMessage[] {
  const [, phase, kind] = /^(subscribed|update)\/(\w+)$/.exec(typeof frame.type === "string" ? frame.type : "") ?? [];
  const [, market] = /^\w+:(\d+|all)$/.exec(typeof frame.channel === "string" ? frame.channel : "") ?? [];
  if (phase === undefined || kind === undefined || market === undefined) {
    return [{ kind: "reject", reason: `unexpected topic ${shown(frame.type)}`, text }];
  }
  const confirmed: readonly FeedMessage[] = phase === "subscribed" ? [{ kind: "subscribed", topic: `${kind}/${market}` }] : [];
  switch (kind) {
    case TRADES: {
      const beats = Array.isArray(frame.trades) && frame.trades.length > 0 ? [tradeBeat(market, receivedTime)] : [];
      return [...confirmed, ...readLighterTrades(frame.liquidation_trades, text, scope, marketNumbered), ...beats];
    }
    case STATS:
      return [...confirmed, ...readStats(frame, text, receivedTime, marketNumbered)];
    case BOOK:
      return [...confirmed, readBook(frame, phase === "subscribed", market, text, marketNumbered)];
    default:
      return [{ kind: "reject", reason: `unexpected topic ${kind}`, text }];
  }
}

/** Ordinary trades are not kept, but prove that the channel delivers. */
function tradeBeat(market: string, time: number): FeedMessage {
  return { kind: "heartbeat", topic: `${TRADES}/${market}`, time };
}

const HOUR_MS = 3_600_000;

/** One market's statistics, or those of all by their numbers. */
function readStats(frame: JsonObject, text: string, receivedTime: number, marketNumbered: MarketNumbered): readonly FeedMessage[] {
  const { market_stats: stats } = frame;
  if (!isObject(stats)) return [{ kind: "reject", reason: "malformed market statistics", text }];
  const rows: readonly unknown[] = stats.market_id === undefined ? Object.values(stats) : [stats];
  const time = readTime(frame.timestamp) ?? receivedTime;
  return rows.flatMap((row) => readMarketStats(isObject(row) ? row : {}, text, time, marketNumbered));
}

/** The funding rate is in percent and paid every hour; the open interest and the volume are in USDC. */
function readMarketStats(row: JsonObject, text: string, time: number, marketNumbered: MarketNumbered): readonly FeedMessage[] {
  const listed = marketNumbered(row.market_id);
  if (listed === undefined && typeof row.market_id === "number") return [];
  const mark = readPositive(row.mark_price);
  if (listed === undefined || mark === null) return [{ kind: "reject", reason: "malformed market statistics", text }];
  const { instrument, scale } = listed;
  const messages: FeedMessage[] = [{ kind: "mark", instrument, price: mark / scale, time }];
  const index = readPositive(row.index_price);
  if (index !== null) messages.push({ kind: "index", instrument, price: index / scale });
  const percent = readNumber(row.current_funding_rate);
  if (percent !== null)
    messages.push({ kind: "funding", instrument, rate: percent / 100 }, { kind: "funding_interval", instrument, intervalMs: HOUR_MS });
  const openUsd = readNumber(row.open_interest);
  if (openUsd !== null && openUsd >= 0) messages.push({ kind: "open_interest", instrument, quantity: (openUsd / mark) * scale });
  const usd = readNumber(row.daily_quote_token_volume);
  if (usd !== null && usd >= 0) messages.push({ kind: "turnover", instrument, usd });
  return messages;
}

/** A snapshot and then changes; `begin_nonce` of a change is the `nonce` of the one before. */
function readBook(frame: JsonObject, isSnapshot: boolean, market: string, text: string, marketNumbered: MarketNumbered): FeedMessage {
  const { order_book: book } = frame;
  const listed = marketNumbered(Number(market));
  const levels = isObject(book) ? bookLevels(levelsOf(book.bids), levelsOf(book.asks)) : null;
  if (!isObject(book) || levels === null || listed === undefined) return { kind: "reject", reason: "malformed order book", text };
  const previous = isSnapshot ? null : readNumber(book.begin_nonce);
  return {
    kind: "book",
    instrument: listed.instrument,
    action: isSnapshot ? "snapshot" : "delta",
    ...levels,
    sequence: readNumber(book.nonce),
    ...(previous !== null && { previousSequence: previous }),
  };
}

function levelsOf(rows: unknown): readonly unknown[] | null {
  if (!Array.isArray(rows)) return null;
  return rows.map((row: unknown) => (isObject(row) ? [row.price, row.size] : null) as BookLevel | null);
}
