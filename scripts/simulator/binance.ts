import type { ExchangeName } from "../../src/liquidation.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import * as frames from "./binance-frames.ts";
import type { Connection, Frame } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import { type BookSides, OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface BinanceOptions {
  /** A symbol's liquidations of this long are reduced to the largest, which is then pushed. */
  readonly sampleMs: number;
  readonly bookMs: number;
  readonly markMs: number;
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  readonly maxAgeMs: number;
}

const DEFAULTS: BinanceOptions = {
  sampleMs: 1000,
  bookMs: 100,
  markMs: 1000,
  pingMs: 180_000,
  pongTimeoutMs: 600_000,
  maxAgeMs: 86_400_000,
};
const MAX_STREAMS = 1024;
const MAX_MESSAGES_PER_SECOND = 10;
const CHECK_MS = 1000;
const SAMPLE_CHECK_MS = 10;
const REPLAYED = 20;
/** Far more than 25 bps. */
const BOOK_LEVELS = 120;

type Route = "market" | "public" | "unrouted";

interface Session {
  readonly route: Route;
  /** `/stream` wraps each payload with its stream's name; `/ws` does not. */
  readonly combined: boolean;
  readonly streams: Set<string>;
  messageTimes: number[];
  lastPingTime: number;
}

interface Sample {
  readonly opened: number;
  largest: frames.FilledOrder;
}

/** Binance USD-M futures as of the route split of 2026-03-06. */
export class Binance implements VenueProtocol<Session> {
  readonly name: ExchangeName = "binance";
  readonly ledger = new Ledger("binance");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: BinanceOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #samples = new Map<string, Sample>();
  readonly #books: ReadonlyMap<string, OrderBook>;
  readonly #lastPushed: { readonly key: string; readonly payload: string }[] = [];
  #updateId = 11_671_659_683_147;

  constructor(context: VenueContext, options: Partial<BinanceOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#books = new Map(
      ASSETS.map((asset) => {
        const shape = { tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 60_000, spacing: 0.00005 };
        const book = new OrderBook(shape, context.random);
        book.move(context.market.mid(asset.symbol));
        return [asset.symbol, book];
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    const { bookMs, markMs } = this.#options;
    scheduler.every(SAMPLE_CHECK_MS, (now) => this.#pushLiquidations(now));
    scheduler.every(markMs, (now) => this.#pushMarks(now, "@1s"));
    scheduler.every(3 * markMs, (now) => this.#pushMarks(now, ""));
    scheduler.every(bookMs, (now) => this.#pushBooks(now, "@100ms"));
    scheduler.every(5 * bookMs, (now) => this.#pushBooks(now, "@500ms"));
    scheduler.every(Math.min(CHECK_MS, this.#options.pingMs), (now) => this.#checkSessions(server, now));
  }

  upgrade(url: URL, now: number): Upgrade<Session> {
    const path = /^\/(?:(market|public)\/)?(stream|ws)(?:\/(.*))?$/.exec(url.pathname);
    if (path === null) return { refused: notFound };
    const [, route, kind, tail] = path;
    const list = kind === "stream" ? (url.searchParams.get("streams") ?? "") : (tail ?? "");
    const streams = list.split("/").filter((stream) => stream !== "");
    if (streams.length > MAX_STREAMS) return { refused: { status: 400, body: { code: 2, msg: "too many streams" } } };
    const routed = route === "market" || route === "public" ? route : "unrouted";
    return { session: { route: routed, combined: kind === "stream", streams: new Set(streams), messageTimes: [], lastPingTime: now } };
  }

  opened(connection: Connection<Session>): void {
    for (const stream of connection.session.streams) this.#follow(stream, connection);
  }

  /** The venue never says so. */
  withdraw(): void {
    for (const [stream, connection] of this.#topics.all()) if (isLiquidationStream(stream)) this.#unfollow(stream, connection);
  }

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const { session } = connection;
    session.messageTimes = [...session.messageTimes.filter((time) => time > now - 1000), now];
    if (session.messageTimes.length > MAX_MESSAGES_PER_SECOND) {
      connection.close(1008, "Too many requests");
      return;
    }
    connection.reply(textFrame(JSON.stringify(this.#answer(connection, fieldsOf(parseJson(text))))));
  }

  #answer(connection: Connection<Session>, request: Readonly<Record<string, unknown>>): unknown {
    const { session } = connection;
    const id = typeof request["id"] === "number" || typeof request["id"] === "string" ? request["id"] : null;
    const streams = Array.isArray(request["params"]) ? request["params"].filter((each) => typeof each === "string") : [];
    if (request["method"] === "LIST_SUBSCRIPTIONS") return { result: [...session.streams], id };
    if (request["method"] === "SUBSCRIBE") {
      const added = streams.filter((stream) => !session.streams.has(stream));
      if (session.streams.size + added.length > MAX_STREAMS) return { error: { code: 2, msg: "Invalid request: too many streams" }, id };
      for (const stream of added) this.#follow(stream, connection);
      return { result: null, id };
    }
    if (request["method"] === "UNSUBSCRIBE") {
      for (const stream of streams) this.#unfollow(stream, connection);
      return { result: null, id };
    }
    return { error: { code: 2, msg: "Invalid request: unknown method or invalid JSON" }, id };
  }

  /** Every stream is acked; one that is asked for on the wrong route, or does not exist, never delivers. */
  #follow(stream: string, connection: Connection<Session>): void {
    const isUnlisted = this.unlisted.has(stream.split("@", 1)[0]?.toUpperCase() ?? "");
    if ((this.service !== "served" && isLiquidationStream(stream)) || isUnlisted) {
      connection.session.streams.delete(stream);
      return;
    }
    connection.session.streams.add(stream);
    const serves = connection.session.route === "market" ? "market" : "public";
    if (routeOf(stream) === serves) this.#topics.add(stream, connection, true);
  }

  #unfollow(stream: string, connection: Connection<Session>): void {
    connection.session.streams.delete(stream);
    this.#topics.delete(stream, connection);
  }

  rest(request: RestRequest, now: number): HttpReply {
    const { pathname, searchParams } = request.url;
    if (pathname === "/fapi/v1/exchangeInfo") return { status: 200, body: frames.exchangeInfo(now) };
    // An empty list: no contract's interval was ever changed.
    if (pathname === "/fapi/v1/fundingInfo") return { status: 200, body: [] };
    const contract = searchParams.get("symbol") ?? "";
    const asset = ASSETS.find(({ symbol }) => contract === `${symbol}USDT` || contract === `${symbol}USDC`);
    if (asset === undefined) return pathname.startsWith("/fapi/v1/") ? invalidSymbol : notFound;
    const quote = this.#context.market.quote(asset.symbol);
    const isTraded = contract.endsWith("USDT");
    switch (pathname) {
      case "/fapi/v1/openInterest":
        return { status: 200, body: frames.openInterest(contract, isTraded ? quote.openInterest : 0, asset, now) };
      case "/fapi/v1/ticker/24hr":
        return { status: 200, body: frames.dayTicker(contract, isTraded ? quote.turnover : 0, quote.mark) };
      case "/fapi/v1/depth": {
        const sides = this.#books.get(asset.symbol)?.top(Number(searchParams.get("limit") ?? 500));
        return { status: 200, body: frames.restDepth(asset, isTraded && sides !== undefined ? sides : NO_LEVELS, this.#updateId, now) };
      }
      default:
        return notFound;
    }
  }

  accept(liquidation: MarketLiquidation): void {
    const asset = assetOf(liquidation.symbol);
    const order = frames.fillOrder(liquidation, asset, this.#context.random);
    const sample = this.#samples.get(order.symbol);
    if (sample === undefined) this.#samples.set(order.symbol, { opened: liquidation.time, largest: order });
    else if (order.usd > sample.largest.usd) sample.largest = order;
  }

  /** The venue itself never repeats; a collector has to bear it nevertheless. */
  replay(now: number): void {
    for (const { key, payload } of this.#lastPushed) this.#sendLiquidation(key, payload, now);
  }

  #pushLiquidations(now: number): void {
    for (const [symbol, sample] of this.#samples) {
      if (now < sample.opened + this.#options.sampleMs) continue;
      this.#samples.delete(symbol);
      const event = frames.ledgerEvent(sample.largest);
      this.ledger.add(event);
      const payload = frames.forceOrder(sample.largest, now);
      this.#lastPushed.push({ key: event.key, payload });
      if (this.#lastPushed.length > REPLAYED) this.#lastPushed.shift();
      this.#sendLiquidation(event.key, payload, now);
    }
  }

  #sendLiquidation(key: string, payload: string, now: number): void {
    const symbol = key.slice(0, key.indexOf("|"));
    const heard = this.#publish(`${symbol.toLowerCase()}@forceOrder`, payload) + this.#publish("!forceOrder@arr", payload);
    this.ledger.markSent(key, now, heard);
  }

  #pushMarks(now: number, suffix: "@1s" | ""): void {
    const payloads = ASSETS.map((asset) => ({ asset, payload: frames.markPrice(asset, this.#context.market.quote(asset.symbol), now) }));
    for (const { asset, payload } of payloads) this.#publish(`${streamSymbol(asset)}@markPrice${suffix}`, payload);
    this.#publish(`!markPrice@arr${suffix}`, `[${payloads.map(({ payload }) => payload).join(",")}]`);
  }

  #pushBooks(now: number, speed: "@100ms" | "@500ms"): void {
    for (const asset of ASSETS) {
      const book = this.#books.get(asset.symbol);
      if (book === undefined) continue;
      if (speed === "@100ms") book.move(this.#context.market.mid(asset.symbol));
      const stream = streamSymbol(asset);
      const previousId = this.#updateId;
      this.#updateId += 1 + this.#context.random.integer(500);
      for (const depth of [5, 10, 20]) {
        const topic = `${stream}@depth${depth}${speed}`;
        if (this.#topics.wanted(topic)) this.#publish(topic, frames.depth(asset, book.top(depth), previousId, this.#updateId, now));
      }
      if (speed === "@100ms" && this.#topics.wanted(`${stream}@bookTicker`)) {
        this.#publish(`${stream}@bookTicker`, frames.bookTicker(asset, book.top(1), this.#updateId, now));
      }
    }
  }

  #publish(stream: string, payload: string): number {
    const subscribers = this.#topics.of(stream);
    let plain: Frame | undefined;
    let wrapped: Frame | undefined;
    let receivers = 0;
    for (const connection of subscribers.keys()) {
      const frame = connection.session.combined
        ? (wrapped ??= textFrame(`{"stream":"${stream}","data":${payload}}`))
        : (plain ??= textFrame(payload));
      if (connection.push(frame)) receivers += 1;
    }
    return receivers;
  }

  #checkSessions(server: VenueSessions<Session>, now: number): void {
    for (const connection of server.connections) {
      if (now - connection.openedTime >= this.#options.maxAgeMs) connection.close(1001, "session expired");
      // A pong is owed only since the first ping; `lastPongTime` starts when the socket opens.
      else if (now - connection.lastPongTime >= this.#options.pingMs + this.#options.pongTimeoutMs) connection.cut();
      else if (now - connection.session.lastPingTime >= this.#options.pingMs) {
        connection.session.lastPingTime = now;
        connection.ping();
      }
    }
  }
}

const NO_LEVELS: BookSides = { bids: [], asks: [] };
const invalidSymbol: HttpReply = { status: 400, body: { code: -1121, msg: "Invalid symbol." } };

function isLiquidationStream(stream: string): boolean {
  return stream.includes("forceOrder");
}

function streamSymbol(asset: Asset): string {
  return `${asset.symbol.toLowerCase()}usdt`;
}

function routeOf(stream: string): "market" | "public" {
  return /@(?:bookTicker|depth|trade)|^!bookTicker/.test(stream) ? "public" : "market";
}
