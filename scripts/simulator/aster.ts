import type { ExchangeName } from "../../src/liquidation.ts";
import * as frames from "./aster-frames.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface AsterOptions {
  /** Of a symbol's orders in this long only the first is pushed, at once. */
  readonly throttleMs: number;
  readonly bookMs: number;
  readonly markMs: number;
  /** Time between two trades of an asset. */
  readonly tradeMs: number;
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  readonly maxAgeMs: number;
}

const DEFAULTS: AsterOptions = {
  throttleMs: 1000,
  bookMs: 500,
  markMs: 1000,
  tradeMs: 500,
  pingMs: 300_000,
  pongTimeoutMs: 900_000,
  maxAgeMs: 86_400_000,
};
const PATH = "/stream";
const MAX_STREAMS = 200;
const MAX_MESSAGES_PER_SECOND = 10;
const CHECK_MS = 1000;
const PUSH_CHECK_MS = 10;
const REPLAYED = 20;
/** Far more than 25 bps. */
const BOOK_LEVELS = 120;

interface Session {
  readonly streams: Set<string>;
  messageTimes: number[];
  lastPingTime: number;
}

interface Pushed {
  readonly asset: Asset;
  readonly order: frames.ForcedOrder;
}

/** Aster perpetuals. */
export class Aster implements VenueProtocol<Session> {
  readonly name: ExchangeName = "aster";
  readonly ledger = new Ledger("aster");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: AsterOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #books: ReadonlyMap<string, OrderBook>;
  readonly #lastTimes = new Map<string, number>();
  #pending: Pushed[] = [];
  readonly #pushed: Pushed[] = [];
  #trades = 0;

  constructor(context: VenueContext, options: Partial<AsterOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#books = new Map(
      ASSETS.map((asset) => {
        const book = new OrderBook({ tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 20_000, spacing: 0.00005 }, context.random);
        book.move(context.market.mid(asset.symbol));
        return [asset.symbol, book];
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    scheduler.every(PUSH_CHECK_MS, (now) => this.#pushLiquidations(now));
    scheduler.every(this.#options.markMs, (now) => this.#pushMarks(now));
    scheduler.every(this.#options.tradeMs, (now) => this.#pushTrades(now));
    scheduler.every(this.#options.bookMs, (now) => this.#pushBooks(now));
    scheduler.every(CHECK_MS, (now) => {
      for (const connection of server.connections) this.#check(connection, now);
    });
  }

  upgrade(url: URL, now: number): Upgrade<Session> {
    if (url.pathname !== PATH) return { refused: notFound };
    const streams = (url.searchParams.get("streams") ?? "").split("/").filter((stream) => stream !== "");
    if (streams.length > MAX_STREAMS) return { refused: { status: 400, body: { code: 2, msg: "too many streams" } } };
    return { session: { streams: new Set(streams), messageTimes: [], lastPingTime: now } };
  }

  opened(connection: Connection<Session>): void {
    for (const stream of connection.session.streams) this.#follow(stream, connection);
  }

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  /** The venue never says so. */
  withdraw(): void {
    for (const [stream, connection] of this.#topics.all()) if (isLiquidationStream(stream)) this.#unfollow(stream, connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const { session } = connection;
    session.messageTimes = [...session.messageTimes.filter((time) => time > now - 1000), now];
    if (session.messageTimes.length > MAX_MESSAGES_PER_SECOND) return connection.close(1008, "Too many requests");
    const request = fieldsOf(parseJson(text));
    const params = Array.isArray(request["params"]) ? request["params"].map(String) : [];
    const answer = (body: object) => connection.reply(textFrame(JSON.stringify({ ...body, id: request["id"] ?? null })));
    switch (request["method"]) {
      case "LIST_SUBSCRIPTIONS":
        return answer({ result: [...session.streams] });
      case "SUBSCRIBE":
        if (new Set([...session.streams, ...params]).size > MAX_STREAMS) return answer({ error: { code: 2, msg: "too many streams" } });
        for (const stream of params) this.#follow(stream, connection);
        return answer({ result: null });
      case "UNSUBSCRIBE":
        for (const stream of params) this.#unfollow(stream, connection);
        return answer({ result: null });
      default:
        return answer({ error: { code: 2, msg: "Invalid request" } });
    }
  }

  /** Every stream is acknowledged; one that does not exist never delivers. */
  #follow(stream: string, connection: Connection<Session>): void {
    const isUnlisted = this.unlisted.has(stream.split("@", 1)[0]?.toUpperCase() ?? "");
    if ((this.service !== "served" && isLiquidationStream(stream)) || isUnlisted) {
      connection.session.streams.delete(stream);
      return;
    }
    connection.session.streams.add(stream);
    this.#topics.add(stream, connection, true);
  }

  #unfollow(stream: string, connection: Connection<Session>): void {
    connection.session.streams.delete(stream);
    this.#topics.delete(stream, connection);
  }

  rest(request: RestRequest, now: number): HttpReply {
    const { pathname, searchParams } = request.url;
    if (pathname === "/fapi/v1/exchangeInfo") return { status: 200, body: frames.exchangeInfo(now) };
    if (pathname === "/fapi/v1/fundingInfo") return { status: 200, body: frames.fundingInfo() };
    const asset = ASSETS.find((each) => frames.contractOf(each) === searchParams.get("symbol"));
    const book = this.#books.get(asset?.symbol ?? "");
    if (asset === undefined || book === undefined) return { status: 400, body: { code: -1121, msg: "Invalid symbol." } };
    if (pathname === "/fapi/v1/depth") {
      book.move(this.#context.market.mid(asset.symbol));
      return { status: 200, body: frames.restDepth(asset, book.top(Number(searchParams.get("limit") ?? 500)), now) };
    }
    const quote = this.#context.market.quote(asset.symbol);
    return pathname === "/fapi/v1/ticker/24hr" ? { status: 200, body: frames.dayTicker(asset, quote) } : notFound;
  }

  /** An order within a second of the one before is never shown. */
  accept(liquidation: MarketLiquidation): void {
    const asset = assetOf(liquidation.symbol);
    const last = this.#lastTimes.get(asset.symbol) ?? Number.NEGATIVE_INFINITY;
    if (liquidation.time < last + this.#options.throttleMs) return;
    this.#lastTimes.set(asset.symbol, liquidation.time);
    const order = frames.forcedOrder(liquidation, asset, this.#context.random);
    this.ledger.add(frames.ledgerEvent(order, asset));
    this.#pending.push({ asset, order });
  }

  /** The venue itself never repeats; a collector has to bear it nevertheless. */
  replay(now: number): void {
    for (const pushed of this.#pushed) this.#send(pushed, now);
  }

  #pushLiquidations(now: number): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const pushed of pending) {
      this.#pushed.push(pushed);
      if (this.#pushed.length > REPLAYED) this.#pushed.shift();
      this.#send(pushed, now);
    }
  }

  #send({ asset, order }: Pushed, now: number): void {
    const payload = { e: "forceOrder", E: now, o: order };
    const single = this.#publish(`${order.s.toLowerCase()}@forceOrder`, () => payload);
    const receivers = single + this.#publish("!forceOrder@arr", () => payload);
    this.ledger.markSent(frames.ledgerEvent(order, asset).key, now, receivers);
  }

  #pushMarks(now: number): void {
    const payloads = ASSETS.map((asset) => ({ asset, payload: frames.markPrice(asset, this.#context.market.quote(asset.symbol), now) }));
    for (const { asset, payload } of payloads) this.#publish(`${streamOf(asset)}@markPrice@1s`, () => payload);
    this.#publish("!markPrice@arr@1s", () => payloads.map(({ payload }) => payload));
  }

  #pushTrades(now: number): void {
    const { market } = this.#context;
    this.#trades += 1;
    // Under stress every third trade is a forced one.
    const isForced = this.#trades % 3 === 0;
    for (const asset of ASSETS) {
      const stress = isForced ? market.stress(asset.symbol) : 0;
      this.#publish(`${streamOf(asset)}@trade`, () => frames.trade(asset, market.quote(asset.symbol), this.#trades, stress, now));
    }
  }

  #pushBooks(now: number): void {
    for (const asset of ASSETS) {
      const book = this.#books.get(asset.symbol);
      // Nobody reads a book without subscribers, so it stays where it was.
      if (book === undefined || !this.#topics.wanted(`${streamOf(asset)}@depth20@500ms`)) continue;
      book.move(this.#context.market.mid(asset.symbol));
      this.#publish(`${streamOf(asset)}@depth20@500ms`, () => frames.depth(asset, book.top(20), now));
    }
  }

  #publish(stream: string, data: () => unknown): number {
    if (!this.#topics.wanted(stream)) return 0;
    const frame = textFrame(JSON.stringify({ stream, data: data() }));
    return [...this.#topics.of(stream).keys()].filter((connection) => connection.push(frame)).length;
  }

  #check(connection: Connection<Session>, now: number): void {
    const { pingMs, pongTimeoutMs, maxAgeMs } = this.#options;
    if (now - connection.openedTime >= maxAgeMs) connection.close(1001, "session expired");
    else if (now - connection.lastPongTime >= pingMs + pongTimeoutMs) connection.cut();
    else if (now - connection.session.lastPingTime >= pingMs) {
      connection.session.lastPingTime = now;
      connection.ping();
    }
  }
}

function isLiquidationStream(stream: string): boolean {
  return stream.includes("forceOrder");
}

function streamOf(asset: Asset): string {
  return frames.contractOf(asset).toLowerCase();
}
