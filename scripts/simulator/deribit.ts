import type { ExchangeName } from "../../src/liquidation.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import * as frames from "./deribit-frames.ts";
import { firstNumber } from "./first-number.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface DeribitOptions {
  /** The length of a batch of trades, and of a push of any other channel. */
  readonly pushMs: number;
  /** Time to answer a test request. */
  readonly testTimeoutMs: number;
  /** Shares of the liquidations that are the maker's, and of those in which both sides are liquidated. */
  readonly makerShare: number;
  readonly bothShare: number;
  /** Share of pushes with a trade that liquidated nobody. */
  readonly ordinaryShare: number;
  /** Rows on a page of the history at most, so that a reader of a short one has to turn pages. */
  readonly pageRows: number;
}

const DEFAULTS: DeribitOptions = {
  pushMs: 100,
  testTimeoutMs: 10_000,
  makerShare: 0.1,
  bothShare: 0.05,
  ordinaryShare: 0.2,
  pageRows: 1000,
};
const PATH = "/ws/api/v2";
const LEAST_HEARTBEAT_SECONDS = 10;
const CHECK_MS = 500;
const MAX_CHANNELS = 500;
/** Far more than 25 bps. */
const BOOK_LEVELS = 120;
const KEPT_TRADES = 100_000;

interface Session {
  readonly channels: Set<string>;
  heartbeatMs: number | null;
  testDue: number;
  /** When an unanswered test request was sent; null while none is. */
  testedTime: number | null;
}

interface Instrument {
  readonly perpetual: frames.Perpetual;
  readonly book: OrderBook;
  changeId: number;
  pending: frames.Trade[];
  lastBatch: readonly frames.Trade[];
}

/** Deribit over JSON-RPC. */
export class Deribit implements VenueProtocol<Session> {
  readonly name: ExchangeName = "deribit";
  readonly ledger = new Ledger("deribit");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: DeribitOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #instruments: ReadonlyMap<string, Instrument>;
  /** All trades, oldest first, for REST. */
  readonly #history: frames.Trade[] = [];
  #sequence: number;

  constructor(context: VenueContext, options: Partial<DeribitOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#sequence = firstNumber(context.scheduler.clock);
    this.#instruments = new Map(
      frames.PERPETUALS.map((perpetual) => {
        const { asset } = perpetual;
        const book = new OrderBook({ tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 30_000, spacing: 0.00005 }, context.random);
        book.move(context.market.mid(asset.symbol));
        return [perpetual.name, { perpetual, book, changeId: 9_100, pending: [], lastBatch: [] }];
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    scheduler.every(this.#options.pushMs, (now) => {
      for (const instrument of this.#instruments.values()) {
        this.#pushTrades(instrument, now);
        this.#pushTicker(instrument, now);
        this.#pushBook(instrument, now);
      }
    });
    scheduler.every(CHECK_MS, (now) => {
      for (const connection of server.connections) this.#test(connection, now);
    });
  }

  upgrade(url: URL): Upgrade<Session> {
    if (url.pathname !== PATH) return { refused: notFound };
    return { session: { channels: new Set(), heartbeatMs: null, testDue: 0, testedTime: null } };
  }

  opened(): void {}

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  /** How the venue would say so is not known. */
  withdraw(): void {
    for (const [channel, connection] of this.#topics.all()) if (isTrades(channel)) this.#topics.delete(channel, connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const request = fieldsOf(parseJson(text));
    const params = fieldsOf(request["params"]);
    const answer = (body: object) => connection.reply(textFrame(JSON.stringify({ jsonrpc: "2.0", id: request["id"] ?? null, ...body })));
    const refuse = (code: number, message: string) => answer({ error: { code, message } });
    const channels = Array.isArray(params["channels"]) ? params["channels"].map(String) : [];
    switch (request["method"]) {
      case "public/set_heartbeat": {
        const seconds = Number(params["interval"]);
        if (!(seconds >= LEAST_HEARTBEAT_SECONDS)) return refuse(-32_602, "Invalid params");
        connection.session.heartbeatMs = seconds * 1000;
        connection.session.testDue = now + seconds * 1000;
        return answer({ result: "ok" });
      }
      case "public/test":
        connection.session.testedTime = null;
        return answer({ result: { version: "1.2.26" } });
      case "public/subscribe": {
        if (channels.some((channel) => channel.endsWith(".raw"))) return refuse(13_778, "raw_subscriptions_not_available_for_unauthorized");
        if (this.service === "refused" && channels.some(isTrades)) return refuse(11_050, "bad_request");
        if (this.service === "ignored" && channels.some(isTrades)) return undefined;
        if (this.#countWith(connection, channels) > MAX_CHANNELS) return refuse(11_051, "too many channels");
        const held = channels.filter((channel) => this.#exists(channel));
        answer({ result: held });
        return this.#subscribe(connection, held, now);
      }
      case "public/unsubscribe":
        for (const channel of channels) this.#topics.delete(channel, connection);
        return answer({ result: channels });
      default:
        return refuse(-32_601, "Method not found");
    }
  }

  #countWith({ session }: Connection<Session>, channels: readonly string[]): number {
    return new Set([...session.channels, ...channels]).size;
  }

  /** Channels that do not exist are left out of the answer without an error. */
  #exists(channel: string): boolean {
    const [, contract = ""] = /^(?:trades|ticker|book)\.([^.]+)\.100ms$/.exec(channel) ?? [];
    return this.#instruments.has(contract) && !this.unlisted.has(contract);
  }

  #subscribe(connection: Connection<Session>, channels: readonly string[], now: number): void {
    for (const channel of channels) {
      connection.session.channels.add(channel);
      const instrument = this.#instruments.get(channel.split(".")[1] ?? "");
      const isFirst = !this.#topics.wanted(channel);
      this.#topics.add(channel, connection, true);
      if (isFirst && instrument !== undefined) instrument.book.move(this.#context.market.mid(instrument.perpetual.asset.symbol));
      if (instrument === undefined || !channel.startsWith("book.")) continue;
      const numbers = { change_id: instrument.changeId };
      const data = frames.book(instrument.perpetual, instrument.book.top(BOOK_LEVELS), true, numbers, now);
      connection.push(textFrame(frames.push(channel, data)));
    }
  }

  #test(connection: Connection<Session>, now: number): void {
    const { session } = connection;
    if (session.heartbeatMs === null) return;
    if (session.testedTime !== null && now - session.testedTime >= this.#options.testTimeoutMs) connection.cut();
    else if (now >= session.testDue) {
      session.testDue = now + session.heartbeatMs;
      session.testedTime ??= now;
      connection.reply(textFrame(JSON.stringify({ jsonrpc: "2.0", method: "heartbeat", params: { type: "test_request" } })));
    }
  }

  rest(request: RestRequest): HttpReply {
    const { pathname, searchParams } = request.url;
    if (pathname === "/api/v2/public/get_instruments") return answerWith(frames.instruments());
    if (pathname === "/api/v2/public/get_last_trades_by_instrument_and_time") return answerWith(this.#trades(searchParams));
    return notFound;
  }

  /** Oldest first, from a time to a time, both included. */
  #trades(query: URLSearchParams): unknown {
    const [from, to] = [Number(query.get("start_timestamp")), Number(query.get("end_timestamp"))];
    const count = Math.min(Number(query.get("count") ?? 10), this.#options.pageRows);
    const name = query.get("instrument_name");
    const rows = this.#history
      .filter(({ instrument_name, timestamp }) => instrument_name === name && timestamp >= from && timestamp <= to)
      .toSorted((left, right) => left.timestamp - right.timestamp);
    return { trades: rows.slice(0, count), has_more: rows.length > count };
  }

  accept(liquidation: MarketLiquidation): void {
    const { symbol, secondContract, copies } = liquidation;
    const inverse = this.#instruments.get(`${symbol}-PERPETUAL`);
    const linear = this.#instruments.get(`${symbol}_USDC-PERPETUAL`);
    const instrument = secondContract ? linear : (inverse ?? linear);
    if (instrument === undefined) return;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#sequence += 1;
      const row = frames.liquidationTrade(liquidation, instrument.perpetual, this.#flag(), this.#sequence, this.#context.random);
      for (const event of frames.ledgerEvents(row, instrument.perpetual)) this.ledger.add(event);
      this.#add(instrument, row);
    }
  }

  #flag(): frames.Liquidated {
    const { makerShare, bothShare } = this.#options;
    const drawn = this.#context.random.uniform();
    return drawn < bothShare ? "MT" : drawn < bothShare + makerShare ? "M" : "T";
  }

  #add(instrument: Instrument, row: frames.Trade): void {
    instrument.pending.push(row);
    this.#history.push(row);
    if (this.#history.length > KEPT_TRADES) this.#history.shift();
  }

  /** The venue itself never repeats; a collector has to bear it nevertheless. */
  replay(now: number): void {
    for (const instrument of this.#instruments.values()) this.#sendTrades(instrument, instrument.lastBatch, now);
  }

  #pushTrades(instrument: Instrument, now: number): void {
    const { random, market } = this.#context;
    if (random.chance(this.#options.ordinaryShare)) {
      this.#sequence += 1;
      const quote = market.quote(instrument.perpetual.asset.symbol);
      this.#add(instrument, frames.ordinaryTrade(instrument.perpetual, quote, now, this.#sequence, random));
    }
    if (instrument.pending.length === 0) return;
    instrument.lastBatch = instrument.pending;
    instrument.pending = [];
    this.#sendTrades(instrument, instrument.lastBatch, now);
  }

  #sendTrades({ perpetual }: Instrument, rows: readonly frames.Trade[], now: number): void {
    if (rows.length === 0) return;
    const receivers = this.#publish(`trades.${perpetual.name}.100ms`, () => rows);
    for (const row of rows) {
      if (row.liquidation === undefined) continue;
      for (const { key } of frames.ledgerEvents(row, perpetual)) this.ledger.markSent(key, now, receivers);
    }
  }

  /** Nobody reads a book or ticker without subscribers, so nothing is computed for it. */
  #pushTicker({ perpetual, book }: Instrument, now: number): void {
    if (!this.#topics.wanted(`ticker.${perpetual.name}.100ms`)) return;
    const quote = this.#context.market.quote(perpetual.asset.symbol);
    this.#publish(`ticker.${perpetual.name}.100ms`, () => frames.ticker(perpetual, quote, book.top(1), now));
  }

  #pushBook(instrument: Instrument, now: number): void {
    const { perpetual, book } = instrument;
    if (!this.#topics.wanted(`book.${perpetual.name}.100ms`)) {
      if (this.#topics.wanted(`ticker.${perpetual.name}.100ms`)) book.move(this.#context.market.mid(perpetual.asset.symbol));
      return;
    }
    const changes = book.move(this.#context.market.mid(perpetual.asset.symbol));
    const numbers = { change_id: instrument.changeId + 1 + this.#context.random.integer(9), prev_change_id: instrument.changeId };
    instrument.changeId = numbers.change_id;
    this.#publish(`book.${perpetual.name}.100ms`, () => frames.book(perpetual, changes, false, numbers, now));
  }

  #publish(channel: string, data: () => unknown): number {
    if (!this.#topics.wanted(channel)) return 0;
    const frame = textFrame(frames.push(channel, data()));
    return [...this.#topics.of(channel).keys()].filter((connection) => connection.push(frame)).length;
  }
}

function answerWith(result: unknown): HttpReply {
  return { status: 200, body: { jsonrpc: "2.0", result } };
}

function isTrades(channel: string): boolean {
  return channel.startsWith("trades.");
}
