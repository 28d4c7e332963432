import type { ExchangeName } from "../../src/liquidation.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import * as frames from "./okx-frames.ts";
import { type BookSides, OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface OkxOptions {
  readonly flushMs: number;
  /** Ordinary delay of a row: it makes rows of one moment arrive out of order. */
  readonly delayMs: number;
  /** Share of rows that come much later, up to `lateMs` (8 minutes were seen on the live venue). */
  readonly lateShare: number;
  readonly lateMs: number;
  /** Share of frames sent twice. */
  readonly repeatShare: number;
  /** Liquidations replayed to a new subscriber. */
  readonly replayed: number;
  /** Rows of a page of the REST history. */
  readonly historyPage: number;
  readonly markMs: number;
  readonly bookMs: number;
  readonly openInterestMs: number;
  /** Time between two warnings of auto-deleveraging, and between two messages that there is none. */
  readonly adlMs: readonly [warned: number, normal: number];
  /** The shortest and longest time between two pushes of the funding rate. */
  readonly fundingMs: readonly [least: number, most: number];
  /** A client that sends no `ping` for this long is cut. */
  readonly idleMs: number;
}

const DEFAULTS: OkxOptions = {
  flushMs: 100,
  delayMs: 400,
  lateShare: 0.01,
  lateMs: 20_000,
  repeatShare: 0.01,
  replayed: 10,
  historyPage: 100,
  markMs: 200,
  bookMs: 100,
  openInterestMs: 3000,
  adlMs: [1000, 60_000],
  fundingMs: [30_000, 90_000],
  idleMs: 30_000,
};
const PATH = "/ws/v5/public";
const LIQUIDATIONS = "liquidation-orders";
const ADL = "adl-warning";
const MAX_MESSAGE_BYTES = 65_536;
const MAX_REQUESTS_PER_HOUR = 480;
const FUNDING_CHECK_MS = 500;
const CHECK_MS = 1000;
/** Far more than 25 bps. */
const BOOK_LEVELS = 120;

interface Book {
  readonly levels: OrderBook;
  sequence: number;
}

interface Session {
  readonly connId: string;
  lastPingTime: number;
  requestTimes: number[];
}

interface Waiting {
  readonly key: string;
  readonly instId: string;
  readonly row: frames.Detail;
  readonly due: number;
}

/** OKX v5 public. */
export class Okx implements VenueProtocol<Session> {
  readonly name: ExchangeName = "okx";
  readonly ledger = new Ledger("okx");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: OkxOptions;
  readonly #topics = new Topics<Session, true>();
  readonly #books: ReadonlyMap<string, Book>;
  readonly #fundingDue = new Map<string, number>();
  readonly #adlPushed = new Map<string, { readonly state: frames.AdlState; readonly time: number }>();
  #waiting: Waiting[] = [];
  /** All rows, oldest first, for REST and for the replay. */
  readonly #history: Waiting[] = [];
  readonly #shown: Waiting[] = [];
  #sequence = 1;

  constructor(context: VenueContext, options: Partial<OkxOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#books = new Map(
      ASSETS.map((asset) => {
        const levels = new OrderBook({ tick: asset.tick, levels: BOOK_LEVELS, levelUsd: 50_000, spacing: 0.00003 }, context.random);
        levels.move(context.market.mid(asset.symbol));
        return [asset.symbol, { levels, sequence: 1_000 }];
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    const every = (intervalMs: number, ...channels: readonly string[]) =>
      scheduler.every(intervalMs, (now) => {
        for (const channel of channels) for (const asset of ASSETS) this.#pushChannel(channel, asset, now);
      });
    scheduler.every(this.#options.flushMs, (now) => this.#pushLiquidations(now));
    every(this.#options.markMs, "mark-price", "index-tickers");
    every(this.#options.openInterestMs, "open-interest");
    scheduler.every(FUNDING_CHECK_MS, (now) => this.#pushFunding(now));
    scheduler.every(this.#options.adlMs[0], (now) => this.#pushAdl(now));
    scheduler.every(this.#options.bookMs, (now) => this.#moveBooks(now));
    every(this.#options.bookMs, "books5", "bbo-tbt");
    scheduler.every(Math.min(CHECK_MS, this.#options.idleMs), (now) => {
      for (const connection of server.connections) {
        if (now - connection.session.lastPingTime >= this.#options.idleMs) connection.close(4004, "No data received in 30s");
      }
    });
  }

  upgrade(url: URL, now: number): Upgrade<Session> {
    if (url.pathname !== PATH) return { refused: notFound };
    return { session: { connId: this.#context.random.identifier().slice(0, 8), lastPingTime: now, requestTimes: [] } };
  }

  opened(): void {}

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const { session } = connection;
    if (text === "ping") {
      session.lastPingTime = now;
      connection.reply(textFrame("pong"));
      return;
    }
    const request = fieldsOf(parseJson(text));
    const id = typeof request["id"] === "string" ? { id: request["id"] } : {};
    const args = Array.isArray(request["args"]) ? request["args"].map(fieldsOf) : null;
    const op = request["op"];
    if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES || args === null || (op !== "subscribe" && op !== "unsubscribe")) {
      this.#refuse(connection, id, "60012", `Invalid request: ${text.slice(0, 200)}`);
      return;
    }
    session.requestTimes = [...session.requestTimes.filter((time) => time > now - 3_600_000), now];
    if (session.requestTimes.length > MAX_REQUESTS_PER_HOUR) this.#refuse(connection, id, "60014", "Requests too frequent");
    else for (const arg of args) this.#handle(connection, id, op, arg, now);
  }

  #handle(
    connection: Connection<Session>,
    id: object,
    op: "subscribe" | "unsubscribe",
    arg: Readonly<Record<string, unknown>>,
    now: number,
  ): void {
    const topic = this.unlisted.has(String(arg["instId"])) ? null : frames.topicOf(arg);
    if (topic === null) {
      const named = ["channel", "instType", "instId"].flatMap((name) => (arg[name] === undefined ? [] : [`${name}:${String(arg[name])}`]));
      const advice = "Please use the correct URL, channel and parameters referring to API document.";
      this.#refuse(connection, id, "60018", `Wrong URL or ${named.join(",")} doesn't exist. ${advice}`);
      return;
    }
    if (op === "subscribe" && topic === LIQUIDATIONS && this.service !== "served") {
      if (this.service === "refused") this.#refuse(connection, id, "60029", "Only users who qualify may subscribe to this channel.");
      return;
    }
    connection.reply(textFrame(JSON.stringify({ ...id, event: op, arg, connId: connection.session.connId })));
    if (op === "unsubscribe") this.#topics.delete(topic, connection);
    else {
      this.#topics.add(topic, connection, true);
      this.#sendFirst(connection, topic, now);
    }
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  withdraw(silently: boolean): void {
    for (const connection of this.#topics.of(LIQUIDATIONS).keys()) {
      this.#topics.delete(LIQUIDATIONS, connection);
      const arg = { channel: LIQUIDATIONS, instType: "SWAP" };
      const answer = { event: "unsubscribe", arg, connId: connection.session.connId };
      if (!silently) connection.reply(textFrame(JSON.stringify(answer)));
    }
  }

  #refuse(connection: Connection<Session>, id: object, code: string, msg: string): void {
    connection.reply(textFrame(JSON.stringify({ ...id, event: "error", code, msg, connId: connection.session.connId })));
  }

  /** State channels begin with their state; the liquidation channel with a stale repeat of the last rows. */
  #sendFirst(connection: Connection<Session>, topic: string, now: number): void {
    if (topic === LIQUIDATIONS) {
      this.#replayTo([connection], now);
      return;
    }
    const [channel, symbol] = topic.split(":");
    const asset = ASSETS.find((each) => each.symbol === symbol);
    if (channel !== undefined && asset !== undefined) connection.push(textFrame(this.#channelFrame(channel, asset, now)));
  }

  rest(request: RestRequest, now: number): HttpReply {
    const { pathname, searchParams } = request.url;
    if (pathname === "/api/v5/public/instruments") return { status: 200, body: frames.instruments(searchParams.get("instType")) };
    if (pathname === "/api/v5/market/ticker")
      return this.#answerAbout(searchParams, (asset) => frames.ticker(asset, this.#quote(asset), now));
    if (pathname === "/api/v5/market/books-full") {
      const depth = Number(searchParams.get("sz") ?? 1);
      return this.#answerAbout(searchParams, (asset) => frames.fullBook(asset, this.#top(asset, depth), now));
    }
    if (pathname === "/api/v5/public/liquidation-orders") return { status: 200, body: this.#answerHistory(searchParams, now) };
    return notFound;
  }

  #answerAbout(query: URLSearchParams, row: (asset: Asset) => unknown): HttpReply {
    const asset = ASSETS.find((each) => frames.swapOf(each) === query.get("instId"));
    const missing = { code: "51001", msg: "Instrument ID doesn't exist.", data: [] };
    return { status: 200, body: asset === undefined ? missing : { code: "0", msg: "", data: [row(asset)] } };
  }

  #quote(asset: Asset): Quote {
    return this.#context.market.quote(asset.symbol);
  }

  #top(asset: Asset, depth: number): BookSides {
    return this.#books.get(asset.symbol)?.levels.top(depth) ?? { bids: [], asks: [] };
  }

  /** Newest first, a page of rows of one family; `after` asks for rows older than a time, `before` for newer. */
  #answerHistory(query: URLSearchParams, now: number): unknown {
    const uly = query.get("uly") ?? query.get("instFamily") ?? "";
    const after = Number(query.get("after") ?? Number.POSITIVE_INFINITY);
    const before = Number(query.get("before") ?? 0);
    const { historyPage } = this.#options;
    const limit = Math.min(historyPage, Number(query.get("limit") ?? historyPage));
    const rows = this.#history.filter(({ instId, row }) => {
      const time = Number(row.ts);
      return instId === `${uly}-SWAP` && time < after && time > before && time <= now;
    });
    const page = rows.toSorted((left, right) => Number(right.row.ts) - Number(left.row.ts)).slice(0, limit);
    return { code: "0", msg: "", data: page.length === 0 ? [] : frames.groupRows(page) };
  }

  accept(liquidation: MarketLiquidation): void {
    const { random, scheduler } = this.#context;
    const asset = assetOf(liquidation.symbol);
    const instId = frames.swapOf(asset);
    for (let copy = 0; copy < liquidation.copies; copy += 1) {
      let row = frames.detailOf(liquidation, asset, random);
      while (this.ledger.has(frames.keyOf(instId, row))) row = frames.oneLotMore(row);
      const key = frames.keyOf(instId, row);
      this.ledger.add(frames.ledgerEvent(instId, row, key, asset));
      const late = random.chance(this.#options.lateShare) ? random.uniform() * this.#options.lateMs : 0;
      const waiting = { key, instId, row, due: scheduler.clock() + random.uniform() * this.#options.delayMs + late };
      this.#waiting.push(waiting);
      this.#history.push(waiting);
    }
  }

  replay(now: number): void {
    this.#replayTo([...this.#topics.of(LIQUIDATIONS).keys()], now);
  }

  #replayTo(connections: readonly Connection<Session>[], now: number): void {
    const last = this.#shown.slice(-this.#options.replayed);
    if (last.length > 0) this.#sendRows(connections, last, now);
  }

  #pushLiquidations(now: number): void {
    const due = this.#waiting.filter((waiting) => waiting.due <= now).toSorted((left, right) => left.due - right.due);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => waiting.due > now);
    this.#shown.push(...due);
    this.#shown.splice(0, Math.max(0, this.#shown.length - this.#options.replayed));
    const subscribers = [...this.#topics.of(LIQUIDATIONS).keys()];
    this.#sendRows(subscribers, due, now);
    if (this.#context.random.chance(this.#options.repeatShare)) this.#sendRows(subscribers, due, now);
  }

  #sendRows(connections: readonly Connection<Session>[], rows: readonly Waiting[], now: number): void {
    const arg = { channel: LIQUIDATIONS, instType: "SWAP" };
    const frame = textFrame(JSON.stringify({ arg, data: frames.groupRows(rows) }));
    const receivers = connections.filter((connection) => connection.push(frame)).length;
    for (const { key } of rows) this.ledger.markSent(key, now, receivers);
  }

  #pushFunding(now: number): void {
    const [least, most] = this.#options.fundingMs;
    for (const asset of ASSETS) {
      const due = this.#fundingDue.get(asset.symbol);
      if (due !== undefined && due > now) continue;
      if (due !== undefined) this.#pushChannel("funding-rate", asset, now);
      this.#fundingDue.set(asset.symbol, now + least + (most - least) * this.#context.random.uniform());
    }
  }

  /** A state that is not normal comes with every push, a normal one when it begins and then seldom. */
  #pushAdl(now: number): void {
    for (const asset of ASSETS) {
      const stress = this.#context.market.stress(asset.symbol);
      const state = frames.adlStateOf(stress);
      const last = this.#adlPushed.get(asset.symbol);
      if (!this.#topics.wanted(ADL) || (state === "normal" && last?.state === state && now - last.time < this.#options.adlMs[1])) continue;
      this.#adlPushed.set(asset.symbol, { state, time: now });
      const frame = textFrame(frames.adlFrame(asset, stress, now));
      for (const connection of this.#topics.of(ADL).keys()) connection.push(frame);
    }
  }

  /** Moves all books, and sends those who follow one in full what changed. */
  #moveBooks(now: number): void {
    for (const asset of ASSETS) {
      const book = this.#books.get(asset.symbol);
      if (book === undefined) continue;
      const changes = book.levels.move(this.#context.market.mid(asset.symbol));
      const previous = book.sequence;
      book.sequence += 1 + this.#context.random.integer(50);
      const topic = `books:${asset.symbol}`;
      if (!this.#topics.wanted(topic)) continue;
      const frame = textFrame(frames.bookFrame("update", asset, changes, book.sequence, previous, now));
      for (const connection of this.#topics.of(topic).keys()) connection.push(frame);
    }
  }

  #pushChannel(channel: string, asset: Asset, now: number): void {
    const topic = `${channel}:${asset.symbol}`;
    if (!this.#topics.wanted(topic)) return;
    const frame = textFrame(this.#channelFrame(channel, asset, now));
    for (const connection of this.#topics.of(topic).keys()) connection.push(frame);
  }

  #channelFrame(channel: string, asset: Asset, now: number): string {
    this.#sequence += 1;
    if (channel === "books") {
      const { levels, sequence } = this.#books.get(asset.symbol) ?? { levels: null, sequence: 0 };
      return frames.bookFrame("snapshot", asset, levels?.top(BOOK_LEVELS) ?? { bids: [], asks: [] }, sequence, -1, now);
    }
    const sides = this.#top(asset, channel === "books5" ? 5 : 1);
    return frames.channelFrame(channel, asset, this.#context.market.quote(asset.symbol), sides, this.#sequence, now);
  }
}
