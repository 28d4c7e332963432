import { bookLevels } from "../decoding/book-levels.ts";
import type { BookLevels, Decoder, Instrument, FeedMessage, Scope } from "../exchange.ts";
import { isObject, parseJson, shown } from "../decoding/json.ts";
import type { JsonObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { basePrice, valuate } from "../decoding/valuation.ts";

/** Raise it whenever a frame is read differently than before. */
export const KUCOIN_ADAPTER_VERSION = 2;

/** Reads both sockets: the classic one uses `type` and `topic`, the UTA one `T`. */
export function createKucoinDecoder(scope: Scope): Decoder {
  const { instruments } = scope;
  return {
    decode(text, receivedTime) {
      const depth = depthInstrument(text);
      if (depth !== null && instruments.has(depth)) return [{ kind: "book_text", instrument: depth, text }];
      const frame = parseJson(text);
      if (!isObject(frame)) return [reject(frame === undefined ? "not JSON" : "not a JSON object", text)];
      return (
        (typeof frame.topic === "string" ? readTopic(frame.topic, frame, instruments, text, receivedTime) : null) ??
        (typeof frame.T === "string" ? readUta(frame.T, frame, instruments, receivedTime) : null) ??
        readControl(frame) ?? [
          reject(`unknown or incomplete: ${textOf(frame.topic) ?? textOf(frame.T) ?? textOf(frame.type) ?? "no topic"}`, text),
        ]
      );
    },
  };
}

/** Parses a `level2Depth5` or `level2Depth50` frame; sizes are in lots. */
export function readKucoinBook(text: string): BookLevels | null {
  const frame = parseJson(text);
  if (!isObject(frame) || !isObject(frame.data)) return null;
  return bookLevels(frame.data.bids, frame.data.asks);
}

/**
 * The instrument of a depth frame, from its beginning: ten whole books arrive per second and instrument, and nearly
 * none is ever read. A truncated frame goes to the parser, which rejects it.
 */
function depthInstrument(text: string): string | null {
  if (!text.startsWith(DEPTH_PREFIX) || !text.endsWith("}}")) return null;
  const colon = text.indexOf(":", DEPTH_PREFIX.length);
  const end = text.indexOf('"', colon);
  return colon < 0 || end < 0 ? null : text.slice(colon + 1, end);
}

const DEPTH_PREFIX = '{"topic":"/contractMarket/level2Depth';

/** Null where the topic or subject is unknown, or its data are invalid. */
function readTopic(
  topic: string,
  frame: JsonObject,
  instruments: Scope["instruments"],
  text: string,
  receivedTime: number,
): FeedMessage[] | null {
  const colon = topic.indexOf(":");
  const instrument = instruments.get(topic.slice(colon + 1));
  if (instrument === undefined || !isObject(frame.data)) return null;
  const channel = topic.slice(0, colon);
  switch (channel) {
    case "/contract/instrument":
      return readInstrumentTopic(frame.subject, frame.data, instrument, receivedTime);
    case "/contractMarket/tickerV2":
      return readQuote(frame.data, instrument);
    case "/contractMarket/level2Depth5":
    case "/contractMarket/level2Depth50":
      return bookLevels(frame.data.bids, frame.data.asks) !== null
        ? [{ kind: "book_text", instrument: instrument.instrument, text }]
        : null;
    case "/contractMarket/execution":
      return readMatch(frame.data, instrument);
    default:
      return null;
  }
}

function readInstrumentTopic(subject: unknown, data: JsonObject, instrument: Instrument, receivedTime: number): FeedMessage[] | null {
  if (subject === "mark.index.price") {
    return markAndIndex(data.markPrice, data.indexPrice, readTime(data.timestamp) ?? receivedTime, instrument);
  }
  const rate = readNumber(data.fundingRate);
  if (subject !== "funding.rate" || rate === null) return null;
  // A granularity of one minute is the rate of the running interval; eight hours is the one just settled.
  return data.granularity === 60_000 ? [{ kind: "funding", instrument: instrument.instrument, rate }] : [];
}

function markAndIndex(markPrice: unknown, indexPrice: unknown, time: number, instrument: Instrument): FeedMessage[] | null {
  const mark = basePrice(instrument, readPositive(markPrice));
  const index = basePrice(instrument, readPositive(indexPrice));
  if (mark === null) return null;
  const name = instrument.instrument;
  const message: FeedMessage = { kind: "mark", instrument: name, price: mark, time };
  return index === null ? [message] : [message, { kind: "index", instrument: name, price: index }];
}

/** An empty side of the book has no price: no quote then, which is not a fault of the frame. */
function readQuote(data: JsonObject, instrument: Instrument): FeedMessage[] | null {
  const bid = readNumber(data.bestBidPrice);
  const ask = readNumber(data.bestAskPrice);
  if (bid === null || ask === null) return "bestBidPrice" in data || "bestAskPrice" in data ? [] : null;
  const { scale } = instrument;
  return bid > 0 && ask > 0 ? [{ kind: "quote", instrument: instrument.instrument, bid: bid / scale, ask: ask / scale }] : [];
}

function readMatch(data: JsonObject, instrument: Instrument): FeedMessage[] | null {
  const { side, takerOrderId, tradeId } = data;
  const { price, quantity } = valuate(instrument, readPositive(data.size), readPositive(data.price));
  // Beyond 2^53 the parsed nanoseconds are off by up to 128, which is invisible in whole milliseconds.
  const time = readTime(data.ts);
  if ((side !== "buy" && side !== "sell") || typeof takerOrderId !== "string" || typeof tradeId !== "string") return null;
  if (price === null || quantity === null || time === null) return null;
  return [
    {
      kind: "trade",
      instrument: instrument.instrument,
      side,
      price,
      quantity,
      takerOrderId,
      tradeId,
      time,
    },
  ];
}

/** `{"T":"mark-price","P":ns,"d":{s,mp,ip,oi,ts}}`, once per second; `oi` is in lots. */
function readUta(channel: string, frame: JsonObject, instruments: Scope["instruments"], receivedTime: number): FeedMessage[] | null {
  const data = frame.d;
  if (channel !== "mark-price" || !isObject(data)) return null;
  const instrument = typeof data.s === "string" ? instruments.get(data.s) : undefined;
  if (instrument === undefined) return null;
  const messages = markAndIndex(data.mp, data.ip, readTime(data.ts) ?? receivedTime, instrument);
  const { quantity } = valuate(instrument, readNumber(data.oi), readPositive(data.mp));
  if (messages !== null && quantity !== null && quantity >= 0) {
    messages.push({ kind: "open_interest", instrument: instrument.instrument, quantity });
  }
  return messages;
}

function readControl(frame: JsonObject): FeedMessage[] | null {
  const id = textOf(frame.id) ?? "";
  if (frame.message === "welcome" && typeof frame.sessionId === "string") return [{ kind: "welcome" }];
  if (frame.result === true) return [{ kind: "subscribed", topic: id }];
  if (frame.result === false) {
    return [{ kind: "error", message: `${textOf(frame.message) ?? textOf(frame.reason) ?? "refused"} (${id})` }];
  }
  switch (frame.type) {
    case "welcome":
      return [{ kind: "welcome" }];
    case "ack":
      return [{ kind: "subscribed", topic: id }];
    case "pong":
      return [{ kind: "pong" }];
    case "error":
      return [
        {
          kind: "error",
          message: `${frame.code === undefined ? "no code" : shown(frame.code)}: ${textOf(frame.data) ?? "no text"} (${id})`,
        },
      ];
    default:
      return null;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function reject(reason: string, text: string): FeedMessage {
  return { kind: "reject", reason, text };
}
