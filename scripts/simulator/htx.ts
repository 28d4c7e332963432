import { gzipSync } from "node:zlib";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import type { Connection, Frame } from "./connection.ts";
import * as frames from "./htx-frames.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface HtxOptions {
  readonly flushMs: number;
  readonly pingMs: number;
  /** Pings without an answer that end a connection. */
  readonly missedPings: number;
  readonly indexMs: number;
  readonly fundingMs: number;
  /** Rows of one page of the history. */
  readonly pageRows: number;
}

const DEFAULTS: HtxOptions = { flushMs: 100, pingMs: 5000, missedPings: 5, indexMs: 500, fundingMs: 10_000, pageRows: 50 };
const NOTIFICATION = "/linear-swap-notification";
const INDEX = "/ws_index";
const LIQUIDATIONS = "public.*.liquidation_orders";
const BOOK_LEVELS = 150;
const REPLAYED = 10;

interface Session {
  readonly isIndex: boolean;
  /** The `ts` of pings that were not answered. */
  pings: unknown[];
}

interface Pending {
  readonly key: string;
  readonly row: frames.LiquidationRow;
}

/** HTX swaps in USDT: every frame that it sends is gzip. */
export class Htx implements VenueProtocol<Session> {
  readonly name: ExchangeName = "htx";
  readonly ledger = new Ledger("htx");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: HtxOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #books: ReadonlyMap<string, OrderBook>;
  /** Oldest first, for REST. */
  readonly #history: frames.LiquidationRow[] = [];
  #pending: Pending[] = [];
  #shown: Pending[] = [];

  constructor(context: VenueContext, options: Partial<HtxOptions>) {
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
    scheduler.every(this.#options.flushMs, (now) => this.#pushLiquidations(now));
    scheduler.every(this.#options.pingMs, (now) => this.#ping(server, now));
    scheduler.every(this.#options.indexMs, (now) => {
      for (const asset of ASSETS) this.#pushPrices(asset, now);
    });
    scheduler.every(this.#options.fundingMs, (now) => {
      for (const asset of ASSETS) this.#publish(fundingTopic(asset), () => this.#funding(asset, now));
    });
  }

  upgrade(url: URL): Upgrade<Session> {
    if (url.pathname !== NOTIFICATION && url.pathname !== INDEX) return { refused: notFound };
    return { session: { isIndex: url.pathname === INDEX, pings: [] } };
  }

  opened(): void {}

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const request = fieldsOf(parseJson(text));
    const { session } = connection;
    if (session.isIndex) {
      if (request["pong"] !== undefined) answered(session, request["pong"]);
      else this.#subscribeIndex(connection, request, now);
      return;
    }
    const { cid, op, topic } = request;
    if (op === "pong") {
      answered(session, request["ts"]);
      return;
    }
    const answer = (code: number, message?: string) => {
      const failed = message === undefined ? {} : { "err-msg": message };
      connection.reply(compressed({ op, ...(cid === undefined ? {} : { cid }), topic, ts: now, "err-code": code, ...failed }));
    };
    if (op === "unsub") {
      this.#topics.delete(String(topic), connection);
      answer(0);
    } else if (op !== "sub") answer(2001, "Invalid operation.");
    else this.#subscribe(connection, String(topic), answer, now);
  }

  #subscribe(connection: Connection<Session>, topic: string, answer: (code: number, message?: string) => void, now: number): void {
    if (topic === LIQUIDATIONS && this.service !== "served") {
      if (this.service === "refused") answer(1002, "not authorized");
      return;
    }
    const asset = ASSETS.find((each) => fundingTopic(each) === topic);
    if (topic !== LIQUIDATIONS && (asset === undefined || this.unlisted.has(frames.codeOf(asset)))) {
      answer(2011, `Invalid topic ${topic}`);
    } else if (this.#topics.has(topic, connection)) answer(2014, "Repeated subscription.");
    else {
      answer(0);
      this.#topics.add(topic, connection, true);
      if (asset !== undefined) connection.push(compressed(this.#funding(asset, now)));
    }
  }

  #subscribeIndex(connection: Connection<Session>, request: Readonly<Record<string, unknown>>, now: number): void {
    const { id, sub } = request;
    const [, code] = /^market\.([^.]+)\.(?:mark_price|index)\.1min$/.exec(String(sub)) ?? [];
    const isKnown = frames.assetOfCode(code) !== undefined && !this.unlisted.has(code ?? "");
    const refusal = { status: "error", "err-code": "bad-request", "err-msg": `invalid topic ${String(sub)}` };
    connection.reply(compressed({ id, ts: now, ...(isKnown ? { status: "ok", subbed: sub } : refusal) }));
    if (isKnown) this.#topics.add(String(sub), connection, true);
  }

  withdraw(silently: boolean): void {
    for (const connection of this.#topics.of(LIQUIDATIONS).keys()) {
      this.#topics.delete(LIQUIDATIONS, connection);
      if (!silently) connection.reply(compressed({ op: "unsub", topic: LIQUIDATIONS, "err-code": 0 }));
    }
  }

  rest({ url }: RestRequest, now: number): HttpReply {
    const { pathname, searchParams } = url;
    if (pathname === "/linear-swap-api/v1/swap_contract_info") return { status: 200, body: frames.contractInfo(now) };
    const asset = frames.assetOfCode(searchParams.get("contract_code") ?? searchParams.get("contract") ?? undefined);
    if (asset === undefined) return notFound;
    if (pathname === "/linear-swap-api/v1/swap_open_interest") {
      return { status: 200, body: frames.openInterest(asset, this.#context.market.quote(asset.symbol), now) };
    }
    if (pathname === "/linear-swap-ex/market/detail/merged") {
      return { status: 200, body: frames.merged(asset, this.#context.market.quote(asset.symbol), now) };
    }
    if (pathname === "/linear-swap-ex/market/depth") {
      const book = this.#books.get(asset.symbol);
      // Nobody sees it otherwise.
      book?.move(this.#context.market.mid(asset.symbol));
      const sides = book?.top(BOOK_LEVELS) ?? { bids: [], asks: [] };
      return { status: 200, body: frames.depth(asset, sides, now) };
    }
    if (pathname !== "/linear-swap-api/v3/swap_liquidation_orders") return notFound;
    return { status: 200, body: { code: 200, msg: "", data: this.#pageOf(asset, searchParams), ts: now } };
  }

  /** Newest first; both ends of the range are included. */
  #pageOf(asset: Asset, query: URLSearchParams): readonly frames.LiquidationRow[] {
    const start = Number(query.get("start_time") ?? 0);
    const end = Number(query.get("end_time") ?? Number.POSITIVE_INFINITY);
    const rows = this.#history.filter(({ contract_code, created_at }) => {
      return contract_code === frames.codeOf(asset) && created_at >= start && created_at <= end;
    });
    return rows.toReversed().slice(0, this.#options.pageRows);
  }

  accept(liquidation: MarketLiquidation): void {
    const asset = assetOf(liquidation.symbol);
    let row = frames.liquidationRow(liquidation, asset, this.#context.random);
    while (this.ledger.has(frames.keyOf(row, 0))) row = frames.oneContractMore(row, asset);
    for (let ordinal = 0; ordinal < liquidation.copies; ordinal += 1) {
      const key = frames.keyOf(row, ordinal);
      this.ledger.add(frames.ledgerEvent(row, key));
      this.#history.push(row);
      this.#pending.push({ key, row });
    }
  }

  replay(now: number): void {
    this.#send(this.#shown, now);
  }

  #pushLiquidations(now: number): void {
    if (this.#pending.length === 0) return;
    const due = this.#pending;
    this.#pending = [];
    this.#shown = [...this.#shown, ...due].slice(-REPLAYED);
    this.#send(due, now);
  }

  /** Each contract has a frame of its own, also for those who subscribed to all. */
  #send(rows: readonly Pending[], now: number): void {
    for (const [code, own] of Map.groupBy(rows, ({ row }) => row.contract_code)) {
      const topic = LIQUIDATIONS.replace("*", code);
      const frame = compressed(
        frames.notification(
          topic,
          own.map(({ row }) => row),
          now,
        ),
      );
      const receivers = [...this.#topics.of(LIQUIDATIONS).keys()].filter((connection) => connection.push(frame)).length;
      for (const { key } of own) this.ledger.markSent(key, now, receivers);
    }
  }

  /** A venue that sends no data does not ping either, so that its silence is seen. */
  #ping(server: VenueSessions<Session>, now: number): void {
    for (const connection of server.connections) {
      const { session } = connection;
      if (session.pings.length >= this.#options.missedPings) {
        connection.close(1000, "no pong");
        continue;
      }
      const ts = session.isIndex ? now : String(now);
      if (connection.push(compressed(session.isIndex ? { ping: ts } : { op: "ping", ts }))) session.pings.push(ts);
    }
  }

  #funding(asset: Asset, now: number): object {
    return frames.notification(fundingTopic(asset), [frames.fundingRow(asset, this.#context.market.quote(asset.symbol))], now);
  }

  #pushPrices(asset: Asset, now: number): void {
    const { index, mark } = this.#context.market.quote(asset.symbol);
    for (const [kind, price] of [
      ["mark_price", mark],
      ["index", index],
    ] as const) {
      const channel = `market.${frames.codeOf(asset)}.${kind}.1min`;
      this.#publish(channel, () => frames.candle(channel, price, now));
    }
  }

  #publish(topic: string, content: () => object): void {
    if (!this.#topics.wanted(topic)) return;
    const frame = compressed(content());
    for (const connection of this.#topics.of(topic).keys()) connection.push(frame);
  }
}

/** An answer counts where it repeats the ping's own value, of its own type. */
function answered(session: Session, ts: unknown): void {
  if (session.pings.includes(ts)) session.pings = [];
}

function compressed(content: object): Frame {
  return { data: gzipSync(JSON.stringify(content)), binary: true };
}

function fundingTopic(asset: Asset): string {
  return `public.${frames.codeOf(asset)}.funding_rate`;
}
