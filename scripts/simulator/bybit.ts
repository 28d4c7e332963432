import type { ExchangeName } from "../../src/liquidation.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf, onGrid } from "./assets.ts";
import * as frames from "./bybit-frames.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import type { BookSides } from "./order-book.ts";
import { changesBetween, OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface BybitOptions {
  readonly batchMs: number;
  readonly tickerMs: number;
  readonly bookMs: number;
  /** A client that sends no ping for this long is cut off. */
  readonly idleMs: number;
  /** Rows on one REST page at most, so that a reader of this small table has to turn pages. */
  readonly pageRows: number;
}

const DEFAULTS: BybitOptions = { batchMs: 500, tickerMs: 100, bookMs: 100, idleMs: 60_000, pageRows: 3 };
const PATH = "/v5/public/linear";
const MAX_ARGS_CHARACTERS = 21_000;
const SNAPSHOT_EVERY = 300;
const CHECK_MS = 1000;
/** Far more than 25 bps. */
const BOOK_LEVELS = 120;
/** The deepest topic is pushed with every second change of the book. */
const DEEP_EVERY = 2;

interface Session {
  readonly connId: string;
  argsCharacters: number;
  lastPingTime: number;
}

interface Pending {
  readonly key: string;
  readonly row: frames.LiquidationRow;
}

interface Instrument {
  readonly asset: Asset;
  readonly symbol: string;
  readonly book: OrderBook;
  pending: Pending[];
  ticker: frames.TickerFields;
  /** Number of moves of the book, and of the updates of the deepest topic. */
  updateId: number;
  deepUpdateId: number;
  /** The book as the deepest topic last showed it. */
  deepSides: BookSides;
  lastBatch: { readonly text: string; readonly keys: readonly string[] } | null;
}

/** Bybit v5 linear. */
export class Bybit implements VenueProtocol<Session> {
  readonly name: ExchangeName = "bybit";
  readonly ledger = new Ledger("bybit");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: BybitOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #instruments: ReadonlyMap<string, Instrument>;
  #sequence = 814_547_789_569;

  constructor(context: VenueContext, options: Partial<BybitOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    const instruments = ASSETS.flatMap((asset) => [this.#list(asset, `${asset.symbol}USDT`), this.#list(asset, usdcPerpetual(asset))]);
    this.#instruments = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
  }

  #list(asset: Asset, symbol: string): Instrument {
    const { market, random } = this.#context;
    const book = new OrderBook({ tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 40_000, spacing: 0.00004 }, random);
    book.move(market.mid(asset.symbol));
    const ticker = frames.tickerFields(asset, market.quote(asset.symbol), book.top(1));
    return {
      asset,
      symbol,
      book,
      pending: [],
      ticker,
      updateId: 7_003_305,
      deepUpdateId: 811_204,
      deepSides: book.top(BOOK_LEVELS),
      lastBatch: null,
    };
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    const each = (task: (instrument: Instrument, now: number) => void) => (now: number) => {
      for (const instrument of this.#instruments.values()) task(instrument, now);
    };
    scheduler.every(
      this.#options.batchMs,
      each((instrument, now) => this.#pushLiquidations(instrument, now)),
    );
    scheduler.every(
      this.#options.bookMs,
      each((instrument, now) => this.#pushBook(instrument, now)),
    );
    scheduler.every(
      this.#options.tickerMs,
      each((instrument, now) => this.#pushTicker(instrument, now)),
    );
    scheduler.every(Math.min(CHECK_MS, this.#options.idleMs), (now) => {
      for (const connection of server.connections) if (now - connection.session.lastPingTime >= this.#options.idleMs) connection.cut();
    });
  }

  upgrade(url: URL, now: number): Upgrade<Session> {
    if (url.pathname !== PATH) return { refused: notFound };
    return { session: { connId: this.#context.random.identifier(), argsCharacters: 0, lastPingTime: now } };
  }

  opened(): void {}

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const request = fieldsOf(parseJson(text));
    const args = Array.isArray(request["args"]) ? request["args"].map(String) : [];
    const answer = (problem: string | null, ret_msg = "") => {
      const req_id = typeof request["req_id"] === "string" ? request["req_id"] : "";
      const base = { success: problem === null, ret_msg: problem ?? ret_msg, conn_id: connection.session.connId, req_id };
      connection.reply(textFrame(JSON.stringify({ ...base, op: request["op"] ?? "" })));
    };
    if (request["op"] === "ping") {
      connection.session.lastPingTime = now;
      answer(null, "pong");
    } else if (request["op"] === "subscribe") {
      if (this.service !== "served" && args.some(isLiquidationTopic)) {
        if (this.service === "refused") answer("error:not available");
        return;
      }
      const problem = this.#refusal(connection, args);
      answer(problem);
      if (problem === null) this.#subscribe(connection, args, now);
    } else if (request["op"] === "unsubscribe") {
      for (const topic of args) this.#topics.delete(topic, connection);
      answer(null);
    } else answer("error:invalid op");
  }

  /** How the venue would say so is not known. */
  withdraw(silently: boolean): void {
    const withdrawn = this.#topics.all().filter(([topic]) => isLiquidationTopic(topic));
    for (const [topic, connection] of withdrawn) this.#topics.delete(topic, connection);
    for (const connection of silently ? [] : new Set(withdrawn.map(([, each]) => each))) {
      const answer = { success: true, ret_msg: "", conn_id: connection.session.connId, req_id: "", op: "unsubscribe" };
      connection.reply(textFrame(JSON.stringify(answer)));
    }
  }

  /**
   * One bad topic refuses its whole frame. Whether the venue then keeps the others is not known; a client that
   * survives the harsher reading survives both.
   */
  #refusal(connection: Connection<Session>, args: readonly string[]): string | null {
    const characters = args.reduce((sum, topic) => sum + topic.length, connection.session.argsCharacters);
    if (characters > MAX_ARGS_CHARACTERS) return `error:args length is over ${MAX_ARGS_CHARACTERS}`;
    const unknown = args.find((topic) => !this.#exists(topic));
    if (unknown !== undefined) return `error:handler not found,topic:${unknown}`;
    const repeated = args.find((topic, index) => this.#topics.has(topic, connection) || args.indexOf(topic) < index);
    return repeated === undefined ? null : `error:already subscribed,topic:${repeated}`;
  }

  #exists(topic: string): boolean {
    const symbol = /^(?:allLiquidation|tickers|orderbook\.1|orderbook\.200|orderbook\.1000)\.([^.]+)$/.exec(topic)?.[1];
    return symbol !== undefined && this.#instruments.has(symbol) && !this.unlisted.has(symbol);
  }

  #subscribe(connection: Connection<Session>, args: readonly string[], now: number): void {
    for (const topic of args) {
      connection.session.argsCharacters += topic.length;
      this.#topics.add(topic, connection, true);
      const instrument = this.#instruments.get(topic.slice(topic.lastIndexOf(".") + 1));
      const first = instrument === undefined ? null : this.#snapshot(topic, instrument, now);
      if (first !== null) connection.push(textFrame(first));
    }
  }

  /** State topics begin with everything; `allLiquidation` begins with the next liquidation. */
  #snapshot(topic: string, instrument: Instrument, now: number): string | null {
    if (topic.startsWith("tickers.")) return frames.ticker(topic, "snapshot", instrument.ticker, instrument.symbol, this.#sequence, now);
    const depth = BOOK_DEPTHS.find((each) => topic.startsWith(`orderbook.${each}.`));
    if (depth === undefined) return null;
    const sides = depth === DEEPEST ? instrument.deepSides : instrument.book.top(depth);
    return this.#bookFrame(instrument, depth, "snapshot", sides, now);
  }

  rest(request: RestRequest, now: number): HttpReply {
    if (request.url.pathname !== "/v5/market/instruments-info") return notFound;
    const limit = Math.min(Number(request.url.searchParams.get("limit") ?? 500), this.#options.pageRows);
    return { status: 200, body: frames.instrumentsInfo(limit, request.url.searchParams.get("cursor"), now) };
  }

  accept(liquidation: MarketLiquidation): void {
    const asset = assetOf(liquidation.symbol);
    const { random } = this.#context;
    const instrument = this.#instruments.get(liquidation.secondContract ? usdcPerpetual(asset) : `${asset.symbol}USDT`);
    if (instrument === undefined) return;
    let row = frames.liquidationRow(liquidation, asset, instrument.symbol, random);
    // Only twins may be equal in every field; others differ by a step, as the venue gives no id to tell them apart.
    while (this.ledger.has(frames.keyOf(row, 1))) row = { ...row, v: onGrid(Number(row.v) + asset.step, asset.step) };
    for (let ordinal = 1; ordinal <= liquidation.copies; ordinal += 1) {
      const key = frames.keyOf(row, ordinal);
      this.ledger.add(frames.ledgerEvent(row, key, asset.symbol));
      instrument.pending.push({ key, row });
    }
  }

  /** Repeats each symbol's last batch as it was. */
  replay(now: number): void {
    for (const instrument of this.#instruments.values()) {
      if (instrument.lastBatch !== null) this.#sendBatch(instrument, instrument.lastBatch, now);
    }
  }

  #pushLiquidations(instrument: Instrument, now: number): void {
    if (instrument.pending.length === 0) return;
    const keys = instrument.pending.map(({ key }) => key);
    const data = instrument.pending.map(({ row }) => row);
    const text = JSON.stringify({ topic: `allLiquidation.${instrument.symbol}`, type: "snapshot", ts: now, data });
    instrument.pending = [];
    instrument.lastBatch = { text, keys };
    this.#sendBatch(instrument, instrument.lastBatch, now);
  }

  #sendBatch(instrument: Instrument, batch: NonNullable<Instrument["lastBatch"]>, now: number): void {
    const receivers = this.#publish(`allLiquidation.${instrument.symbol}`, () => batch.text);
    for (const key of batch.keys) this.ledger.markSent(key, now, receivers);
  }

  #pushTicker(instrument: Instrument, now: number): void {
    if (this.#topics.isEmpty) return;
    const { asset, book, symbol } = instrument;
    const next = frames.tickerFields(asset, this.#context.market.quote(asset.symbol), book.top(1));
    const changed = frames.changedFields(instrument.ticker, next);
    instrument.ticker = next;
    this.#sequence += 1;
    if (Object.keys(changed).length === 0) return;
    const topic = `tickers.${symbol}`;
    this.#publish(topic, () => frames.ticker(topic, "delta", changed, symbol, this.#sequence, now));
  }

  #pushBook(instrument: Instrument, now: number): void {
    const { asset, book } = instrument;
    const change = book.move(this.#context.market.mid(asset.symbol));
    instrument.updateId += 1;
    // The venue starts a book over now and then; readers must replace theirs.
    const fresh = instrument.updateId % SNAPSHOT_EVERY === 0;
    const [type, sides] = fresh ? (["snapshot", book.top(200)] as const) : (["delta", change] as const);
    this.#publish(`orderbook.200.${instrument.symbol}`, () => this.#bookFrame(instrument, 200, type, sides, now));
    if (instrument.updateId % DEEP_EVERY === 0) this.#pushDeepBook(instrument, now);
    this.#publish(`orderbook.1.${instrument.symbol}`, () => this.#bookFrame(instrument, 1, "snapshot", book.top(1), now));
  }

  #pushDeepBook(instrument: Instrument, now: number): void {
    if (this.#topics.isEmpty) return;
    const before = instrument.deepSides;
    instrument.deepSides = instrument.book.top(BOOK_LEVELS);
    instrument.deepUpdateId += 1;
    const changes = () => changesBetween(before, instrument.deepSides);
    this.#publish(`orderbook.${DEEPEST}.${instrument.symbol}`, () => this.#bookFrame(instrument, DEEPEST, "delta", changes(), now));
  }

  #bookFrame(instrument: Instrument, depth: Depth, type: "snapshot" | "delta", sides: BookSides, now: number): string {
    const topic = `orderbook.${depth}.${instrument.symbol}`;
    const updateId = depth === DEEPEST ? instrument.deepUpdateId : instrument.updateId;
    return frames.orderBook(topic, type, instrument.asset, sides, updateId, this.#sequence, now);
  }

  #publish(topic: string, text: () => string): number {
    if (!this.#topics.wanted(topic)) return 0;
    const frame = textFrame(text());
    return [...this.#topics.of(topic).keys()].filter((connection) => connection.push(frame)).length;
  }
}

/** The venue's own depths but 50, which nobody here asks for. */
const BOOK_DEPTHS = [1, 200, 1000] as const;
type Depth = (typeof BOOK_DEPTHS)[number];
const DEEPEST = 1000;

function isLiquidationTopic(topic: string): boolean {
  return topic.startsWith("allLiquidation.");
}

function usdcPerpetual(asset: Asset): string {
  return `${asset.symbol}PERP`;
}
