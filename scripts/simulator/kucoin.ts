import type { ExchangeName } from "../../src/liquidation.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import type { Connection, Frame } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { firstNumber } from "./first-number.ts";
import * as frames from "./kucoin-frames.ts";
import * as uta from "./kucoin-uta.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { drawMakerCloseShare, drawTakerOrder, type TakerFlowOptions } from "./taker-flow.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface KucoinOptions extends TakerFlowOptions {
  readonly pingIntervalMs: number;
  /** A client that sends nothing for this long is closed, however much is sent to it. */
  readonly idleMs: number;
  /** From open to `welcome`; what a client sends before it is lost. */
  readonly welcomeMs: number;
  readonly markMs: number;
  readonly bookMs: number;
  readonly fundingMs: number;
}

const DEFAULTS: KucoinOptions = {
  pingIntervalMs: 18_000,
  idleMs: 60_000,
  welcomeMs: 20,
  markMs: 1000,
  bookMs: 100,
  fundingMs: 60_000,
  // Some 1.2 billion USD a day and contract, one order in forty through three levels or more.
  tradesPerSecond: 2,
  tradeMedianUsd: 2000,
  tradeSigma: 1.6,
  makerCloseShare: 0.9,
  makerCloseSpread: 0.1,
};
const UTA_PATH = "/uta";
const MAX_TOPICS_PER_SUBSCRIBE = 100;
const CHECK_MS = 1000;
const WELCOME_CHECK_MS = 10;

interface Session {
  readonly kind: "classic" | "uta";
  /** The classic socket's connectId, or a session id of the UTA socket. */
  readonly id: string;
  /** Null on a classic socket whose token is not known. */
  readonly token: string | null;
  welcomed: boolean;
}

/** KuCoin futures: the classic tokenised socket and the UTA socket. It publishes no liquidations on either. */
export class Kucoin implements VenueProtocol<Session> {
  readonly name: ExchangeName = "kucoin";
  readonly ledger = new Ledger("kucoin");
  readonly paths = { ws: UTA_PATH, rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: KucoinOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #books: ReadonlyMap<string, OrderBook>;
  /** Coins open on this venue: nothing but trades changes them. */
  readonly #openInterest = new Map(ASSETS.map((asset) => [asset.symbol, asset.openInterest]));
  readonly #tokens = new Set<string>();
  #origin = "";
  #sequence = 1_747_821_025_244;
  #orderId: bigint;

  constructor(context: VenueContext, options: Partial<KucoinOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#orderId = BigInt(firstNumber(context.scheduler.clock)) << 8n;
    this.#books = new Map(
      ASSETS.map((asset) => {
        const book = new OrderBook({ tick: asset.tick, levels: 50, levelUsd: 15_000, spacing: 0.00005 }, context.random);
        book.move(context.market.mid(asset.symbol));
        return [asset.symbol, book];
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    this.#origin = server.origin;
    const { scheduler, random } = this.#context;
    const each = (intervalMs: number, task: (asset: Asset, now: number) => void) =>
      scheduler.every(intervalMs, (now) => {
        for (const asset of ASSETS) task(asset, now);
      });
    const tradeChance = (this.#options.tradesPerSecond * this.#options.bookMs) / 1000;
    scheduler.every(WELCOME_CHECK_MS, (now) => this.#welcome(server, now));
    each(this.#options.markMs, (asset, now) => this.#pushMark(asset, now));
    each(this.#options.fundingMs, (asset, now) => this.#pushFunding(asset, now));
    each(this.#options.bookMs, (asset, now) => this.#pushBook(asset, now));
    each(this.#options.bookMs, (asset, now) => {
      if (random.chance(tradeChance)) this.#trade(asset, now);
    });
    scheduler.every(Math.min(CHECK_MS, this.#options.idleMs), (now) => {
      for (const connection of server.connections) {
        if (now - connection.lastReceivedTime >= this.#options.idleMs) connection.close(1000, "Bye");
      }
    });
  }

  upgrade(url: URL): Upgrade<Session> {
    const id = url.searchParams.get("connectId") ?? this.#context.random.identifier();
    if (url.pathname.replace(/\/$/, "") === UTA_PATH) return { session: { kind: "uta", id, token: null, welcomed: false } };
    if (url.pathname !== "/") return { refused: notFound };
    // A token opens one socket.
    const token = url.searchParams.get("token") ?? "";
    return { session: { kind: "classic", id, token: this.#tokens.delete(token) ? token : null, welcomed: false } };
  }

  opened(connection: Connection<Session>): void {
    const { kind, id, token } = connection.session;
    if (kind === "uta" || token !== null) return;
    connection.reply(textFrame(JSON.stringify({ id, type: "error", code: 401, data: "Invalid token" })));
    connection.close(1008, "Invalid token");
  }

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  #welcome(server: VenueSessions<Session>, now: number): void {
    for (const connection of server.connections) {
      const { session } = connection;
      if (session.welcomed || now - connection.openedTime < this.#options.welcomeMs) continue;
      session.welcomed = true;
      const classic = textFrame(JSON.stringify({ id: session.id, type: "welcome" }));
      connection.reply(session.kind === "classic" ? classic : uta.welcome(session.id, this.#options.pingIntervalMs));
    }
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    if (!connection.session.welcomed) return;
    const request = fieldsOf(parseJson(text));
    if (connection.session.kind === "uta") this.#answerUta(connection, request, now);
    else this.#answerClassic(connection, request, now);
  }

  #answerClassic(connection: Connection<Session>, request: Readonly<Record<string, unknown>>, now: number): void {
    const id = String(request["id"] ?? "");
    const answer = (body: object) => connection.reply(textFrame(JSON.stringify({ id, ...body })));
    if (request["type"] === "ping") return answer({ type: "pong", timestamp: now * 1000 });
    if (request["type"] !== "subscribe" && request["type"] !== "unsubscribe") {
      return answer({ type: "error", code: 400, data: "type is not supported" });
    }
    const [name = "", list = ""] = String(request["topic"]).split(":");
    if (!frames.TOPICS.has(name)) return answer({ type: "error", code: 404, data: "topic does not exist" });
    const symbols = list.split(",");
    if (symbols.length > MAX_TOPICS_PER_SUBSCRIBE) return answer({ type: "error", code: 400, data: "exceed max topic count" });
    if (request["response"] === true) answer({ type: "ack" });
    for (const symbol of symbols) {
      // Measured on the live venue: an unknown symbol is acked and stays silent.
      if (this.unlisted.has(symbol)) continue;
      if (request["type"] === "subscribe") this.#topics.add(`${name}:${symbol}`, connection, true);
      else this.#topics.delete(`${name}:${symbol}`, connection);
    }
    return undefined;
  }

  #answerUta(connection: Connection<Session>, request: Readonly<Record<string, unknown>>, now: number): void {
    const id = String(request["id"] ?? "");
    if (request["type"] === "ping") return connection.reply(uta.pong(id, now));
    const topic = uta.topicOf(request);
    if (topic === null) return connection.reply(uta.refusal(id));
    if (request["action"] === "SUBSCRIBE") this.#topics.add(topic, connection, true);
    else this.#topics.delete(topic, connection);
    return connection.reply(uta.acceptance(id));
  }

  rest(request: RestRequest, now: number): HttpReply {
    if (request.url.pathname === "/api/v1/bullet-public" && request.method === "POST") return { status: 200, body: this.#issueToken() };
    const one = ASSETS.find((asset) => request.url.pathname === `/api/v1/contracts/${frames.symbolOf(asset)}`);
    if (one !== undefined) return { status: 200, body: { code: "200000", data: frames.contract(one, this.#quote(one), now) } };
    if (request.url.pathname !== "/api/v1/contracts/active") return notFound;
    const data = ASSETS.map((asset) => frames.contract(asset, this.#quote(asset), now));
    return { status: 200, body: { code: "200000", data } };
  }

  #issueToken(): unknown {
    const token = `${this.#context.random.identifier()}.${this.#context.random.identifier()}==`;
    this.#tokens.add(token);
    const endpoint = `${this.#origin.replace(/^http/, "ws")}/`;
    const server = { endpoint, encrypt: false, protocol: "websocket", pingInterval: this.#options.pingIntervalMs, pingTimeout: 10_000 };
    return { code: "200000", data: { token, instanceServers: [server] } };
  }

  #quote(asset: Asset): Quote {
    const quote = this.#context.market.quote(asset.symbol);
    return { ...quote, openInterest: this.#openInterest.get(asset.symbol) ?? quote.openInterest };
  }

  #trade(asset: Asset, now: number): void {
    const order = drawTakerOrder(this.#options, this.#context.market.quote(asset.symbol).mark, this.#context.random);
    this.#sweep(asset, order.side, order.coins, now);
    this.#open(asset, order.opened);
  }

  #open(asset: Asset, coins: number): void {
    this.#openInterest.set(asset.symbol, Math.max(0, this.#quote(asset).openInterest + coins));
  }

  /**
   * What the public sees of a liquidation here: one taker order, through several levels where it is large, and less
   * open interest as far as its counterparties close too.
   */
  accept(liquidation: MarketLiquidation): void {
    const asset = assetOf(liquidation.symbol);
    const coins = (liquidation.usd * liquidation.copies) / liquidation.mark;
    const now = this.#context.scheduler.clock();
    const takerOrderId = this.#sweep(asset, liquidation.side === "long" ? "sell" : "buy", coins, now);
    this.#open(asset, -coins * drawMakerCloseShare(this.#options, this.#context.random));
    this.ledger.add({
      key: takerOrderId,
      instrument: frames.symbolOf(asset),
      symbol: asset.symbol,
      position_side: liquidation.side,
      event_time: liquidation.time,
      quantity: coins,
      price: liquidation.mark,
      in_history: false,
    });
  }

  /** There is nothing to withdraw: the venue publishes no liquidations. */
  withdraw(): void {}

  replay(): void {}

  #sweep(asset: Asset, side: "buy" | "sell", coins: number, now: number): string {
    const touch = this.#books.get(asset.symbol)?.top(50) ?? { bids: [], asks: [] };
    this.#orderId += 4096n;
    const takerOrderId = String(this.#orderId);
    for (const fill of frames.fillsOf(asset, side === "sell" ? touch.bids : touch.asks, coins)) {
      this.#sequence += 1;
      const makerOrderId = String(this.#orderId - BigInt(1 + this.#context.random.integer(1_000_000)));
      const match = { ...fill, side, takerOrderId, makerOrderId };
      this.#publish("/contractMarket/execution", asset, () => textFrame(frames.execution(asset, match, this.#sequence, now)));
    }
    return takerOrderId;
  }

  #pushMark(asset: Asset, now: number): void {
    const quote = this.#quote(asset);
    this.#publish("/contract/instrument", asset, () => textFrame(frames.markIndex(asset, quote, now)));
    this.#publish("mark-price", asset, () => uta.markPrice(asset, quote, now));
  }

  #pushFunding(asset: Asset, now: number): void {
    const quote = this.#context.market.quote(asset.symbol);
    this.#publish("/contract/instrument", asset, () => textFrame(frames.funding(asset, quote, now)));
    this.#publish("funding-fee", asset, () => uta.fundingFee(asset, quote, now));
  }

  #pushBook(asset: Asset, now: number): void {
    const book = this.#books.get(asset.symbol);
    if (book === undefined) return;
    book.move(this.#context.market.mid(asset.symbol));
    this.#sequence += 1;
    const sequence = this.#sequence;
    this.#publish("/contractMarket/tickerV2", asset, () => textFrame(frames.tickerV2(asset, book.top(1), sequence, now)));
    for (const depth of [5, 50] as const) {
      this.#publish(`/contractMarket/level2Depth${depth}`, asset, () =>
        textFrame(frames.depth(asset, depth, book.top(depth), sequence, now)),
      );
      this.#publish(`obu.${depth}`, asset, () => uta.orderBook(asset, depth, book.top(depth), sequence, now));
    }
  }

  /** @param name a classic topic's path, or a UTA channel; the contract is appended after a colon in both */
  #publish(name: string, asset: Asset, build: () => Frame): void {
    const topic = `${name}:${frames.symbolOf(asset)}`;
    if (!this.#topics.wanted(topic)) return;
    const frame = build();
    for (const connection of this.#topics.of(topic).keys()) connection.push(frame);
  }
}
