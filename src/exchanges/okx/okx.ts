import { OKX_ADL_ARGUMENT, OKX_ADL_CHANNEL, readOkxAdl } from "./okx-adl.ts";
import { bookLevels } from "../decoding/book-levels.ts";
import { BOOK, readBookUpdate, UsualBookUpdates } from "./okx-book.ts";
import type { BookLevels, Decoder, Endpoints, Exchange, Instrument, FeedMessage, Scope, SocketPlan } from "../exchange.ts";
import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { okxBackfill } from "./okx-backfill.ts";
import { okxPolls } from "./okx-polls.ts";
import { loadOkxInstruments, okxFallbackInstruments, okxInstrumentNamed } from "./okx-instruments.ts";
import { OKX_ADAPTER_VERSION, readOkxLiquidations, usualOkxLiquidation } from "./okx-liquidations.ts";
import { inRunsOf, instrumentLookup, marketInstruments } from "../decoding/scope.ts";

/**
 * OKX v5, perpetual swaps.
 * https://www.okx.com/docs-v5/en/#public-data-websocket-liquidation-orders-channel
 */
export const okx = {
  name: "okx",
  title: "OKX perpetual swaps",
  coverage: "sampled",
  carries:
    "A sample that the venue says does not represent the total; an event may come minutes late. The price is the mark price of the liquidation.",
  endpoints: { ws: "https://ws.okx.com", rest: "https://www.okx.com" },
  changeLog: "https://www.okx.com/docs-v5/log_en/",
  addressWarning,
  collectedByDefault: true,
  locationHint: "apac",
  adapterVersion: OKX_ADAPTER_VERSION,
  lagResolutionMs: 1000,
  // The list of the venue: https://www.okx.com/fees
  takerFeeBps: 5,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: okxFallbackInstruments,
  loadInstruments: loadOkxInstruments,
  sockets,
  createDecoder,
  readBook,
  polls: okxPolls,
  backfill: okxBackfill,
  adlSource: "states",
} as const satisfies Exchange;

/** https://www.okx.com/docs-v5/log_en/, entry of 2026-09-30 */
function addressWarning({ ws }: Endpoints): string | null {
  if (new URL(ws).port !== "8443") return null;
  return `OKX_WS_URL is ${ws}, and OKX takes no WebSocket connections on port 8443 since 2026-10-31: leave the port out.`;
}

/**
 * Liquidations arrive for all swaps at once. They are subscribed in a separate frame, which no invalid argument can
 * spoil; so are warnings of auto-deleveraging, without which everything else goes on.
 */
function sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[] {
  const market = marketArguments(scope);
  const groups = [[{ channel: "liquidation-orders", instType: "SWAP" }], ...inRunsOf(ARGUMENTS_PER_FRAME, market), [OKX_ADL_ARGUMENT]];
  return [
    {
      name: "public",
      role: "liquidations",
      address: () => Promise.resolve({ url: `${endpoints.ws}/ws/v5/public` }),
      waitForWelcome: false,
      subscribe: groups.map((args, frame) => JSON.stringify({ id: frame === 0 ? LIQUIDATIONS_ID : `${frame}`, op: "subscribe", args })),
      confirmations: new Set([LIQUIDATIONS]),
      topics: {
        contracts: new Map(market.map((argument) => [topicOf(argument), shown(argument.instId)])),
        perRequest: null,
        request(count, topics) {
          const id = `topics-${count}`;
          return { id, frame: JSON.stringify({ id, op: "subscribe", args: topics.map(argumentOf) }) };
        },
        renewBook(count, instId) {
          const args = [{ channel: BOOK, instId }];
          return ["unsubscribe", "subscribe"].map((op) => JSON.stringify({ id: `${RENEWAL}${count}`, op, args }));
        },
      },
      // The venue allows 480 requests per hour and connection.
      sendIntervalMs: 200,
      // It closes a socket that pushed nothing for 30 s; the ping is plain text.
      keepalive: { intervalMs: 20_000, frame: () => "ping" },
      // An unchanged mark price is pushed every 10 s.
      control: new Set(["mark"]),
      controlTimeoutMs: 25_000,
      maxAgeMs: null,
    },
  ];
}

/** The venue's answers repeat the id of the frame. */
const LIQUIDATIONS_ID = "liquidations";
const LIQUIDATIONS = "liquidation-orders:SWAP";
/** The id of the frames that renew a book begins with this. */
const RENEWAL = "renew";
const ARGUMENTS_PER_FRAME = 50;
/** If no watched swap has market streams, Bitcoin's mark price still shows that the socket delivers. */
function marketArguments(scope: Scope): readonly JsonObject[] {
  const names = marketInstruments(scope)
    .map(({ instrument }) => instrument)
    .filter((name) => name.endsWith("-USDT-SWAP"));
  if (names.length === 0) return [{ channel: "mark-price", instId: "BTC-USDT-SWAP" }];
  return names.flatMap((instId) => [
    { channel: "mark-price", instId },
    { channel: "index-tickers", instId: indexOf(instId) },
    { channel: "funding-rate", instId },
    { channel: "open-interest", instId },
    { channel: BOOK, instId },
  ]);
}

/** The index of BTC-USDT-SWAP is BTC-USDT. */
function indexOf(swap: string): string {
  return swap.slice(0, -SWAP_ENDING.length);
}

const SWAP_ENDING = "-SWAP";

function createDecoder(scope: Scope): Decoder {
  const instrumentOf = instrumentLookup(scope, okxInstrumentNamed);
  const books = new UsualBookUpdates();
  return {
    decode(text, receivedTime) {
      const book = books.read(text);
      if (book !== null) return [book];
      if (text === "pong") return [{ kind: "pong" }];
      const rows = usualOkxLiquidation(text);
      if (rows !== null) return readOkxLiquidations(rows, text, scope, instrumentOf);
      const frame = parseJson(text);
      if (!isObject(frame)) return [{ kind: "reject", reason: "malformed frame", text }];
      if (typeof frame.event === "string") return readAnswer(frame, text);
      return readPush(frame, text, receivedTime, scope, instrumentOf);
    },
  };
}

/** 64008 precedes a service upgrade, which closes the socket. */
function readAnswer(frame: JsonObject, text: string): readonly FeedMessage[] {
  const { event, arg, code, msg, id } = frame;
  if (event === "subscribe" && isObject(arg)) return [{ kind: "subscribed", topic: topicOf(arg) }];
  if (event === "unsubscribe" && isObject(arg)) {
    if (shown(id).startsWith(RENEWAL)) return [];
    const reason = `${topicOf(arg)} unsubscribed by the venue`;
    return [topicOf(arg) === LIQUIDATIONS ? { kind: "reconnect", reason } : { kind: "error", message: reason }];
  }
  if (event === "notice" && code === "64008") return [{ kind: "reconnect", reason: shown(msg) }];
  if (event === "error" || event === "notice") {
    const message = `${shown(code)} ${shown(msg)}`;
    const refused: FeedMessage = { kind: "error", message };
    // Mark prices would continue and show the feed as live, although no liquidation would ever arrive.
    const isLiquidations = event === "error" && (id === LIQUIDATIONS_ID || message.includes("liquidation-orders"));
    return isLiquidations ? [refused, { kind: "reconnect", reason: `liquidations rejected: ${message}` }] : [refused];
  }
  return [{ kind: "reject", reason: `unexpected event ${shown(event)}`, text }];
}

function topicOf(arg: JsonObject): string {
  return [arg.channel, arg.instId ?? arg.instType].map(shown).join(":");
}

function argumentOf(topic: string): JsonObject {
  const [channel, instId] = topic.split(":");
  return { channel, instId };
}

type InstrumentOf = (name: string) => Instrument;

function readPush(frame: JsonObject, text: string, receivedTime: number, scope: Scope, instrumentOf: InstrumentOf): readonly FeedMessage[] {
  const { arg, data } = frame;
  if (!isObject(arg) || !Array.isArray(data)) return [{ kind: "reject", reason: "unknown frame", text }];
  switch (arg.channel) {
    case "liquidation-orders":
      return readOkxLiquidations(data, text, scope, instrumentOf);
    case OKX_ADL_CHANNEL:
      return readOkxAdl(data, text, receivedTime, scope, instrumentOf);
    case BOOK:
      return [readBookUpdate(arg.instId, frame.action, data[0], text)];
    case "mark-price":
    case "index-tickers":
    case "funding-rate":
    case "open-interest": {
      const { channel } = arg;
      return data.flatMap((row: unknown) => readMarketRow(channel, row, text, receivedTime, instrumentOf));
    }
    default:
      return [{ kind: "reject", reason: `unexpected topic ${shown(arg.channel)}`, text }];
  }
}

type MarketChannel = "mark-price" | "index-tickers" | "funding-rate" | "open-interest";

/** A row without a funding rate or open interest is normal: the sent fields vary. */
function readMarketRow(
  channel: MarketChannel,
  row: unknown,
  text: string,
  receivedTime: number,
  instrumentOf: InstrumentOf,
): readonly FeedMessage[] {
  if (!isObject(row) || typeof row.instId !== "string" || row.instId === "") {
    return [{ kind: "reject", reason: `malformed ${channel}`, text }];
  }
  const { instrument, scale } = instrumentOf(channel === "index-tickers" ? `${row.instId}${SWAP_ENDING}` : row.instId);
  const value = readNumber(row[VALUE_FIELDS[channel]]);
  switch (channel) {
    case "mark-price":
      if (value === null || value <= 0) return [{ kind: "reject", reason: "malformed mark-price", text }];
      return [{ kind: "mark", instrument, price: value / scale, time: readTime(row.ts) ?? receivedTime }];
    case "index-tickers":
      if (value === null || value <= 0) return [{ kind: "reject", reason: "malformed index-tickers", text }];
      return [{ kind: "index", instrument, price: value / scale }];
    case "funding-rate":
      return value === null ? [] : [{ kind: "funding", instrument, rate: value }, ...fundingInterval(row, instrument)];
    case "open-interest":
      return value === null ? [] : [{ kind: "open_interest", instrument, quantity: value * scale }];
  }
}

/** The times of the next two settlements, which are one interval apart. */
function fundingInterval(row: JsonObject, instrument: string): readonly FeedMessage[] {
  const next = readPositive(row.fundingTime);
  const afterNext = readPositive(row.nextFundingTime);
  return next === null || afterNext === null || afterNext <= next
    ? []
    : [{ kind: "funding_interval", instrument, intervalMs: afterNext - next }];
}

/** `oiCcy` is in coins; `oi` is in contracts. */
const VALUE_FIELDS = {
  "mark-price": "markPx",
  "index-tickers": "idxPx",
  "funding-rate": "fundingRate",
  "open-interest": "oiCcy",
} as const satisfies Record<MarketChannel, string>;

/** A response of `books-full`, for which nothing but the last before an event is ever parsed. */
function readBook(text: string): BookLevels | null {
  const frame = parseJson(text);
  const row: unknown = isObject(frame) && Array.isArray(frame.data) ? frame.data[0] : null;
  return isObject(row) ? bookLevels(row.bids, row.asks) : null;
}
