import { baseAsset } from "../decoding/base-asset.ts";
import { binancePolls } from "./binance-polls.ts";
import { bookLevels } from "../decoding/book-levels.ts";
import { forceOrderLiquidation, readForceOrder } from "../decoding/force-order.ts";
import type { BookLevels, Decoder, Endpoints, Exchange, Instrument, FeedMessage, RequestJson, Scope, SocketPlan } from "../exchange.ts";
import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { inRunsOf, inScope, instrumentLookup, marketInstruments, watchedInstruments } from "../decoding/scope.ts";

/** UM has no contract size: quantities are in coins. */
const COINS = { kind: "base", size: 1 } as const;

/**
 * Binance USD-M futures. Since 2026-04 book streams are served under `/public` and all others under `/market`. A stream
 * requested on the wrong path, or without a path, is acknowledged and stays silent.
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
 */
export const binance = {
  name: "binance",
  title: "Binance USD-M futures",
  coverage: "largest_per_second",
  carries: "At most one order per symbol and second, the largest. The price is the average fill.",
  endpoints: { ws: "https://fstream.binance.com", rest: "https://fapi.binance.com" },
  changeLog: "https://developers.binance.com/docs/derivatives/change-log",
  collectedByDefault: true,
  locationHint: "apac",
  adapterVersion: 2,
  lagResolutionMs: 1000,
  // The list of the venue: https://www.binance.com/en/fee/futureFee
  takerFeeBps: 5,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: ["BTC", "ETH", "SOL"].flatMap((base) => ["USDT", "USDC"].map((quote) => instrumentNamed(`${base}${quote}`))),
  loadInstruments,
  sockets,
  createDecoder,
  readBook,
  polls: binancePolls,
} as const satisfies Exchange;

async function loadInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]> {
  const body = await request(`${endpoints.rest}/fapi/v1/exchangeInfo`);
  const rows = isObject(body) && Array.isArray(body.symbols) ? body.symbols : [];
  const instruments = rows.flatMap(readInstrument);
  if (instruments.length === 0) throw new Error("Binance exchangeInfo lists no perpetual contract");
  return instruments;
}

function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row)) return [];
  const { symbol: name, baseAsset: base, quoteAsset: quote, contractType, status } = row;
  const perpetual = contractType === "PERPETUAL" || contractType === "TRADIFI_PERPETUAL";
  if (typeof name !== "string" || typeof base !== "string" || typeof quote !== "string" || !perpetual) return [];
  return [{ instrument: name, ...baseAsset(base), quote, contract: COINS, trading: status === "TRADING" }];
}

/**
 * The instrument implied by a name that the table lacks: UM perpetuals and dated futures count coins, COIN-M
 * (`BTCUSD_PERP`, `BTCUSD_200925`) counts contracts of 100 USD for BTC and 10 USD for all others
 * (https://www.binance.com/en/futures/trading-rules/quarterly). For any other name the unit is unknown.
 */
function instrumentNamed(name: string): Instrument {
  const [, coin] = /^(.+)USD_(?:PERP|\d{6})$/u.exec(name) ?? [];
  if (coin !== undefined) {
    const contract = { kind: "inverse", usd: coin === "BTC" ? 100 : 10 } as const;
    return { instrument: name, symbol: coin, quote: "USD", scale: 1, contract, trading: true };
  }
  const [, base, quote] = /^(.+)(USDT|USDC)(?:_\d{6})?$/u.exec(name) ?? [];
  if (base === undefined || quote === undefined) {
    return { instrument: name, symbol: name, quote: "", scale: 1, contract: { kind: "base", size: null }, trading: true };
  }
  return { instrument: name, ...baseAsset(base), quote, contract: COINS, trading: true };
}

function sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[] {
  const liquidations: Pick<SocketPlan, "role" | "control" | "controlTimeoutMs"> = {
    role: "liquidations",
    control: new Set(["mark"]),
    controlTimeoutMs: 10_000,
  };
  const market: typeof liquidations = { role: "market", control: new Set(["book_text"]), controlTimeoutMs: 15_000 };
  const contracts = new Map(watchedInstruments(scope).map((one) => [decodeURIComponent(streamName(one, "forceOrder")), one.instrument]));
  const depth = marketInstruments(scope).map((instrument) => streamName(instrument, "depth20@500ms"));
  return [
    ...inRunsOf(MAX_STREAMS, marketStreams(scope)).map((streams, run) =>
      confirmed(plan("market", run, streams, endpoints, liquidations), streams, contracts),
    ),
    ...inRunsOf(MAX_STREAMS, depth).map((streams, run) => plan("public", run, streams, endpoints, market)),
  ];
}

/**
 * Documentation of several dates says 200 or 1024 per connection. Even, so that the two streams of an instrument stay
 * together.
 */
const MAX_STREAMS = 180;

function marketStreams(scope: Scope): readonly string[] {
  if (scope.symbols === "*") return ["!forceOrder@arr", "!markPrice@arr@1s"];
  return watchedInstruments(scope).flatMap((instrument) => [streamName(instrument, "forceOrder"), streamName(instrument, "markPrice@1s")]);
}

/** Names may be Chinese, hence the encoding. */
function streamName(instrument: Instrument, topic: string): string {
  return `${encodeURIComponent(instrument.instrument.toLowerCase())}@${topic}`;
}

function plan(
  route: "market" | "public",
  run: number,
  streams: readonly string[],
  endpoints: Endpoints,
  watch: Pick<SocketPlan, "role" | "control" | "controlTimeoutMs">,
): SocketPlan {
  return {
    name: run === 0 ? route : `${route}-${run + 1}`,
    ...watch,
    address: () => Promise.resolve({ url: `${endpoints.ws}/${route}/stream?streams=${streams.join("/")}` }),
    waitForWelcome: false,
    subscribe: [],
    topicsInAddress: streams,
    confirmations: new Set(),
    sendIntervalMs: 200,
    keepalive: null,
    maxAgeMs: 24 * 3600 * 1000,
  };
}

/** Streams named in the address are not acknowledged, so the venue is asked which it serves, and asked again while it does. */
function confirmed(market: SocketPlan, streams: readonly string[], contracts: ReadonlyMap<string, string>): SocketPlan {
  const confirmations = new Set(streams.filter(isLiquidationStream).map(decodeURIComponent));
  return {
    ...market,
    confirmations,
    topics: {
      contracts: new Map([...contracts].filter(([stream]) => confirmations.has(stream))),
      perRequest: null,
      request: (count, topics) => {
        const id = FIRST_REQUEST + count;
        return { id: `${id}`, frame: JSON.stringify({ method: "SUBSCRIBE", params: topics, id }) };
      },
    },
    subscribe: [listFrame(1)],
    keepalive: { intervalMs: LIST_INTERVAL_MS, frame: (count) => listFrame(count + 1) },
  };
}

/** Far from the ids of lists. */
const FIRST_REQUEST = 1_000_000;

function listFrame(id: number): string {
  return JSON.stringify({ method: "LIST_SUBSCRIPTIONS", id });
}

function isLiquidationStream(stream: string): boolean {
  return stream.includes("forceOrder");
}

/** A stream that the venue withdraws without a word is missed no later than this. */
const LIST_INTERVAL_MS = 5_000;

function createDecoder(scope: Scope): Decoder {
  const instrumentOf = instrumentLookup(scope, instrumentNamed);
  return {
    decode(text, receivedTime) {
      const book = bookInstrument(text);
      if (book !== null) return [{ kind: "book_text", instrument: book, text }];
      const context = { scope, instrumentOf, text, receivedTime };
      const order = usualOrder(text);
      if (order !== null) return [readOrder(order, order.st, null, context)];
      return readFrame(parseJson(text), context);
    },
  };
}

/** The data that readers of a frame need in addition to its parsed content. */
interface FrameContext {
  readonly scope: Scope;
  readonly instrumentOf: (name: string) => Instrument;
  readonly text: string;
  readonly receivedTime: number;
}

/** The instrument of a depth frame in its usual spelling, without parsing it; null for every other frame. */
function bookInstrument(text: string): string | null {
  if (!text.startsWith(STREAM_PREFIX)) return null;
  const at = text.indexOf("@", STREAM_PREFIX.length);
  if (at < 0 || !text.startsWith('@depth20@500ms","data":{', at) || !text.endsWith("}}")) return null;
  return text.slice(STREAM_PREFIX.length, at).toUpperCase();
}

const STREAM_PREFIX = '{"stream":"';

/**
 * The order of a liquidation frame in the spelling of every capture since 2020, four times as fast as parsing it; null
 * for every other frame. The fields are those of the parser, except that numbers are texts.
 */
function usualOrder(text: string): JsonObject | null {
  const match = USUAL_LIQUIDATION.exec(text);
  if (match === null) return null;
  const [, s, S, o, f, q, p, ap, X, l, z, T, st] = match;
  return { s, S, o, f, q, p, ap, X, l, z, T, st };
}

const USUAL_LIQUIDATION = new RegExp(
  String.raw`^\{"stream":"[\w!@]+","data":\{"e":"forceOrder","E":[1-9]\d*,"o":\{"s":"(\w+)","S":"(\w+)","o":"(\w+)","f":"(\w+)",` +
    String.raw`"q":"([\d.]+)","p":"([\d.]+)","ap":"([\d.]+)","X":"(\w+)","l":"([\d.]+)","z":"([\d.]+)","T":([1-9]\d*)` +
    String.raw`(?:,"ps":"\w+","st":([1-9]\d*))?\}\}\}$`,
);

/** A frame is a payload or an array of payloads, bare or wrapped as `{stream, data}`, or the response to a request. */
function readFrame(frame: unknown, context: FrameContext): readonly FeedMessage[] {
  if (isObject(frame) && frame.e === undefined && frame.data === undefined) return [readAnswer(frame, context)];
  const stream = isObject(frame) && typeof frame.stream === "string" ? frame.stream : "";
  const data = isObject(frame) && frame.data !== undefined ? frame.data : frame;
  if (stream.endsWith("@depth20@500ms") && isObject(data) && typeof data.s === "string") {
    return [{ kind: "book_text", instrument: data.s, text: context.text }];
  }
  const messages: FeedMessage[] = [];
  if (Array.isArray(data)) {
    const seen = new Map<string, number>();
    for (const payload of data) readPayload(payload, seen, context, messages);
  } else {
    readPayload(data, null, context, messages);
  }
  return messages;
}

function readAnswer(frame: JsonObject, { text }: FrameContext): FeedMessage {
  if (frame.error !== undefined || frame.code !== undefined) return { kind: "error", message: text };
  if (frame.result === null) return { kind: "subscribed", topic: "" };
  if (Array.isArray(frame.result)) return { kind: "subscriptions", topics: frame.result.map((stream) => decoded(shown(stream))) };
  return { kind: "reject", reason: "unknown frame", text };
}

/** The canonical name of a stream, whether or not the venue lists it as it was written in the URL. */
function decoded(stream: string): string {
  try {
    return decodeURIComponent(stream);
  } catch {
    return stream;
  }
}

function readPayload(payload: unknown, seen: Map<string, number> | null, context: FrameContext, messages: FeedMessage[]): void {
  if (!isObject(payload)) messages.push({ kind: "reject", reason: "malformed frame", text: context.text });
  else if (payload.e === "forceOrder") messages.push(readLiquidation(payload, seen, context));
  else if (payload.e === "markPriceUpdate") readMarkPrice(payload, context, messages);
  else messages.push({ kind: "reject", reason: `unexpected topic ${shown(payload.e)}`, text: context.text });
}

function readMarkPrice(payload: JsonObject, context: FrameContext, messages: FeedMessage[]): void {
  const { s: name, E: time } = payload;
  const mark = readNumber(payload.p);
  if (typeof name !== "string" || name === "" || mark === null || mark <= 0) {
    messages.push({ kind: "reject", reason: "malformed mark price", text: context.text });
    return;
  }
  const { instrument, scale } = context.instrumentOf(name);
  messages.push({ kind: "mark", instrument, price: mark / scale, time: readTime(time) ?? context.receivedTime });
  const index = readNumber(payload.i);
  if (index !== null && index > 0) messages.push({ kind: "index", instrument, price: index / scale });
  const rate = readNumber(payload.r);
  if (rate !== null) messages.push({ kind: "funding", instrument, rate });
}

/** The new fields `ps` and `st` are inside the order on the wire, and beside it in the venue's own client. */
function readLiquidation(payload: JsonObject, seen: Map<string, number> | null, context: FrameContext): FeedMessage {
  const order = payload.o;
  if (!isObject(order)) return { kind: "reject", reason: "liquidation without an order", text: context.text };
  return readOrder(order, order.st ?? payload.st, seen, context);
}

function readOrder(order: JsonObject, marginType: unknown, seen: Map<string, number> | null, context: FrameContext): FeedMessage {
  const forced = readForceOrder(order);
  if (forced === null) return { kind: "reject", reason: "malformed liquidation", text: context.text };
  const instrument = traded(context.instrumentOf(forced.name), marginType);
  if (!inScope(context.scope, instrument.symbol)) return { kind: "skipped", reason: "symbol not in scope" };
  return { kind: "liquidation", liquidation: forceOrderLiquidation(forced, instrument, binance, seen) };
}

/** Since 2026-06-30 the all-market stream also carries COIN-M orders: `st` 2, inside the order or beside it. */
function traded(instrument: Instrument, marginType: unknown): Instrument {
  if (readNumber(marginType) !== 2 || instrument.contract.kind === "inverse") return instrument;
  return { ...instrument, quote: "USD", contract: { kind: "inverse", usd: null } };
}

/** A frame of the stream has `b` and `a`, a response of `/fapi/v1/depth` has `bids` and `asks`. */
function readBook(text: string): BookLevels | null {
  const frame = parseJson(text);
  const data = isObject(frame) && isObject(frame.data) ? frame.data : frame;
  return isObject(data) ? bookLevels(data.b ?? data.bids, data.a ?? data.asks) : null;
}
