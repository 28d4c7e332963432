import { bookLevels } from "../decoding/book-levels.ts";
import type { Decoder, Endpoints, Exchange, FeedMessage, Instrument, Scope, SocketPlan } from "../exchange.ts";
import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { inRunsOf, instrumentLookup, marketInstruments } from "../decoding/scope.ts";
import { isDollar } from "../decoding/valuation.ts";
import { bitgetBackfill } from "./bitget-backfill.ts";
import { bitgetPolls } from "./bitget-polls.ts";
import { CATEGORIES, bitgetFallbackInstruments, bitgetInstrumentNamed, categoryOf, loadBitgetInstruments } from "./bitget-instruments.ts";
import { BITGET_ADAPTER_VERSION, readBitgetRows } from "./bitget-liquidations.ts";

/**
 * Bitget perpetuals in USDT and USDC, by its v3 sockets: the liquidation channel of v2 is acknowledged and stays silent.
 * https://www.bitget.com/api-doc/uta/websocket/public/Liquidation-Channel
 */
export const bitget = {
  name: "bitget",
  title: "Bitget perpetuals",
  coverage: "largest_per_side_second",
  carries:
    "At most the largest long and the largest short per symbol and second; a row may come 20 s late. The price is near the bankruptcy price.",
  endpoints: { ws: "https://ws.bitget.com", rest: "https://api.bitget.com" },
  changeLog: "https://www.bitget.com/api-doc/uta/changelog",
  collectedByDefault: true,
  sharesObject: true,
  locationHint: "apac",
  adapterVersion: BITGET_ADAPTER_VERSION,
  lagResolutionMs: 1000,
  // No evidence of it was found.
  takerFeeBps: null,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: bitgetFallbackInstruments,
  loadInstruments: loadBitgetInstruments,
  sockets,
  createDecoder,
  polls: bitgetPolls,
  backfill: bitgetBackfill,
} as const satisfies Exchange;

const LIQUIDATION = "liquidation";
const TICKER = "ticker";
const BOOK = "books50";
/** The venue advises fewer than 50 channels per connection; each contract has two. */
const CONTRACTS_PER_SOCKET = 20;
const TOPICS_PER_REQUEST = 20;

const LIQUIDATIONS: readonly JsonObject[] = CATEGORIES.map((category) => ({ instType: category.toLowerCase(), topic: LIQUIDATION }));

/** The first socket has the liquidations, and all have tickers, whose mark prices show that they deliver. */
function sockets(scope: Scope, { ws }: Endpoints): readonly SocketPlan[] {
  const [first = [], ...more] = inRunsOf(CONTRACTS_PER_SOCKET, contractsOf(scope));
  const liquidations = {
    subscribe: [JSON.stringify({ op: "subscribe", args: LIQUIDATIONS })],
    confirmations: new Set(LIQUIDATIONS.map(topicOf)),
  };
  const none = { subscribe: [], confirmations: new Set<string>() };
  return [
    { ...planOf("public", first, ws), role: "liquidations", ...liquidations },
    ...more.map((contracts, index) => ({ ...planOf(`public-${index + 2}`, contracts, ws), role: "market" as const, ...none })),
  ];
}

/** If no watched contract has market streams, Bitcoin's mark price still shows that the socket delivers. */
function contractsOf(scope: Scope): readonly Instrument[] {
  const contracts = marketInstruments(scope).filter(({ quote }) => scope.symbols !== "*" || quote === "USDT");
  return contracts.length === 0 ? [bitgetInstrumentNamed("BTCUSDT")] : contracts;
}

function planOf(name: string, contracts: readonly Instrument[], ws: string): Omit<SocketPlan, "role" | "subscribe" | "confirmations"> {
  const args = contracts.flatMap((one) => [TICKER, BOOK].map((topic) => argumentOf(one, topic)));
  const byTopic = new Map(args.map((arg) => [topicOf(arg), arg]));
  return {
    name,
    address: () => Promise.resolve({ url: `${ws}/v3/ws/public` }),
    waitForWelcome: false,
    topics: {
      contracts: new Map(args.map((arg) => [topicOf(arg), shown(arg.symbol)])),
      perRequest: TOPICS_PER_REQUEST,
      request(count, topics) {
        // Answers name each topic, so that the id is of no use to them.
        return {
          id: `topics-${count}`,
          frame: JSON.stringify({ op: "subscribe", args: topics.flatMap((topic) => byTopic.get(topic) ?? []) }),
        };
      },
      renewBook(_count, contract) {
        const books = args.filter(({ symbol, topic }) => symbol === contract && topic === BOOK);
        return ["unsubscribe", "subscribe"].map((op) => JSON.stringify({ op, args: books }));
      },
    },
    // The venue allows 10 messages a second and 240 requests an hour.
    sendIntervalMs: 200,
    // It cuts a client that sent no ping for two minutes; the ping is plain text.
    keepalive: { intervalMs: 25_000, frame: () => "ping" },
    control: new Set(["mark"]),
    controlTimeoutMs: 20_000,
    maxAgeMs: null,
  };
}

function argumentOf(instrument: Instrument, topic: string): JsonObject {
  return { instType: categoryOf(instrument).toLowerCase(), topic, symbol: instrument.instrument };
}

/** `usdt-futures:liquidation`, `usdt-futures:ticker:BTCUSDT`. */
function topicOf({ instType, topic, symbol }: JsonObject): string {
  return [instType, topic, ...(symbol === undefined ? [] : [symbol])].map(shown).join(":");
}

function createDecoder(scope: Scope): Decoder {
  const instrumentOf = instrumentLookup(scope, bitgetInstrumentNamed);
  return {
    decode(text, receivedTime) {
      if (text === "pong") return [{ kind: "pong" }];
      const frame = parseJson(text);
      if (!isObject(frame)) return [{ kind: "reject", reason: "malformed frame", text }];
      if (frame.event !== undefined) return readAnswer(frame, text);
      const { arg, data } = frame;
      if (!isObject(arg) || !Array.isArray(data)) return [{ kind: "reject", reason: "unknown frame", text }];
      switch (arg.topic) {
        case LIQUIDATION:
          return readBitgetRows(data, { scope, instrumentOf, unit: "quote", text });
        case TICKER:
          return readTicker(arg, data[0], readTime(frame.ts) ?? receivedTime, text, instrumentOf);
        case BOOK:
          return [readBook(arg, frame.action, data[0], text)];
        default:
          return [{ kind: "reject", reason: `unexpected topic ${shown(arg.topic)}`, text }];
      }
    },
  };
}

function readAnswer(frame: JsonObject, text: string): readonly FeedMessage[] {
  const { event, arg, code, msg } = frame;
  if (event === "subscribe" && isObject(arg)) return [{ kind: "subscribed", topic: topicOf(arg) }];
  if (event === "unsubscribe" && isObject(arg)) {
    return arg.topic === LIQUIDATION ? [{ kind: "reconnect", reason: `${topicOf(arg)} unsubscribed by the venue` }] : [];
  }
  if (event !== "error") return [{ kind: "reject", reason: `unexpected event ${shown(event)}`, text }];
  const message = `${shown(code)} ${shown(msg)}`;
  const refused: FeedMessage = { kind: "error", message };
  if (!isObject(arg)) return [refused];
  // Mark prices would continue and show the feed as live, although no liquidation would ever arrive.
  if (arg.topic === LIQUIDATION) return [refused, { kind: "reconnect", reason: `liquidations rejected: ${message}` }];
  return [refused];
}

/** Values that are absent are not known. Open interest is in coins, turnover in the quote asset. */
function readTicker(
  arg: JsonObject,
  row: unknown,
  time: number,
  text: string,
  instrumentOf: (name: string) => Instrument,
): readonly FeedMessage[] {
  if (!isObject(row) || typeof arg.symbol !== "string" || arg.symbol === "") return [{ kind: "reject", reason: "malformed ticker", text }];
  const { instrument, scale, quote } = instrumentOf(arg.symbol);
  const mark = readPositive(row.markPrice);
  const index = readPositive(row.indexPrice);
  const rate = readNumber(row.fundingRate);
  const openInterest = readNumber(row.openInterest);
  const turnover = isDollar(quote) ? readNumber(row.turnover24h) : null;
  const bid = readPositive(row.bid1Price);
  const ask = readPositive(row.ask1Price);
  return [
    ...(mark === null ? [] : [{ kind: "mark" as const, instrument, price: mark / scale, time }]),
    ...(index === null ? [] : [{ kind: "index" as const, instrument, price: index / scale }]),
    ...(rate === null ? [] : [{ kind: "funding" as const, instrument, rate }]),
    ...(openInterest === null || openInterest < 0 ? [] : [{ kind: "open_interest" as const, instrument, quantity: openInterest * scale }]),
    ...(turnover === null || turnover < 0 ? [] : [{ kind: "turnover" as const, instrument, usd: turnover }]),
    ...(bid === null || ask === null ? [] : [{ kind: "quote" as const, instrument, bid: bid / scale, ask: ask / scale }]),
  ];
}

/** A snapshot, or changes that name the number of the ones before (`pseq`). */
function readBook({ symbol }: JsonObject, action: unknown, row: unknown, text: string): FeedMessage {
  const levels = isObject(row) ? bookLevels(row.b, row.a) : null;
  if (!isObject(row) || levels === null || typeof symbol !== "string" || (action !== "snapshot" && action !== "update")) {
    return { kind: "reject", reason: "malformed book", text };
  }
  const previous = action === "update" ? readNumber(row.pseq) : null;
  return {
    kind: "book",
    instrument: symbol,
    action: action === "snapshot" ? "snapshot" : "delta",
    ...levels,
    sequence: readNumber(row.seq),
    ...(previous !== null && { previousSequence: previous }),
  };
}
