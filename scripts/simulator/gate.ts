import type { ExchangeName } from "../../src/liquidation.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import * as frames from "./gate-frames.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type {
  HttpReply,
  LiquidationService,
  RestRequest,
  Upgrade,
  UpgradeHeaders,
  VenueProtocol,
  VenueSessions,
} from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface GateOptions {
  /** Orders of a contract within this time come in one array. */
  readonly batchMs: number;
  /** As many waiting orders of a contract are pushed at once. */
  readonly batchRows: number;
  readonly tickerMs: number;
  /** A client that sends no ping for this long is cut. */
  readonly idleMs: number;
}

const DEFAULTS: GateOptions = { batchMs: 1000, batchRows: 20, tickerMs: 500, idleMs: 20_500 };
const PATH = "/v4/ws/usdt";
const REST = "/api/v4/futures/usdt";
const LIQUIDATIONS = "futures.public_liquidates";
const TICKERS = "futures.tickers";
/** Requests must say when they were made. */
const MAX_REQUEST_AGE_S = 60;
const MAX_HISTORY_ROWS = 1000;
const CHECK_MS = 500;
/** Far more than 25 bps. */
const BOOK_LEVELS = 120;

interface Session {
  /** Whether the upgrade asked for sizes with decimals. */
  readonly decimals: boolean;
  lastPingTime: number;
}

interface Pending {
  readonly key: string;
  readonly order: frames.Order;
}

interface Contract {
  readonly asset: Asset;
  readonly book: OrderBook;
  pending: Pending[];
  lastBatch: readonly Pending[];
}

/** Gate futures in USDT. */
export class Gate implements VenueProtocol<Session> {
  readonly name: ExchangeName = "gate";
  readonly ledger = new Ledger("gate");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: GateOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #contracts: readonly Contract[];
  /** Oldest first, for REST. */
  readonly #history: frames.Order[] = [];

  constructor(context: VenueContext, options: Partial<GateOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#contracts = ASSETS.map((asset) => {
      const book = new OrderBook({ tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 30_000, spacing: 0.00004 }, context.random);
      book.move(context.market.mid(asset.symbol));
      return { asset, book, pending: [], lastBatch: [] };
    });
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    scheduler.every(this.#options.batchMs, (now) => {
      for (const contract of this.#contracts) this.#pushLiquidations(contract, now);
    });
    scheduler.every(this.#options.tickerMs, (now) => {
      for (const { asset } of this.#contracts) this.#pushTicker(asset, now);
    });
    scheduler.every(CHECK_MS, (now) => {
      for (const connection of server.connections) if (now - connection.session.lastPingTime >= this.#options.idleMs) connection.cut();
    });
  }

  upgrade(url: URL, now: number, headers: UpgradeHeaders): Upgrade<Session> {
    if (url.pathname !== PATH) return { refused: notFound };
    return { session: { decimals: headers["x-gate-size-decimal"] === "1", lastPingTime: now } };
  }

  opened(): void {}

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const request = fieldsOf(parseJson(text));
    const { channel, event, id, time } = request;
    const payload = Array.isArray(request["payload"]) ? request["payload"].map(String) : [];
    const answer = (problem: string | null) => {
      const failed = problem === null ? { error: null } : { error: { code: 2, message: problem } };
      const result = { status: problem === null ? "success" : "fail" };
      const more = { ...(id === undefined ? {} : { id }), ...failed, payload };
      connection.reply(textFrame(frames.frame(String(channel), String(event ?? ""), result, now, more)));
    };
    if (typeof time !== "number" || Math.abs(time - now / 1000) > MAX_REQUEST_AGE_S) {
      answer("invalid argument: time");
      return;
    }
    if (channel === "futures.ping") {
      connection.session.lastPingTime = now;
      connection.reply(textFrame(frames.frame("futures.pong", "", null, now)));
    } else if (event === "subscribe" && channel === LIQUIDATIONS) this.#subscribeLiquidations(connection, payload, answer);
    else if (event === "subscribe" && channel === TICKERS) this.#subscribeTickers(connection, payload, answer);
    else if (event === "unsubscribe") {
      for (const name of payload) this.#topics.delete(`${String(channel)}:${name}`, connection);
      answer(null);
    } else answer(`unknown channel ${String(channel)}`);
  }

  #subscribeLiquidations(connection: Connection<Session>, payload: readonly string[], answer: (problem: string | null) => void): void {
    if (this.service === "refused") answer("channel is not available");
    if (this.service !== "served") return;
    const isKnown = payload.length === 1 && payload[0] === "!all";
    answer(isKnown ? null : `unknown contract ${payload.join(",")}`);
    if (isKnown) this.#topics.add(LIQUIDATIONS, connection, true);
  }

  /** One unknown contract refuses the request. */
  #subscribeTickers(connection: Connection<Session>, payload: readonly string[], answer: (problem: string | null) => void): void {
    const unknown = payload.find((name) => frames.assetOfContract(name) === undefined || this.unlisted.has(name));
    answer(unknown === undefined ? null : `unknown contract ${unknown}`);
    if (unknown === undefined) for (const name of payload) this.#topics.add(`${TICKERS}:${name}`, connection, true);
  }

  withdraw(silently: boolean): void {
    for (const connection of this.#topics.of(LIQUIDATIONS).keys()) {
      this.#topics.delete(LIQUIDATIONS, connection);
      const now = this.#context.scheduler.clock();
      if (!silently) connection.reply(textFrame(frames.frame(LIQUIDATIONS, "unsubscribe", { status: "success" }, now)));
    }
  }

  rest({ url }: RestRequest, now: number): HttpReply {
    const { pathname, searchParams } = url;
    const quote = (asset: Asset) => this.#context.market.quote(asset.symbol);
    if (pathname === `${REST}/contracts`) return { status: 200, body: ASSETS.map((asset) => frames.contractRow(asset, quote(asset))) };
    if (pathname === `${REST}/liq_orders`) return { status: 200, body: this.#answerHistory(searchParams) };
    const name = pathname === `${REST}/order_book` ? searchParams.get("contract") : pathname.slice(`${REST}/contracts/`.length);
    const contract = this.#contracts.find(({ asset }) => frames.contractOf(asset) === name);
    if (contract === undefined) return { status: 400, body: { label: "CONTRACT_NOT_FOUND" } };
    const { asset, book } = contract;
    if (pathname !== `${REST}/order_book`) return { status: 200, body: frames.contractRow(asset, quote(asset)) };
    // Nobody sees it otherwise.
    book.move(this.#context.market.mid(asset.symbol));
    return { status: 200, body: frames.orderBook(asset, book.top(Number(searchParams.get("limit") ?? 10)), now) };
  }

  /** Newest first; both ends of the range are included. */
  #answerHistory(query: URLSearchParams): unknown {
    const from = Number(query.get("from") ?? 0);
    const to = Number(query.get("to") ?? Number.POSITIVE_INFINITY);
    const limit = Math.min(MAX_HISTORY_ROWS, Number(query.get("limit") ?? 100));
    const rows = this.#history.filter((order) => second(order) >= from && second(order) <= to);
    return rows.toReversed().slice(0, limit).map(frames.restRow);
  }

  accept(liquidation: MarketLiquidation): void {
    const asset = assetOf(liquidation.symbol);
    const contract = this.#contracts.find((each) => each.asset === asset);
    if (contract === undefined) return;
    const order = frames.orderOf(liquidation, asset, this.#context.random);
    for (let copy = 0; copy < liquidation.copies; copy += 1) {
      const key = `${this.#history.length}`;
      this.ledger.add(frames.ledgerEvent(order, key, asset));
      this.#history.push(order);
      contract.pending.push({ key, order });
    }
    if (contract.pending.length >= this.#options.batchRows) this.#pushLiquidations(contract, this.#context.scheduler.clock());
  }

  replay(now: number): void {
    for (const { lastBatch } of this.#contracts) this.#sendBatch(lastBatch, now);
  }

  #pushLiquidations(contract: Contract, now: number): void {
    if (contract.pending.length === 0) return;
    contract.lastBatch = contract.pending;
    contract.pending = [];
    this.#sendBatch(contract.lastBatch, now);
  }

  #sendBatch(batch: readonly Pending[], now: number): void {
    if (batch.length === 0) return;
    const text = (decimals: boolean) =>
      textFrame(
        frames.frame(
          LIQUIDATIONS,
          "update",
          batch.map(({ order }) => frames.streamRow(order, decimals)),
          now,
        ),
      );
    const byFormat = { exact: text(true), cut: text(false) };
    const connections = [...this.#topics.of(LIQUIDATIONS).keys()];
    const receivers = connections.filter((each) => each.push(each.session.decimals ? byFormat.exact : byFormat.cut)).length;
    for (const { key } of batch) this.ledger.markSent(key, now, receivers);
  }

  #pushTicker(asset: Asset, now: number): void {
    const topic = `${TICKERS}:${frames.contractOf(asset)}`;
    if (!this.#topics.wanted(topic)) return;
    const row = frames.ticker(asset, this.#context.market.quote(asset.symbol));
    const frame = textFrame(frames.frame(TICKERS, "update", [row], now));
    for (const connection of this.#topics.of(topic).keys()) connection.push(frame);
  }
}

function second({ time }: frames.Order): number {
  return Math.floor(time / 1000);
}
