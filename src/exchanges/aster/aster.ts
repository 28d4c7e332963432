import { baseAsset } from "../decoding/base-asset.ts";
import { bookLevels } from "../decoding/book-levels.ts";
import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { inRunsOf, instrumentLookup, marketInstruments, watchedInstruments } from "../decoding/scope.ts";
import { readTime } from "../decoding/time.ts";
import type { BookLevels, Decoder, Endpoints, Exchange, FeedMessage, Instrument, RequestJson, Scope, SocketPlan } from "../exchange.ts";
import { ASTER_ADAPTER_VERSION, readAsterLiquidation } from "./aster-liquidation.ts";
import { asterPolls } from "./aster-polls.ts";
import { TradeFlags } from "./aster-trade-flags.ts";

/** Quantities are in coins. */
const COINS = { kind: "base", size: 1 } as const;

/**
 * Aster perpetuals, whose streams are spelled as those of a large venue.
 * https://docs.asterdex.com/product/aster-perpetuals/api/api-documentation
 */
export const aster = {
  name: "aster",
  title: "Aster perpetuals",
  coverage: "sampled",
  carries: "Probably at most one order per symbol and second, which the venue does not say clearly. The price is the average fill.",
  endpoints: { ws: "https://fstream.asterdex.com", rest: "https://fapi.asterdex.com" },
  changeLog: "https://raw.githubusercontent.com/asterdex/api-docs/master/aster-finance-futures-api.md",
  collectedByDefault: false,
  locationHint: "apac",
  adapterVersion: ASTER_ADAPTER_VERSION,
  lagResolutionMs: 1000,
  takerFeeBps: null,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: ["BTC", "ETH", "SOL"].map((base) => instrumentNamed(`${base}USDT`)),
  loadInstruments,
  sockets,
  createDecoder,
  readBook,
  polls: asterPolls,
  adlSource: "trade_flags",
} as const satisfies Exchange;

async function loadInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]> {
  const body = await request(`${endpoints.rest}/fapi/v1/exchangeInfo`);
  const rows = isObject(body) && Array.isArray(body.symbols) ? body.symbols : [];
  const instruments = rows.flatMap(readInstrument);
  if (instruments.length === 0) throw new Error("Aster exchangeInfo lists no perpetual contract");
  return instruments;
}

function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || row.contractType !== "PERPETUAL") return [];
  const { symbol: name, baseAsset: base, quoteAsset: quote, status } = row;
  if (typeof name !== "string" || typeof base !== "string" || typeof quote !== "string") return [];
  return [{ instrument: name, ...baseAsset(base), quote, contract: COINS, trading: status === "TRADING" }];
}

/** The instrument implied by a name that the table lacks. For any other name the unit is unknown. */
function instrumentNamed(name: string): Instrument {
  const [, base, quote] = /^(.+)(USDT|USDC|USD1?)$/u.exec(name) ?? [];
  if (base === undefined || quote === undefined) {
    return { instrument: name, symbol: name, quote: "", scale: 1, contract: { kind: "base", size: null }, trading: true };
  }
  return { instrument: name, ...baseAsset(base), quote, contract: COINS, trading: true };
}

/** The venue allows 200 streams on a connection, with those of trades. Divisible by three, so that the streams of a contract stay together. */
const MAX_STREAMS = 135;
/** A stream that the venue withdraws without a word is missed no later than this. */
const LIST_INTERVAL_MS = 5_000;

function sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[] {
  const contracts = new Map(watchedInstruments(scope).map((one) => [decodeURIComponent(streamName(one, "forceOrder")), one.instrument]));
  return inRunsOf(MAX_STREAMS, streamsOf(scope)).map((streams, run) => {
    const confirmations = new Set(streams.filter((stream) => stream.includes("forceOrder")).map(decodeURIComponent));
    return {
      name: run === 0 ? "stream" : `stream-${run + 1}`,
      role: "liquidations",
      address: () => Promise.resolve({ url: `${endpoints.ws}/stream?streams=${streams.join("/")}` }),
      waitForWelcome: false,
      // Streams named in the address are not acknowledged, so the venue is asked which it serves, and asked again.
      subscribe: [listFrame(1), ...tradeFrames(scope, streams)],
      topicsInAddress: streams,
      confirmations,
      topics: {
        contracts: new Map([...contracts].filter(([stream]) => confirmations.has(stream))),
        perRequest: null,
        request: (count, topics) => {
          const id = FIRST_REQUEST + count;
          return { id: `${id}`, frame: JSON.stringify({ method: "SUBSCRIBE", params: topics, id }) };
        },
      },
      sendIntervalMs: 200,
      keepalive: { intervalMs: LIST_INTERVAL_MS, frame: (count) => listFrame(count + 1) },
      control: new Set(["mark"]),
      controlTimeoutMs: 10_000,
      maxAgeMs: 24 * 3600 * 1000,
    };
  });
}

/** Far from the ids of lists. */
const FIRST_REQUEST = 1_000_000;
const TRADES_REQUEST = 999_999;

/** Trades are asked for alone: the venue's own list does not name them, and a refusal must cost nothing else. */
function tradeFrames(scope: Scope, streams: readonly string[]): readonly string[] {
  const own = marketInstruments(scope).filter((one) => streams.includes(streamName(one, DEPTH)));
  const params = own.map((one) => decodeURIComponent(streamName(one, TRADE)));
  return params.length === 0 ? [] : [JSON.stringify({ method: "SUBSCRIBE", params, id: TRADES_REQUEST })];
}

function listFrame(id: number): string {
  return JSON.stringify({ method: "LIST_SUBSCRIPTIONS", id });
}

function streamsOf(scope: Scope): readonly string[] {
  if (scope.symbols === "*")
    return ["!forceOrder@arr", "!markPrice@arr@1s", ...marketInstruments(scope).map((one) => streamName(one, DEPTH))];
  return watchedInstruments(scope).flatMap((one) => [
    streamName(one, "forceOrder"),
    streamName(one, "markPrice@1s"),
    streamName(one, DEPTH),
  ]);
}

const DEPTH = "depth20@500ms";
/** All trades, whose flag says which of them are those of deleveraging. */
const TRADE = "trade";

/** Names may be of any script, hence the encoding. */
function streamName({ instrument }: Instrument, topic: string): string {
  return `${encodeURIComponent(instrument.toLowerCase())}@${topic}`;
}

function createDecoder(scope: Scope): Decoder {
  const instrumentOf = instrumentLookup(scope, instrumentNamed);
  const flags = new TradeFlags(scope);
  return {
    decode(text, receivedTime) {
      const flagged = flags.read(text, receivedTime);
      if (flagged !== null) return flagged;
      const frame = parseJson(text);
      if (isObject(frame) && frame.e === undefined && frame.data === undefined) return [readAnswer(frame, text)];
      const stream = isObject(frame) && typeof frame.stream === "string" ? frame.stream : "";
      const data = isObject(frame) && frame.data !== undefined ? frame.data : frame;
      if (stream.endsWith(`@${DEPTH}`)) return [readDepth(data, text)];
      const payloads: readonly unknown[] = Array.isArray(data) ? data : [data];
      const seen = payloads.length > 1 ? new Map<string, number>() : null;
      return payloads.flatMap((payload) => readPayload(payload, { text, receivedTime, scope, instrumentOf, seen }));
    },
  };
}

function readAnswer(frame: JsonObject, text: string): FeedMessage {
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

function readDepth(data: unknown, text: string): FeedMessage {
  if (!isObject(data) || typeof data.s !== "string" || data.s === "") return { kind: "reject", reason: "malformed depth", text };
  return { kind: "book_text", instrument: data.s, text };
}

interface Reading {
  readonly text: string;
  readonly receivedTime: number;
  readonly scope: Scope;
  readonly instrumentOf: (name: string) => Instrument;
  readonly seen: Map<string, number> | null;
}

function readPayload(payload: unknown, reading: Reading): readonly FeedMessage[] {
  const { text, scope, instrumentOf, seen } = reading;
  if (!isObject(payload)) return [{ kind: "reject", reason: "malformed frame", text }];
  if (payload.e === "forceOrder") return [readAsterLiquidation(payload, text, scope, instrumentOf, seen)];
  if (payload.e === "markPriceUpdate") return readMarkPrice(payload, reading);
  return [{ kind: "reject", reason: `unexpected topic ${shown(payload.e)}`, text }];
}

function readMarkPrice(payload: JsonObject, { text, receivedTime, instrumentOf }: Reading): readonly FeedMessage[] {
  const { s: name } = payload;
  const mark = readPositive(payload.p);
  if (typeof name !== "string" || name === "" || mark === null) return [{ kind: "reject", reason: "malformed mark price", text }];
  const { instrument, scale } = instrumentOf(name);
  const index = readPositive(payload.i);
  const rate = readNumber(payload.r);
  return [
    { kind: "mark", instrument, price: mark / scale, time: readTime(payload.E) ?? receivedTime },
    ...(index === null ? [] : [{ kind: "index", instrument, price: index / scale } as const]),
    ...(rate === null ? [] : [{ kind: "funding", instrument, rate } as const]),
  ];
}

/** A frame of the stream has `b` and `a`, a response of `/fapi/v1/depth` has `bids` and `asks`. */
function readBook(text: string): BookLevels | null {
  const frame = parseJson(text);
  const data = isObject(frame) && isObject(frame.data) ? frame.data : frame;
  return isObject(data) ? bookLevels(data.b ?? data.bids, data.a ?? data.asks) : null;
}
