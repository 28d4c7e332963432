import type { ExchangeName } from "../../src/liquidation.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { firstNumber } from "./first-number.ts";
import { Ledger } from "./ledger.ts";
import * as frames from "./lighter-frames.ts";
import type { MarketLiquidation } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface LighterOptions {
  readonly pushMs: number;
  readonly statsMs: number;
  /** Liquidations repeated to a new subscriber. */
  readonly replayed: number;
  /** Share of pushes with a forced trade of another kind. */
  readonly deleverageShare: number;
  /** A client that sends nothing for this long is cut. */
  readonly idleMs: number;
}

const DEFAULTS: LighterOptions = { pushMs: 100, statsMs: 500, replayed: 50, deleverageShare: 0.01, idleMs: 120_000 };
const PATH = "/stream";
const MAX_SUBSCRIPTIONS = 100;
const MAX_MESSAGES_PER_MINUTE = 200;
const CHECK_MS = 1000;
/** Far more than 25 bps. */
const BOOK_LEVELS = 120;

interface Session {
  readonly channels: Set<string>;
  messageTimes: number[];
}

interface Market {
  readonly market: frames.PerpetualMarket;
  readonly book: OrderBook;
  nonce: number;
  pending: frames.Trade[];
  readonly shown: frames.Trade[];
}

/** Lighter's public stream. */
export class Lighter implements VenueProtocol<Session> {
  readonly name: ExchangeName = "lighter";
  readonly ledger = new Ledger("lighter");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: LighterOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #markets: ReadonlyMap<string, Market>;
  #tradeId: number;

  constructor(context: VenueContext, options: Partial<LighterOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#tradeId = firstNumber(context.scheduler.clock);
    this.#markets = new Map(
      frames.MARKETS.map((market) => {
        const { asset, id } = market;
        const book = new OrderBook({ tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 20_000, spacing: 0.00005 }, context.random);
        book.move(context.market.mid(asset.symbol));
        return [String(id), { market, book, nonce: 10_380_968_789, pending: [], shown: [] }];
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    scheduler.every(this.#options.pushMs, (now) => {
      for (const market of this.#markets.values()) {
        this.#pushTrades(market, now);
        this.#pushBook(market, now);
      }
    });
    scheduler.every(this.#options.statsMs, (now) => {
      for (const { market } of this.#markets.values()) this.#pushStats(market, now);
    });
    scheduler.every(CHECK_MS, (now) => {
      for (const connection of server.connections) if (now - connection.lastReceivedTime >= this.#options.idleMs) connection.cut();
    });
  }

  upgrade(url: URL): Upgrade<Session> {
    return url.pathname === PATH ? { session: { channels: new Set(), messageTimes: [] } } : { refused: notFound };
  }

  opened(connection: Connection<Session>): void {
    connection.reply(textFrame(JSON.stringify({ session_id: this.#context.random.identifier(), type: "connected" })));
  }

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  /** Whether the venue would say so is not known; if it does, then as it answers a request. */
  withdraw(silently: boolean): void {
    for (const [channel, connection] of this.#topics.all()) {
      if (!isTrades(channel)) continue;
      this.#topics.delete(channel, connection);
      connection.session.channels.delete(channel);
      if (!silently) connection.reply(textFrame(JSON.stringify({ type: "unsubscribed", channel: channel.replace("/", ":") })));
    }
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const { session } = connection;
    session.messageTimes = [...session.messageTimes.filter((time) => time > now - 60_000), now];
    if (session.messageTimes.length > MAX_MESSAGES_PER_MINUTE) return connection.close(1008, "Too many messages");
    const request = fieldsOf(parseJson(text));
    const channel = String(request["channel"] ?? "");
    switch (request["type"]) {
      case "ping":
        return connection.reply(textFrame(JSON.stringify({ type: "pong" })));
      case "pong":
        return undefined;
      case "unsubscribe":
        this.#topics.delete(channel, connection);
        session.channels.delete(channel);
        return connection.reply(textFrame(JSON.stringify({ type: "unsubscribed", channel: channel.replace("/", ":") })));
      case "subscribe":
        return this.#subscribe(connection, channel, now);
      default:
        return refuse(connection, 30_001, "Invalid Type");
    }
  }

  #subscribe(connection: Connection<Session>, channel: string, now: number): void {
    const { session } = connection;
    const [, kind = "", id = ""] = /^(trade|market_stats|order_book)\/(\d+)$/.exec(channel) ?? [];
    const market = this.#markets.get(id);
    const isUnlisted = market !== undefined && this.unlisted.has(`${market.market.asset.symbol}:${id}`);
    const isRefused = isTrades(channel) && this.service === "refused";
    if (isTrades(channel) && this.service === "ignored") return;
    if (market === undefined || isUnlisted || isRefused) return refuse(connection, 30_005, `Invalid Channel: (${channel})`);
    if (session.channels.has(channel)) return refuse(connection, 30_003, `Already Subscribed: ${channel.replace("/", ":")}`);
    if (session.channels.size >= MAX_SUBSCRIPTIONS) return refuse(connection, 30_009, "Too Many Subscriptions");
    session.channels.add(channel);
    if (kind === "order_book" && !this.#topics.wanted(channel)) market.book.move(this.#context.market.mid(market.market.asset.symbol));
    this.#topics.add(channel, connection, true);
    const isSent = connection.push(textFrame(this.#frame(kind, "subscribed", market, this.#firstOf(kind, market), now)));
    if (isSent && kind === "trade") this.#markReplayed(market, now);
  }

  #markReplayed({ shown }: Market, now: number): void {
    for (const { trade_id_str } of shown) this.ledger.markSent(trade_id_str, now, 1);
  }

  /** The trades of a new subscription repeat old liquidations. */
  #firstOf(kind: string, { market, book, nonce, shown }: Market): object {
    if (kind === "trade") return { nonce, trades: [], liquidation_trades: shown.toReversed() };
    if (kind === "market_stats") return { market_stats: frames.marketStats(market, this.#context.market.quote(market.asset.symbol)) };
    return { order_book: frames.orderBook(market, book.top(BOOK_LEVELS), nonce, nonce - 1) };
  }

  #frame(kind: string, phase: "subscribed" | "update", { market }: Pick<Market, "market">, body: object, now: number): string {
    return JSON.stringify({ type: `${phase}/${kind}`, channel: `${kind}:${market.id}`, ...body, timestamp: now });
  }

  rest(request: RestRequest): HttpReply {
    return request.url.pathname === "/api/v1/orderBookDetails" ? { status: 200, body: frames.orderBookDetails() } : notFound;
  }

  accept(liquidation: MarketLiquidation): void {
    const found = [...this.#markets.values()].find(({ market }) => market.asset.symbol === liquidation.symbol);
    if (found === undefined) return;
    for (let copy = 0; copy < liquidation.copies; copy += 1) {
      this.#tradeId += 1;
      const row = frames.liquidationTrade(liquidation, found.market, this.#tradeId, this.#context.random);
      this.ledger.add(frames.ledgerEvent(row, found.market));
      found.pending.push(row);
    }
  }

  replay(now: number): void {
    for (const market of this.#markets.values()) {
      const frame = () => this.#frame("trade", "subscribed", market, this.#firstOf("trade", market), now);
      if (this.#publish(`trade/${market.market.id}`, frame) > 0) this.#markReplayed(market, now);
    }
  }

  /** Ordinary trades are in `trades`; other forced ones stand beside the liquidations. */
  #pushTrades(found: Market, now: number): void {
    const { random, market } = this.#context;
    const quote = market.quote(found.market.asset.symbol);
    const liquidations = found.pending;
    found.pending = [];
    const other = (type: "trade" | "deleverage", share: number) =>
      random.chance(share) ? [frames.otherTrade(type, found.market, quote, (this.#tradeId += 1), now)] : [];
    const trades = other("trade", 0.2);
    const forced = [...liquidations, ...other("deleverage", this.#options.deleverageShare)];
    if (trades.length + forced.length === 0) return;
    found.shown.push(...liquidations);
    found.shown.splice(0, Math.max(0, found.shown.length - this.#options.replayed));
    const body = { nonce: found.nonce, trades, ...(forced.length === 0 ? {} : { liquidation_trades: forced }) };
    const receivers = this.#publish(`trade/${found.market.id}`, () => this.#frame("trade", "update", found, body, now));
    for (const { trade_id_str } of liquidations) this.ledger.markSent(trade_id_str, now, receivers);
  }

  #pushStats(market: frames.PerpetualMarket, now: number): void {
    const body = () => ({ market_stats: frames.marketStats(market, this.#context.market.quote(market.asset.symbol)) });
    this.#publish(`market_stats/${market.id}`, () => this.#frame("market_stats", "update", { market }, body(), now));
  }

  #pushBook(found: Market, now: number): void {
    const { market, book } = found;
    // Nobody reads a book without subscribers, so it stays where it was.
    if (!this.#topics.wanted(`order_book/${market.id}`)) return;
    const changes = book.move(this.#context.market.mid(market.asset.symbol));
    const before = found.nonce;
    found.nonce += 1 + this.#context.random.integer(40);
    const body = () => ({ order_book: frames.orderBook(market, changes, found.nonce, before) });
    this.#publish(`order_book/${market.id}`, () => this.#frame("order_book", "update", found, body(), now));
  }

  #publish(channel: string, text: () => string): number {
    if (!this.#topics.wanted(channel)) return 0;
    const frame = textFrame(text());
    return [...this.#topics.of(channel).keys()].filter((connection) => connection.push(frame)).length;
  }
}

function refuse(connection: Connection<Session>, code: number, message: string): void {
  connection.reply(textFrame(JSON.stringify({ error: { code, message } })));
}

function isTrades(channel: string): boolean {
  return channel.startsWith("trade/");
}
