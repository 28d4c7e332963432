import { bookLevels } from "../decoding/book-levels.ts";
import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { busiest, instrumentLookup, marketInstruments, watchedInstruments } from "../decoding/scope.ts";
import { readTime } from "../decoding/time.ts";
import { baseQuantity } from "../decoding/valuation.ts";
import type { BookLevel, Decoder, Endpoints, Exchange, FeedMessage, Instrument, Scope, SocketPlan } from "../exchange.ts";
import { deribitFallbackInstruments, deribitInstrumentNamed, loadDeribitInstruments } from "./deribit-instruments.ts";
import { DERIBIT_ADAPTER_VERSION, deribitBackfill, readDeribitTrades } from "./deribit-trades.ts";

/**
 * Deribit perpetuals: inverse in USD, linear in USDC.
 * https://docs.deribit.com/subscriptions/market-data/tradesinstrument_nameinterval
 */
export const deribit = {
  name: "deribit",
  title: "Deribit perpetuals",
  coverage: "all_reported",
  carries: "All fills of liquidations, as flagged trades, in a batch every 100 ms. The price is that of the fill.",
  endpoints: { ws: "https://streams.deribit.com", rest: "https://www.deribit.com" },
  changeLog: "https://docs.deribit.com/changelogs/jsonrpc.md",
  collectedByDefault: false,
  locationHint: "weur",
  adapterVersion: DERIBIT_ADAPTER_VERSION,
  lagResolutionMs: 100,
  takerFeeBps: null,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: deribitFallbackInstruments,
  loadInstruments: loadDeribitInstruments,
  sockets,
  createDecoder,
  backfill: deribitBackfill,
} as const satisfies Exchange;

const INTERVAL = "100ms";
/** The venue sends a test request this often, and cuts a connection that leaves one unanswered. The minimum is 10. */
const HEARTBEAT_SECONDS = 15;
const HEARTBEAT = "heartbeat";
const TOPICS_PER_REQUEST = 20;
/** The venue's limit of channels on a connection is 500. */
const MAX_TOPICS = 400;

function sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[] {
  const topics = topicsOf(scope);
  const contracts = new Map(topics.map((topic) => [topic, contractOf(topic)]));
  // Contracts in USDC may have no trade for minutes.
  const traded = busiest(watchedInstruments(scope).filter(({ contract }) => contract.kind === "inverse"));
  return topics.length === 0
    ? []
    : [
        {
          name: "perpetuals",
          role: "liquidations",
          address: () => Promise.resolve({ url: `${endpoints.ws}/ws/api/v2` }),
          waitForWelcome: false,
          subscribe: [call(HEARTBEAT, "public/set_heartbeat", { interval: HEARTBEAT_SECONDS })],
          confirmations: new Set(topics.filter((topic) => topic.startsWith("trades."))),
          // Nothing else says that the venue still sends trades.
          ...(traded !== null && { heartbeatTopic: tradesOf(traded), heartbeatTimeoutMs: TRADE_TIMEOUT_MS }),
          topics: {
            contracts,
            perRequest: TOPICS_PER_REQUEST,
            request(count, channels) {
              // The number of topics is in the id, because the venue leaves out of its answer those that it does not have.
              const id = `topics-${count}-${channels.length}`;
              return { id, frame: call(id, "public/subscribe", { channels }) };
            },
            renewBook(count, contract) {
              const channels = [`book.${contract}.${INTERVAL}`];
              return ["public/unsubscribe", "public/subscribe"].map((method) => call(`${RENEWAL}${count}`, method, { channels }));
            },
          },
          sendIntervalMs: 100,
          keepalive: null,
          control: new Set(["mark"]),
          controlTimeoutMs: 15_000,
          maxAgeMs: null,
        },
      ];
}

/** BTC-PERPETUAL and ETH-PERPETUAL are traded many times a minute. */
const TRADE_TIMEOUT_MS = 60_000;

function tradesOf({ instrument }: Instrument): string {
  return `trades.${instrument}.${INTERVAL}`;
}

/** The id of the requests that renew a book begins with this. */
const RENEWAL = "renew-";

/** Trades come first; if no watched contract has market topics, a ticker still shows that the socket delivers. */
function topicsOf(scope: Scope): readonly string[] {
  const watched = watchedInstruments(scope);
  const market = marketInstruments(scope);
  const shownMarkets = market.length > 0 ? market : watched.slice(0, 1);
  const topics = [
    ...watched.map(tradesOf),
    ...shownMarkets.flatMap(({ instrument }) => [`ticker.${instrument}.${INTERVAL}`, `book.${instrument}.${INTERVAL}`]),
  ];
  return topics.slice(0, MAX_TOPICS);
}

function contractOf(topic: string): string {
  return topic.slice(topic.indexOf(".") + 1, topic.lastIndexOf("."));
}

function call(id: string, method: string, params: object): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

function createDecoder(scope: Scope): Decoder {
  const instrumentOf = instrumentLookup(scope, deribitInstrumentNamed);
  return {
    decode(text, receivedTime) {
      const frame = parseJson(text);
      if (!isObject(frame)) return [{ kind: "reject", reason: "malformed frame", text }];
      if (frame.method === "subscription" && isObject(frame.params)) {
        return readPush(frame.params, text, receivedTime, scope, instrumentOf);
      }
      if (frame.method === "heartbeat") return readHeartbeat(frame.params);
      if (frame.id !== undefined) return readAnswer(frame);
      return [{ kind: "reject", reason: "unknown frame", text }];
    },
  };
}

/** A `test_request` must be answered, or the venue closes the connection. */
function readHeartbeat(params: unknown): readonly FeedMessage[] {
  const isTest = isObject(params) && params.type === "test_request";
  return isTest ? [{ kind: "reply", frame: call("test", "public/test", {}) }] : [{ kind: "pong" }];
}

function readAnswer(frame: JsonObject): readonly FeedMessage[] {
  const id = shown(frame.id);
  const [, asked] = /^topics-\d+-(\d+)$/.exec(id) ?? [];
  if (frame.error !== undefined) {
    const message = shown(frame.error);
    if (asked === undefined) return [{ kind: "error", message }];
    return [{ kind: "refused", request: id, reason: message, unknown: [], held: [] }];
  }
  if (id === HEARTBEAT) return [{ kind: "subscribed", topic: id }];
  if (asked === undefined) return [{ kind: "pong" }];
  const held = Array.isArray(frame.result) ? frame.result.map(shown) : [];
  if (held.length >= Number(asked)) return [{ kind: "subscribed", topic: id }];
  return [{ kind: "refused", request: id, reason: "not among the subscribed channels", unknown: [], held }];
}

type InstrumentOf = (name: string) => Instrument;

function readPush(
  params: JsonObject,
  text: string,
  receivedTime: number,
  scope: Scope,
  instrumentOf: InstrumentOf,
): readonly FeedMessage[] {
  const { channel, data } = params;
  const kind = typeof channel === "string" ? channel.slice(0, channel.indexOf(".")) : "";
  switch (kind) {
    case "trades": {
      const messages = readDeribitTrades(data, text, scope, instrumentOf);
      // Ordinary trades are not kept, but prove that the channel delivers.
      return messages.length > 0 ? messages : [{ kind: "heartbeat", topic: shown(channel), time: receivedTime }];
    }
    case "ticker":
      return readTicker(data, text, receivedTime, instrumentOf);
    case "book":
      return [readBook(data, text)];
    default:
      return [{ kind: "reject", reason: `unexpected topic ${shown(channel)}`, text }];
  }
}

/** `funding_8h` is the rate that the present premium comes to in eight hours; it is paid continuously. */
const FUNDING_INTERVAL_MS = 8 * 3_600_000;

/** The open interest is in the unit of the contract's size: USD where it is inverse. */
function readTicker(data: unknown, text: string, receivedTime: number, instrumentOf: InstrumentOf): readonly FeedMessage[] {
  const row = isObject(data) ? data : {};
  const mark = readPositive(row.mark_price);
  if (typeof row.instrument_name !== "string" || row.instrument_name === "" || mark === null) {
    return [{ kind: "reject", reason: "malformed ticker", text }];
  }
  const listed = instrumentOf(row.instrument_name);
  const { instrument, scale } = listed;
  const messages: FeedMessage[] = [{ kind: "mark", instrument, price: mark / scale, time: readTime(row.timestamp) ?? receivedTime }];
  const index = readPositive(row.index_price);
  if (index !== null) messages.push({ kind: "index", instrument, price: index / scale });
  const rate = readNumber(row.funding_8h);
  if (rate !== null)
    messages.push({ kind: "funding", instrument, rate }, { kind: "funding_interval", instrument, intervalMs: FUNDING_INTERVAL_MS });
  const quantity = baseQuantity(listed, readNumber(row.open_interest), mark);
  if (quantity !== null && quantity >= 0) messages.push({ kind: "open_interest", instrument, quantity });
  const usd = isObject(row.stats) ? readNumber(row.stats.volume_usd) : null;
  if (usd !== null && usd >= 0) messages.push({ kind: "turnover", instrument, usd });
  const bid = readPositive(row.best_bid_price);
  const ask = readPositive(row.best_ask_price);
  if (bid !== null && ask !== null) messages.push({ kind: "quote", instrument, bid: bid / scale, ask: ask / scale });
  return messages;
}

/** Levels are `[action, price, size]`; each change names the number of the one before. */
function readBook(data: unknown, text: string): FeedMessage {
  const row = isObject(data) ? data : {};
  const levels = bookLevels(levelsOf(row.bids), levelsOf(row.asks));
  const { instrument_name: instrument, type } = row;
  if (levels === null || typeof instrument !== "string" || (type !== "snapshot" && type !== "change")) {
    return { kind: "reject", reason: "malformed order book", text };
  }
  const previous = type === "change" ? readNumber(row.prev_change_id) : null;
  return {
    kind: "book",
    instrument,
    action: type === "snapshot" ? "snapshot" : "delta",
    ...levels,
    sequence: readNumber(row.change_id),
    ...(previous !== null && { previousSequence: previous }),
  };
}

function levelsOf(rows: unknown): readonly unknown[] | null {
  if (!Array.isArray(rows)) return null;
  return rows.map((row: unknown) => (Array.isArray(row) ? [row[1], row[0] === "delete" ? 0 : row[2]] : null) as BookLevel | null);
}
