import type { ExchangeName } from "../../src/liquidation.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import * as frames from "./bitget-frames.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface BitgetOptions {
  /** Of a contract and side, only the largest liquidation of this time is published. */
  readonly sampleMs: number;
  /** Share of rows that come later than the others, by up to `lateMs`. */
  readonly lateShare: number;
  readonly lateMs: number;
  readonly tickerMs: number;
  readonly bookMs: number;
  /** A client that sends no ping for this long is cut. */
  readonly idleMs: number;
}

const DEFAULTS: BitgetOptions = { sampleMs: 1000, lateShare: 0.1, lateMs: 10_000, tickerMs: 300, bookMs: 200, idleMs: 120_000 };
const PATH = "/v3/ws/public";
const LIQUIDATION = "liquidation";
const TICKER = "ticker";
const BOOK = "books50";
const MAX_MESSAGES_PER_SECOND = 10;
const MAX_SUBSCRIBES_PER_HOUR = 240;
const MAX_CHANNELS = 50;
const MAX_HISTORY_ROWS = 100;
const CHECK_MS = 1000;
const FLUSH_MS = 100;
const BOOK_LEVELS = 50;
const REPLAYED = 10;

interface Session {
  lastPingTime: number;
  messageTimes: number[];
  subscribeTimes: number[];
  channels: number;
}

interface Contract {
  readonly asset: Asset;
  readonly instType: string;
  readonly symbol: string;
  readonly book: OrderBook;
  sequence: number;
}

interface Sample {
  readonly opened: number;
  readonly symbol: string;
  usd: number;
  largest: frames.Liquidation;
}

/** Bitget v3 public. */
export class Bitget implements VenueProtocol<Session> {
  readonly name: ExchangeName = "bitget";
  readonly ledger = new Ledger("bitget");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: BitgetOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #contracts: readonly Contract[];
  readonly #samples = new Map<string, Sample>();
  #waiting: { readonly liquidation: frames.Liquidation; readonly due: number }[] = [];
  /** Oldest first, for REST and for repeats. */
  readonly #history: frames.Liquidation[] = [];
  #shown: frames.Liquidation[] = [];

  constructor(context: VenueContext, options: Partial<BitgetOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#contracts = frames.INST_TYPES.flatMap((instType) =>
      ASSETS.map((asset) => {
        const book = new OrderBook({ tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 30_000, spacing: 0.00006 }, context.random);
        book.move(context.market.mid(asset.symbol));
        return { asset, instType, symbol: frames.symbolOf(asset, instType), book, sequence: 483_814_309_734 };
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    scheduler.every(FLUSH_MS, (now) => this.#pushLiquidations(now));
    scheduler.every(this.#options.tickerMs, (now) => {
      for (const contract of this.#contracts) this.#publish(contract, TICKER, "snapshot", () => this.#ticker(contract), now);
    });
    scheduler.every(this.#options.bookMs, (now) => {
      for (const contract of this.#contracts) this.#moveBook(contract, now);
    });
    scheduler.every(CHECK_MS, (now) => {
      for (const connection of server.connections) if (now - connection.session.lastPingTime >= this.#options.idleMs) connection.cut();
    });
  }

  upgrade(url: URL, now: number): Upgrade<Session> {
    if (url.pathname !== PATH) return { refused: notFound };
    return { session: { lastPingTime: now, messageTimes: [], subscribeTimes: [], channels: 0 } };
  }

  opened(): void {}

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const { session } = connection;
    session.messageTimes = [...session.messageTimes.filter((time) => time > now - 1000), now];
    if (session.messageTimes.length > MAX_MESSAGES_PER_SECOND) {
      connection.close(1008, "too many messages");
      return;
    }
    if (text === "ping") {
      session.lastPingTime = now;
      connection.reply(textFrame("pong"));
      return;
    }
    const request = fieldsOf(parseJson(text));
    const { op } = request;
    const args = Array.isArray(request["args"]) ? request["args"].map(fieldsOf) : null;
    if (args === null || (op !== "subscribe" && op !== "unsubscribe")) {
      this.#refuse(connection, {}, "30003", "Illegal request");
      return;
    }
    if (op === "subscribe") session.subscribeTimes = [...session.subscribeTimes.filter((time) => time > now - 3_600_000), now];
    if (session.subscribeTimes.length > MAX_SUBSCRIBES_PER_HOUR) this.#refuse(connection, {}, "30007", "request too many");
    else for (const arg of args) this.#handle(connection, op, arg, now);
  }

  #handle(connection: Connection<Session>, op: "subscribe" | "unsubscribe", arg: Readonly<Record<string, unknown>>, now: number): void {
    const { session } = connection;
    const isLiquidation = arg["topic"] === LIQUIDATION;
    if (isLiquidation && op === "subscribe" && this.service !== "served") {
      if (this.service === "refused") this.#refuse(connection, arg, "30006", "permission denied");
      return;
    }
    const contract = this.#contracts.find(({ instType, symbol }) => instType === arg["instType"] && symbol === arg["symbol"]);
    const isKnown = isLiquidation
      ? frames.INST_TYPES.some((known) => known === arg["instType"])
      : (arg["topic"] === TICKER || arg["topic"] === BOOK) && contract !== undefined && !this.unlisted.has(contract.symbol);
    if (!isKnown || (op === "subscribe" && session.channels >= MAX_CHANNELS)) {
      this.#refuse(connection, arg, "30001", `instType:${String(arg["instType"])},topic:${String(arg["topic"])} doesn't exist`);
      return;
    }
    connection.reply(textFrame(JSON.stringify({ event: op, arg })));
    const topic = topicOf(arg);
    if (op === "unsubscribe") {
      session.channels -= this.#topics.has(topic, connection) ? 1 : 0;
      this.#topics.delete(topic, connection);
      return;
    }
    session.channels += this.#topics.has(topic, connection) ? 0 : 1;
    this.#topics.add(topic, connection, true);
    if (contract === undefined) return;
    const data =
      arg["topic"] === BOOK
        ? frames.book(contract.asset, contract.book.top(BOOK_LEVELS), contract.sequence, 0, now)
        : this.#ticker(contract);
    connection.push(textFrame(frames.push("snapshot", arg, [data], now)));
  }

  #refuse(connection: Connection<Session>, arg: object, code: string, msg: string): void {
    connection.reply(textFrame(JSON.stringify({ event: "error", arg, code, msg, op: "subscribe" })));
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  withdraw(silently: boolean): void {
    for (const instType of frames.INST_TYPES) {
      const arg = { instType, topic: LIQUIDATION };
      for (const connection of this.#topics.of(topicOf(arg)).keys()) {
        this.#topics.delete(topicOf(arg), connection);
        if (!silently) connection.reply(textFrame(JSON.stringify({ event: "unsubscribe", arg })));
      }
    }
  }

  rest({ url }: RestRequest): HttpReply {
    const { pathname, searchParams } = url;
    if (pathname === "/api/v3/market/instruments") return { status: 200, body: frames.instruments(searchParams.get("category")) };
    if (pathname === "/api/v3/market/current-fund-rate") {
      const contract = this.#contracts.find(({ symbol }) => symbol === searchParams.get("symbol"));
      if (contract === undefined) return notFound;
      return { status: 200, body: frames.currentFunding(contract.symbol, this.#context.market.quote(contract.asset.symbol)) };
    }
    if (pathname !== "/api/v3/market/liquidations") return notFound;
    const rows = this.#history.filter(({ symbol }) => symbol === searchParams.get("symbol")).toReversed();
    const limit = Math.min(MAX_HISTORY_ROWS, Number(searchParams.get("limit") ?? MAX_HISTORY_ROWS));
    const start = Number(searchParams.get("cursor") ?? 0);
    const cursor = start + limit < rows.length ? String(start + limit) : "";
    return {
      status: 200,
      body: { code: "00000", msg: "success", data: { list: rows.slice(start, start + limit).map(frames.row), cursor } },
    };
  }

  accept(liquidation: MarketLiquidation): void {
    const asset = assetOf(liquidation.symbol);
    const row = frames.liquidationOf(liquidation, asset, this.#context.random);
    const key = `${row.symbol}|${row.side}`;
    const sample = this.#samples.get(key);
    if (sample === undefined) {
      this.#samples.set(key, { opened: liquidation.time, symbol: liquidation.symbol, usd: liquidation.usd, largest: row });
    } else if (liquidation.usd > sample.usd) {
      sample.usd = liquidation.usd;
      sample.largest = row;
    }
  }

  replay(now: number): void {
    this.#send(this.#shown, now);
  }

  #pushLiquidations(now: number): void {
    const { random } = this.#context;
    for (const [key, { opened, symbol, largest }] of this.#samples) {
      if (now < opened + this.#options.sampleMs) continue;
      this.#samples.delete(key);
      this.ledger.add(frames.ledgerEvent(largest, symbol));
      this.#history.push(largest);
      const late = random.chance(this.#options.lateShare) ? random.uniform() * this.#options.lateMs : 0;
      this.#waiting.push({ liquidation: largest, due: now + late });
    }
    const due = this.#waiting.filter((each) => each.due <= now).map(({ liquidation }) => liquidation);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((each) => each.due > now);
    this.#shown = [...this.#shown, ...due].slice(-REPLAYED);
    this.#send(due, now);
  }

  #send(rows: readonly frames.Liquidation[], now: number): void {
    for (const instType of frames.INST_TYPES) {
      const arg = { instType, topic: LIQUIDATION };
      const own = rows.filter(({ symbol }) => symbol.endsWith("PERP") === (instType === "usdc-futures"));
      if (own.length === 0) continue;
      const frame = textFrame(frames.push("update", arg, own.map(frames.row), now));
      const receivers = [...this.#topics.of(topicOf(arg)).keys()].filter((connection) => connection.push(frame)).length;
      for (const row of own) this.ledger.markSent(frames.keyOf(row), now, receivers);
    }
  }

  #ticker({ asset, book }: Contract): object {
    return frames.ticker(asset, this.#context.market.quote(asset.symbol), book.top(1));
  }

  #moveBook(contract: Contract, now: number): void {
    if (!this.#topics.wanted(topicOf({ instType: contract.instType, topic: BOOK, symbol: contract.symbol }))) return;
    contract.book.move(this.#context.market.mid(contract.asset.symbol));
    contract.sequence += 1 + this.#context.random.integer(50);
    const { asset, book, sequence } = contract;
    this.#publish(contract, BOOK, "snapshot", () => frames.book(asset, book.top(BOOK_LEVELS), sequence, 0, now), now);
  }

  #publish({ instType, symbol }: Contract, topic: string, action: "snapshot" | "update", row: () => object, now: number): void {
    const arg = { instType, topic, symbol };
    if (!this.#topics.wanted(topicOf(arg))) return;
    const frame = textFrame(frames.push(action, arg, [row()], now));
    for (const connection of this.#topics.of(topicOf(arg)).keys()) connection.push(frame);
  }
}

function topicOf(arg: Readonly<Record<string, unknown>>): string {
  return [arg["instType"], arg["topic"], arg["symbol"] ?? ""].map(String).join(":");
}
