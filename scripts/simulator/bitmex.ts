import type { ExchangeName } from "../../src/liquidation.ts";
import * as frames from "./bitmex-frames.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { firstNumber } from "./first-number.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { type Random, createRandom } from "./random.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface BitmexOptions {
  readonly marketMs: number;
  /** Time between two fills of an order. */
  readonly fillMs: number;
  /** Share of liquidations that are merged into an open order of their contract and side. */
  readonly mergeShare: number;
  /** A client that sends nothing for this long is cut. */
  readonly idleMs: number;
}

const DEFAULTS: BitmexOptions = { marketMs: 500, fillMs: 400, mergeShare: 0.5, idleMs: 60_000 };
const PATH = "/realtime";
const LIQUIDATIONS = "liquidation";
/** The table of a contract that is listed, and in which nothing happens. */
const QUANTO = "instrument:ETHUSD";
const MAX_SUBSCRIPTIONS_PER_HOUR = 720;
const CHECK_MS = 1000;
/** Far more than 25 bps. */
const BOOK_LEVELS = 120;

interface Session {
  subscribeTimes: number[];
}

interface OpenOrder {
  order: frames.Order;
  readonly contract: frames.Contract;
  readonly opened: number;
  rises: number;
  /** Whether anybody received it. */
  isSent: boolean;
}

interface Market {
  readonly contract: frames.Contract;
  readonly book: OrderBook;
  shown: Readonly<Record<string, unknown>>;
}

/** BitMEX real-time tables. */
export class Bitmex implements VenueProtocol<Session> {
  readonly name: ExchangeName = "bitmex";
  readonly ledger = new Ledger("bitmex");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: BitmexOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #markets: ReadonlyMap<string, Market>;
  /** Orders have other ids in each run, also with the same seed: no venue gives an id twice. */
  readonly #orderIds: Random;
  #open: OpenOrder[] = [];

  constructor(context: VenueContext, options: Partial<BitmexOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#orderIds = createRandom(firstNumber(context.scheduler.clock), "bitmex orders");
    this.#markets = new Map(
      frames.CONTRACTS.map((contract) => {
        const { asset } = contract;
        const book = new OrderBook({ tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 30_000, spacing: 0.00005 }, context.random);
        book.move(context.market.mid(asset.symbol));
        return [contract.name, { contract, book, shown: frames.marketFields(contract, context.market.quote(asset.symbol), book.top(1)) }];
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    scheduler.every(this.#options.fillMs, () => this.#fill());
    scheduler.every(this.#options.marketMs, (now) => {
      for (const market of this.#markets.values()) this.#pushMarket(market, now);
    });
    scheduler.every(CHECK_MS, (now) => {
      for (const connection of server.connections) if (now - connection.lastReceivedTime >= this.#options.idleMs) connection.cut();
    });
  }

  upgrade(url: URL): Upgrade<Session> {
    return url.pathname === PATH ? { session: { subscribeTimes: [] } } : { refused: notFound };
  }

  opened(connection: Connection<Session>, now: number): void {
    const welcome = {
      info: "Welcome to the BitMEX Realtime API.",
      version: "2.0.0",
      timestamp: new Date(now).toISOString(),
      docs: "https://www.bitmex.com/app/wsAPI",
      heartbeatEnabled: false,
      limit: { remaining: MAX_SUBSCRIPTIONS_PER_HOUR - 1 },
    };
    connection.reply(textFrame(JSON.stringify(welcome)));
    const asked = connection.url.searchParams.get("subscribe");
    if (asked !== null) for (const topic of asked.split(",")) this.#subscribe(connection, topic, { op: "subscribe", args: [topic] }, now);
  }

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  /** Whether the venue would say so is not known; if it does, then as it answers a request. */
  withdraw(silently: boolean): void {
    for (const connection of this.#topics.of(LIQUIDATIONS).keys()) {
      this.#topics.delete(LIQUIDATIONS, connection);
      if (!silently) connection.reply(textFrame(JSON.stringify({ success: true, unsubscribe: LIQUIDATIONS })));
    }
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    if (text === "ping") {
      connection.reply(textFrame("pong"));
      return;
    }
    const request = fieldsOf(parseJson(text));
    const args = Array.isArray(request["args"]) ? request["args"].map(String) : [];
    if (request["op"] !== "subscribe" || args.length === 0) this.#refuse(connection, 400, "Unrecognized request.", request);
    for (const topic of request["op"] === "subscribe" ? args : []) this.#subscribe(connection, topic, request, now);
  }

  #refuse(connection: Connection<Session>, status: number, error: string, request: object): void {
    connection.reply(textFrame(JSON.stringify({ status, error, meta: {}, request })));
  }

  /** Each topic of a request gets an answer of its own; one of an unknown contract names the whole request only. */
  #subscribe(connection: Connection<Session>, topic: string, request: object, now: number): void {
    const { session } = connection;
    session.subscribeTimes = [...session.subscribeTimes.filter((time) => time > now - 3_600_000), now];
    if (session.subscribeTimes.length > MAX_SUBSCRIPTIONS_PER_HOUR) return this.#refuse(connection, 429, "Rate limit exceeded", request);
    const market = this.#markets.get(/^instrument:(.+)$/.exec(topic)?.[1] ?? "");
    if (topic === LIQUIDATIONS && this.service === "ignored") return;
    if (topic === LIQUIDATIONS && this.service === "refused") return this.#refuse(connection, 403, "Forbidden", request);
    const exists = topic === LIQUIDATIONS || topic === QUANTO || (market !== undefined && !this.unlisted.has(market.contract.name));
    if (!exists) return this.#refuse(connection, 400, "Unknown or expired symbol.", request);
    if (this.#topics.has(topic, connection))
      return this.#refuse(connection, 400, `You are already subscribed to this topic: ${topic}`, request);
    connection.reply(textFrame(JSON.stringify({ success: true, subscribe: topic, request })));
    if (market !== undefined && !this.#topics.wanted(topic)) this.#move(market);
    this.#topics.add(topic, connection, true);
    if (topic === LIQUIDATIONS) this.#showOpen(connection, now);
    if (market !== undefined)
      connection.push(textFrame(frames.table("instrument", "partial", [frames.instrument(market.contract, market.shown, now)])));
  }

  /** Of an order whose insert nobody received, a new subscriber sees what is left of it. */
  #showOpen(connection: Connection<Session>, now: number): void {
    if (!connection.push(textFrame(this.#partial()))) return;
    for (const open of this.#open) {
      if (open.isSent) continue;
      const event = frames.ledgerEvent(open.order, open.order.leavesQty, open.contract, 0, now);
      this.ledger.add(event);
      this.ledger.markSent(event.key, now, 1);
      open.isSent = true;
    }
  }

  #partial(): string {
    return frames.table(
      LIQUIDATIONS,
      "partial",
      this.#open.map(({ order }) => order),
    );
  }

  rest(request: RestRequest, now: number): HttpReply {
    const { pathname, searchParams } = request.url;
    if (pathname === "/api/v1/instrument/active") {
      const listed = [...this.#markets.values()].map(({ contract, shown }) => frames.instrument(contract, shown, now));
      return { status: 200, body: [...listed, ...frames.otherInstruments(now)] };
    }
    const market = this.#markets.get(searchParams.get("symbol") ?? "");
    if (pathname !== "/api/v1/orderBook/L2" || market === undefined) return notFound;
    if (!this.#topics.wanted(`instrument:${market.contract.name}`)) this.#move(market);
    return { status: 200, body: frames.bookRows(market.contract, market.book.top(Number(searchParams.get("depth") ?? 25))) };
  }

  accept(liquidation: MarketLiquidation): void {
    const { symbol, secondContract, side: position, mark, usd, copies } = liquidation;
    const contracts = frames.CONTRACTS.filter(({ asset }) => asset.symbol === symbol);
    const contract = (secondContract ? contracts.at(-1) : contracts[0]) ?? null;
    if (contract === null) return;
    const side = position === "long" ? "Sell" : "Buy";
    const price = frames.limitPrice(mark, side, contract);
    for (let copy = 0; copy < copies; copy += 1) {
      const size = frames.contractsFor(usd, price, contract);
      const running = this.#open.find(({ order }) => order.symbol === contract.name && order.side === side);
      if (running !== undefined && this.#context.random.chance(this.#options.mergeShare)) this.#raise(running, price, size);
      else this.#insert({ orderID: this.#orderIds.identifier(), symbol: contract.name, side, price, leavesQty: size }, contract);
    }
  }

  #insert(order: frames.Order, contract: frames.Contract): void {
    const now = this.#context.scheduler.clock();
    const event = frames.ledgerEvent(order, order.leavesQty, contract, 0, now);
    const isSent = this.#record(event, frames.table(LIQUIDATIONS, "insert", [order]), now);
    this.#open.push({ order, contract, opened: now, rises: 0, isSent });
  }

  /** Another position is merged into the order, at the price of the new one. */
  #raise(open: OpenOrder, price: number, size: number): void {
    const now = this.#context.scheduler.clock();
    const { orderID, symbol, leavesQty: before } = open.order;
    open.order = { ...open.order, price, leavesQty: before + size };
    open.rises += 1;
    const update = frames.table(LIQUIDATIONS, "update", [{ orderID, symbol, price, leavesQty: before + size }]);
    this.#record(frames.ledgerEvent(open.order, size, open.contract, open.rises, now), update, now);
  }

  /** @returns whether anybody received it */
  #record(event: ReturnType<typeof frames.ledgerEvent>, frame: string, now: number): boolean {
    this.ledger.add(event);
    const receivers = this.#publish(LIQUIDATIONS, () => frame);
    this.ledger.markSent(event.key, now, receivers);
    return receivers > 0;
  }

  /** Every open order is filled by a half or, where little is left, wholly. */
  #fill(): void {
    const rest: OpenOrder[] = [];
    for (const open of this.#open) {
      const { orderID, symbol, leavesQty } = open.order;
      const left = Math.floor(leavesQty / 2);
      const isDone = open.opened + 3 * this.#options.fillMs < this.#context.scheduler.clock() || left === 0;
      if (!isDone) rest.push(Object.assign(open, { order: { ...open.order, leavesQty: left } }));
      const change = isDone ? { orderID, symbol } : { orderID, symbol, leavesQty: left };
      this.#publish(LIQUIDATIONS, () => frames.table(LIQUIDATIONS, isDone ? "delete" : "update", [change]));
    }
    this.#open = rest;
  }

  /** The venue shows the whole table to a new subscriber. */
  replay(): void {
    this.#publish(LIQUIDATIONS, () => this.#partial());
  }

  #pushMarket(market: Market, now: number): void {
    const { contract, shown } = market;
    // Nobody reads a market without subscribers, so it stays as it was.
    if (!this.#topics.wanted(`instrument:${contract.name}`)) return;
    this.#move(market);
    const changed = Object.fromEntries(Object.entries(market.shown).filter(([name, value]) => shown[name] !== value));
    const row = { symbol: contract.name, ...changed, timestamp: new Date(now).toISOString() };
    this.#publish(`instrument:${contract.name}`, () => frames.table("instrument", "update", [row]));
  }

  #move(market: Market): void {
    const { symbol } = market.contract.asset;
    market.book.move(this.#context.market.mid(symbol));
    market.shown = frames.marketFields(market.contract, this.#context.market.quote(symbol), market.book.top(1));
  }

  #publish(topic: string, text: () => string): number {
    if (!this.#topics.wanted(topic)) return 0;
    const frame = textFrame(text());
    return [...this.#topics.of(topic).keys()].filter((connection) => connection.push(frame)).length;
  }
}
