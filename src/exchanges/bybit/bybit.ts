import type { VenueLiquidation } from "../../liquidation.ts";
import { baseAsset } from "../decoding/base-asset.ts";
import { BOOK, DEEP_BOOK, isBook, readBook, UsualBooks } from "./bybit-book.ts";
import { BybitTickers, usualTicker } from "./bybit-tickers.ts";
import { distinctInFrame, eventId } from "../decoding/event-id.ts";
import type { Decoder, Endpoints, Exchange, Instrument, FeedMessage, RequestJson, Scope, SocketPlan } from "../exchange.ts";
import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { inScope, instrumentLookup, marketInstruments, watchedInstruments } from "../decoding/scope.ts";
import { valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";

/** Sizes of the linear category are in coins. */
const COINS = { kind: "base", size: 1 } as const;

/**
 * Bybit v5, linear perpetuals in USDT and USDC.
 * https://bybit-exchange.github.io/docs/v5/websocket/public/all-liquidation
 */
export const bybit = {
  name: "bybit",
  title: "Bybit linear perpetuals",
  coverage: "all_reported",
  carries: "All liquidations, according to the venue, in a batch every 500 ms. The price is the bankruptcy price.",
  endpoints: { ws: "https://stream.bybit.com", rest: "https://api.bybit.com" },
  changeLog: "https://bybit-exchange.github.io/docs/changelog/v5",
  collectedByDefault: true,
  locationHint: "apac",
  adapterVersion: 3,
  lagResolutionMs: 500,
  // The list of the venue: https://www.bybit.com/en/help-center/article/Trading-Fee-Structure
  takerFeeBps: 5.5,
  batchMs: 500,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: ["BTC", "ETH", "SOL"].flatMap((base) => [`${base}USDT`, `${base}PERP`].map(instrumentNamed)),
  loadInstruments,
  sockets,
  createDecoder,
} as const satisfies Exchange;

async function loadInstruments(request: RequestJson, endpoints: Endpoints): Promise<readonly Instrument[]> {
  const instruments: Instrument[] = [];
  const cursors = new Set<string>();
  for (let cursor = ""; !cursors.has(cursor) && cursors.size < MAX_PAGES;) {
    cursors.add(cursor);
    const page = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const body = await request(`${endpoints.rest}/v5/market/instruments-info?category=linear&limit=1000${page}`);
    if (!isObject(body) || body.retCode !== 0 || !isObject(body.result)) throw new Error("Bybit instruments-info failed");
    const { list, nextPageCursor } = body.result;
    if (Array.isArray(list)) instruments.push(...list.flatMap(readInstrument));
    cursor = typeof nextPageCursor === "string" ? nextPageCursor : "";
  }
  if (instruments.length === 0) throw new Error("Bybit instruments-info lists no linear perpetual");
  return instruments;
}

/** About 800 contracts come in one page of 1,000. The limit guards against a list that never ends. */
const MAX_PAGES = 20;

function readInstrument(row: unknown): readonly Instrument[] {
  if (!isObject(row) || row.contractType !== "LinearPerpetual") return [];
  const { symbol: name, baseCoin, quoteCoin: quote, status } = row;
  if (typeof name !== "string" || typeof baseCoin !== "string" || typeof quote !== "string") return [];
  return [{ instrument: name, ...baseAsset(baseCoin), quote, contract: COINS, trading: status === "Trading" }];
}

/**
 * The instrument implied by a name that the table lacks. For anything but the name of a perpetual the unit is unknown.
 */
function instrumentNamed(name: string): Instrument {
  const [, base, quote] = /^(.+)(USDT|PERP)$/u.exec(name) ?? [];
  if (base === undefined) {
    return { instrument: name, symbol: name, quote: "", scale: 1, contract: { kind: "base", size: null }, trading: true };
  }
  return { instrument: name, ...baseAsset(base), quote: quote === "PERP" ? "USDC" : "USDT", contract: COINS, trading: true };
}

function sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[] {
  return connections(scope).map((topics, run) => ({
    name: run === 0 ? "linear" : `linear-${run + 1}`,
    role: "liquidations",
    address: () => Promise.resolve({ url: `${endpoints.ws}/v5/public/linear` }),
    waitForWelcome: false,
    ...subscription(topics),
    sendIntervalMs: 100,
    keepalive: { intervalMs: 20_000, frame: (count) => JSON.stringify({ req_id: `ping-${count}`, op: "ping" }) },
    control: new Set(["mark"]),
    controlTimeoutMs: 10_000,
    maxAgeMs: null,
  }));
}

/** One unknown topic refuses its whole request, so requests are small; the ones for liquidations come first. */
function subscription(topics: readonly ContractTopic[]): Pick<SocketPlan, "subscribe" | "confirmations" | "topics"> {
  const ordered = topics.toSorted((one, other) => Number(other.isLiquidations) - Number(one.isLiquidations));
  return {
    subscribe: [],
    confirmations: new Set(ordered.filter(({ isLiquidations }) => isLiquidations).map(({ topic }) => topic)),
    topics: {
      contracts: new Map(ordered.map(({ topic, contract }) => [topic, contract])),
      perRequest: TOPICS_PER_REQUEST,
      request(count, args) {
        const id = `topics-${count}`;
        return { id, frame: JSON.stringify({ req_id: id, op: "subscribe", args }) };
      },
      renewBook(count, contract) {
        const args = ordered.filter((one) => one.contract === contract && isBook(one.topic)).map(({ topic }) => topic);
        return ["unsubscribe", "subscribe"].map((op) => JSON.stringify({ req_id: `${RENEWAL}${count}`, op, args }));
      },
    },
  };
}

interface ContractTopic {
  readonly topic: string;
  readonly contract: string;
  readonly isLiquidations: boolean;
}

/** The id of the requests that renew a book begins with this. */
const RENEWAL = "renew-";
const TOPICS_PER_REQUEST = 10;
/** The venue's limit for all args of a connection is 21,000 characters, counted with quotes and commas. */
const MAX_CHARACTERS = 21_000;

/** The topics of each connection. All have at least one ticker, because mark prices show that it delivers. */
function connections(scope: Scope): readonly (readonly ContractTopic[])[] {
  const market = marketInstruments(scope);
  const watched = watchedInstruments(scope);
  const [first] = [...market, ...watched];
  const control = first === undefined ? [] : [topicOf("tickers", first)];
  const filled: ContractTopic[][] = [];
  let room = 0;
  for (const instrument of watched) {
    const topics = topicsOf(instrument, market.includes(instrument) && (scope.symbols !== "*" || instrument.quote === "USDT"));
    const length = characters(topics);
    if (length > room) {
      filled.push([]);
      room = MAX_CHARACTERS - characters(control);
    }
    filled.at(-1)?.push(...topics);
    room -= length;
  }
  return filled.map((topics) => (topics.some(({ topic }) => topic.startsWith("tickers.")) ? topics : [...control, ...topics]));
}

function topicsOf(instrument: Instrument, market: boolean): readonly ContractTopic[] {
  const liquidations = topicOf(LIQUIDATIONS, instrument);
  return market ? [liquidations, topicOf("tickers", instrument), topicOf(bookTopic(instrument), instrument)] : [liquidations];
}

const LIQUIDATIONS = "allLiquidation";
/** The ticks of BTC and ETH are so fine that 200 levels end a few bps from the mid price. */
function bookTopic({ symbol }: Instrument): string {
  return FINE_TICKS.has(symbol) ? DEEP_BOOK : BOOK;
}

const FINE_TICKS: ReadonlySet<string> = new Set(["BTC", "ETH"]);

function topicOf(name: string, { instrument }: Instrument): ContractTopic {
  return { topic: `${name}.${instrument}`, contract: instrument, isLiquidations: name === LIQUIDATIONS };
}

function characters(topics: readonly ContractTopic[]): number {
  return topics.reduce((sum, { topic }) => sum + topic.length + '"",'.length, 0);
}

function createDecoder(scope: Scope): Decoder {
  const instrumentOf = instrumentLookup(scope, instrumentNamed);
  const tickers = new BybitTickers(scope);
  const books = new UsualBooks();
  return {
    decode(text, receivedTime) {
      const book = books.read(text);
      if (book !== null) return [book];
      const rows = usualLiquidations(text);
      if (rows !== null) return readLiquidations(rows, text, scope, instrumentOf);
      const ticker = usualTicker(text);
      if (ticker !== null) return tickers.read(ticker, text, receivedTime);
      const frame = parseJson(text);
      if (!isObject(frame)) return [{ kind: "reject", reason: "malformed frame", text }];
      const { topic } = frame;
      if (typeof topic !== "string") return readAnswer(frame, text);
      if (isBook(topic)) return [readBook(frame, text)];
      if (topic.startsWith("tickers.")) return tickers.read(frame, text, receivedTime);
      if (topic.startsWith("allLiquidation.")) return readLiquidations(frame.data, text, scope, instrumentOf);
      return [{ kind: "reject", reason: `unexpected topic ${topic}`, text }];
    },
  };
}

/** The response to a ping keeps `op` "ping" on linear sockets. An acknowledgement proves nothing about delivery. */
function readAnswer(frame: JsonObject, text: string): readonly FeedMessage[] {
  if (frame.success === false) {
    const message = shown(frame.ret_msg);
    return [frame.op === "subscribe" ? readRefusal(shown(frame.req_id), message) : { kind: "error", message }];
  }
  if (frame.ret_msg === "pong" || frame.op === "pong") return [{ kind: "pong" }];
  if (frame.op === "subscribe") return [{ kind: "subscribed", topic: shown(frame.req_id) }];
  if (frame.op === "unsubscribe" && shown(frame.req_id).startsWith(RENEWAL)) return [];
  // The session ends no other topic itself: one that the venue withdraws must be subscribed again.
  if (frame.op === "unsubscribe") return [{ kind: "reconnect", reason: `unsubscribed by the venue ${shown(frame.ret_msg)}`.trim() }];
  return [{ kind: "reject", reason: "unknown frame", text }];
}

/** `error:handler not found,topic:X` for an unknown topic, `error:already subscribed,topic:X` for one that is held. */
function readRefusal(request: string, reason: string): FeedMessage {
  const named = Array.from(reason.matchAll(/topic:([^,\s]+)/g), ([, topic = ""]) => topic);
  const isHeld = reason.includes("already subscribed");
  return { kind: "refused", request, reason, unknown: isHeld ? [] : named, held: isHeld ? named : [] };
}

type InstrumentOf = (name: string) => Instrument;

/**
 * The rows of a liquidation frame in its documented spelling, faster than parsing it; null for every other frame. The
 * fields are those of the parser, except that the time is a text.
 */
function usualLiquidations(text: string): readonly JsonObject[] | null {
  USUAL_HEAD.lastIndex = 0;
  if (!USUAL_HEAD.test(text)) return null;
  const rows: JsonObject[] = [];
  USUAL_ROW.lastIndex = USUAL_HEAD.lastIndex;
  for (let row = USUAL_ROW.exec(text); row !== null; row = USUAL_ROW.exec(text)) {
    rows.push({ T: row[1], s: row[2], S: row[3], v: row[4], p: row[5] });
    if (row[6] !== ",") return rows;
  }
  return null;
}

const USUAL_HEAD = /\{"topic":"allLiquidation\.\w+","type":"snapshot","ts":[1-9]\d*,"data":\[/y;
const USUAL_ROW = /\{"T":([1-9]\d*),"s":"(\w+)","S":"(\w+)","v":"([\d.]+)","p":"([\d.]+)"\}(,|\]\}$)/y;

function readLiquidations(data: unknown, text: string, scope: Scope, instrumentOf: InstrumentOf): readonly FeedMessage[] {
  if (!Array.isArray(data)) return [{ kind: "reject", reason: "liquidations are not a list", text }];
  const seen = data.length > 1 ? new Map<string, number>() : null;
  return data.map((row: unknown) => readLiquidation(row, text, scope, instrumentOf, seen));
}

function readLiquidation(
  row: unknown,
  text: string,
  scope: Scope,
  instrumentOf: InstrumentOf,
  seen: Map<string, number> | null,
): FeedMessage {
  if (!isObject(row)) return { kind: "reject", reason: "malformed liquidation", text };
  const { s: name, S: side } = row;
  const eventTime = readTime(row.T);
  const size = readNumber(row.v);
  if (typeof name !== "string" || name === "" || (side !== "Buy" && side !== "Sell") || eventTime === null || size === null || size < 0) {
    return { kind: "reject", reason: "malformed liquidation", text };
  }
  const instrument = instrumentOf(name);
  if (!inScope(scope, instrument.symbol)) return { kind: "skipped", reason: "symbol not in scope" };
  const bankruptcy = readPositive(row.p);
  const id = distinctInFrame(eventId("bybit", name, eventTime, side, size, bankruptcy), seen);
  return { kind: "liquidation", liquidation: liquidationOf(instrument, id, side, eventTime, size, bankruptcy) };
}

/** `S` is the side of the position, not of the order: Buy means a liquidated long. */
function liquidationOf(
  instrument: Instrument,
  id: string,
  side: "Buy" | "Sell",
  eventTime: number,
  size: number,
  bankruptcy: number | null,
): VenueLiquidation {
  const { price, quantity, usd_value } = valuate(instrument, size, bankruptcy);
  return venueLiquidation(instrument, side === "Buy" ? "long" : "short", {
    event_id: id,
    exchange: "bybit",
    event_time: eventTime,
    price,
    price_kind: "bankruptcy",
    quantity,
    usd_value,
    coverage: "all_reported",
    adapter_version: bybit.adapterVersion,
  });
}
