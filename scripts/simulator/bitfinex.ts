import type { ExchangeName } from "../../src/liquidation.ts";
import type { Asset } from "./assets.ts";
import { ASSETS, assetOf } from "./assets.ts";
import * as frames from "./bitfinex-frames.ts";
import type { Connection } from "./connection.ts";
import { textFrame } from "./connection.ts";
import { Ledger } from "./ledger.ts";
import type { MarketLiquidation } from "./market.ts";
import { OrderBook } from "./order-book.ts";
import { Topics } from "./topics.ts";
import type { VenueContext } from "./venue.ts";
import type { HttpReply, LiquidationService, RestRequest, Upgrade, VenueProtocol, VenueSessions } from "./venue-protocol.ts";
import { fieldsOf, notFound, parseJson } from "./venue-protocol.ts";

export interface BitfinexOptions {
  readonly flushMs: number;
  readonly hbMs: number;
  readonly derivMs: number;
  readonly bookMs: number;
  /** A socket without any subscription dies after this long. */
  readonly idleMs: number;
  readonly channelLimit: number;
  /** Rows in the snapshot that answers a `liq:global` subscription. */
  readonly replayed: number;
  /** Share of liquidations with a spot-margin row of somebody else next to them. */
  readonly spotShare: number;
  readonly historyPerMinute: number;
  readonly historyCoolDownMs: number;
}

const DEFAULTS: BitfinexOptions = {
  flushMs: 250,
  hbMs: 15_000,
  derivMs: 1000,
  bookMs: 250,
  idleMs: 60_000,
  channelLimit: 30,
  replayed: 5,
  spotShare: 0.1,
  historyPerMinute: 3,
  historyCoolDownMs: 60_000,
};
const LIQUIDATIONS = "status:liq:global";
/** Measured on the live venue: an unknown key of the status channel is answered with nothing at all. */
const REFUSALS = {
  unknown_channel: { msg: "channel: unknown", code: 10_302 },
  unknown_symbol: { msg: "symbol: invalid", code: 10_300 },
  unknown_key: null,
} as const;
const TIMESTAMP = 32_768;
const SEQ_ALL = 65_536;
const CHECK_MS = 1000;
/** The most that a channel of `len` 100 has; far more than 25 bps. */
const BOOK_LEVELS = 100;
const POSITIONS_REUSED_AFTER_MS = 60_000;

interface Session {
  /** Channel number to topic. */
  readonly channels: Map<number, string>;
  flags: number;
  sequence: number;
  nextChannel: number;
}

interface WaitingRow {
  readonly row: frames.Row;
  readonly due: number;
  /** The ledger's key where this row is the event itself. */
  readonly key: string | null;
}

/** Bitfinex ws/2, public. */
export class Bitfinex implements VenueProtocol<Session> {
  readonly name: ExchangeName = "bitfinex";
  readonly ledger = new Ledger("bitfinex");
  readonly paths = { ws: "", rest: "" };
  service: LiquidationService = "served";
  unlisted: ReadonlySet<string> = new Set();
  readonly #context: VenueContext;
  readonly #options: BitfinexOptions;
  readonly #topics = new Topics<Session, number>();
  readonly #books: ReadonlyMap<string, OrderBook>;
  readonly #positions: { readonly id: number; readonly time: number }[] = [];
  readonly #history: WaitingRow[] = [];
  readonly #shown: WaitingRow[] = [];
  #waiting: WaitingRow[] = [];
  #historyRequests: number[] = [];
  #historyBlockedUntil = 0;
  #nextPosition = 187_000_001;
  #derivRows: ReadonlyMap<string, string> = new Map();
  #derivCount = 0;

  constructor(context: VenueContext, options: Partial<BitfinexOptions>) {
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#books = new Map(
      ASSETS.map((asset) => {
        const book = new OrderBook({ tick: asset.bitfinexTick, levels: BOOK_LEVELS, levelUsd: 8000, spacing: 0.00005 }, context.random);
        book.move(context.market.mid(asset.symbol));
        return [asset.symbol, book];
      }),
    );
  }

  start(server: VenueSessions<Session>): void {
    const { scheduler } = this.#context;
    this.#refreshDeriv(scheduler.clock());
    scheduler.every(this.#options.flushMs, (now) => this.#pushLiquidations(now));
    scheduler.every(this.#options.derivMs, (now) => this.#pushDeriv(now));
    scheduler.every(this.#options.bookMs, (now) => this.#pushBooks(now));
    scheduler.every(this.#options.hbMs, (now) => {
      for (const connection of server.connections) {
        for (const channel of connection.session.channels.keys()) this.#pushTo(connection, channel, '"hb"', now);
      }
    });
    scheduler.every(Math.min(CHECK_MS, this.#options.idleMs), (now) => {
      for (const connection of server.connections) {
        const silent = connection.session.channels.size === 0 && now - connection.lastReceivedTime >= this.#options.idleMs;
        if (silent) connection.cut();
      }
    });
  }

  upgrade(url: URL): Upgrade<Session> {
    if (url.pathname !== "/ws/2") return { refused: notFound };
    return { session: { channels: new Map(), flags: 0, sequence: 0, nextChannel: 1000 + this.#context.random.integer(900_000) } };
  }

  opened(connection: Connection<Session>): void {
    const serverId = this.#context.random.identifier();
    connection.reply(textFrame(JSON.stringify({ event: "info", version: 2, serverId, platform: { status: 1 } })));
  }

  closed(connection: Connection<Session>): void {
    this.#topics.drop(connection);
  }

  message(connection: Connection<Session>, text: string, now: number): void {
    const request = fieldsOf(parseJson(text));
    const answer = (body: unknown) => connection.reply(textFrame(JSON.stringify(body)));
    if (request["event"] === "ping") answer({ event: "pong", ts: now, cid: request["cid"] });
    else if (request["event"] === "conf") {
      connection.session.flags = Number(request["flags"]);
      answer({ event: "conf", status: "OK", flags: connection.session.flags });
    } else if (request["event"] === "subscribe") this.#subscribe(connection, request, answer, now);
    else if (request["event"] === "unsubscribe") this.#unsubscribe(connection, Number(request["chanId"]), answer);
    else answer({ event: "error", msg: "event: unknown", code: 10_000 });
  }

  #subscribe(
    connection: Connection<Session>,
    request: Readonly<Record<string, unknown>>,
    answer: (body: unknown) => void,
    now: number,
  ): void {
    const { session } = connection;
    const { event: _event, ...asked } = request;
    const refuse = (msg: string, code: number, more: object = {}) => answer({ ...asked, event: "error", msg, code, ...more });
    const topic = this.#topicOf(request);
    if (topic.kind !== "known") {
      const refusal = REFUSALS[topic.kind];
      return refusal === null ? undefined : refuse(refusal.msg, refusal.code);
    }
    if (topic.name === LIQUIDATIONS && this.service !== "served") {
      return this.service === "refused" ? refuse("subscribe: unavailable", 10_300) : undefined;
    }
    const open = [...session.channels].find(([, name]) => name === topic.name);
    if (open !== undefined) return refuse("subscribe: dup", 10_301, { chanId: open[0] });
    if (session.channels.size >= this.#options.channelLimit) return refuse("subscribe: limit", 10_305);
    session.nextChannel += 1 + this.#context.random.integer(90);
    session.channels.set(session.nextChannel, topic.name);
    this.#topics.add(topic.name, connection, session.nextChannel);
    answer({ event: "subscribed", ...asked, chanId: session.nextChannel, ...topic.echo });
    return this.#sendFirst(connection, session.nextChannel, topic.name, now);
  }

  #topicOf(request: Readonly<Record<string, unknown>>): ReturnType<typeof frames.topicOf> {
    if (this.unlisted.has(String(request["symbol"]))) return { kind: "unknown_symbol" };
    return this.unlisted.has(String(request["key"]).replace(/^deriv:/, "")) ? { kind: "unknown_key" } : frames.topicOf(request);
  }

  #unsubscribe(connection: Connection<Session>, channel: number, answer: (body: unknown) => void): void {
    const topic = connection.session.channels.get(channel);
    if (topic === undefined) return answer({ event: "error", msg: "unsubscribe: invalid", code: 10_400, chanId: channel });
    connection.session.channels.delete(channel);
    this.#topics.delete(topic, connection);
    return answer({ event: "unsubscribed", status: "OK", chanId: channel });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  withdraw(silently: boolean): void {
    for (const [connection, channel] of this.#topics.of(LIQUIDATIONS)) {
      const answer = (body: unknown) => connection.reply(textFrame(JSON.stringify(body)));
      this.#unsubscribe(connection, channel, silently ? () => {} : answer);
    }
  }

  /** Every channel begins with a snapshot; that of the liquidations replays the last ones, however old. */
  #sendFirst(connection: Connection<Session>, channel: number, topic: string, now: number): void {
    if (topic === LIQUIDATIONS) this.#replayTo([[connection, channel]], now);
    const [kind, symbol] = frames.partsOf(topic);
    const asset = ASSETS.find((each) => each.symbol === symbol);
    if (asset === undefined) return;
    const book = this.#books.get(asset.symbol);
    if (kind === "deriv") this.#pushTo(connection, channel, this.#derivRows.get(asset.symbol) ?? "[]", now);
    else if (book !== undefined) this.#pushTo(connection, channel, frames.bookSnapshot(asset, book.top(BOOK_LEVELS)), now);
  }

  rest(request: RestRequest, now: number): HttpReply {
    const { pathname, searchParams } = request.url;
    if (pathname === "/v2/conf/pub:list:pair:futures,pub:map:currency:sym") {
      return { status: 200, body: [ASSETS.map((asset) => frames.pairOf(asset)), [["UST", "USDt"]]] };
    }
    if (pathname === "/v2/tickers") {
      const wanted = (searchParams.get("symbols") ?? "").split(",");
      const listed = ASSETS.filter((asset) => wanted.includes(`t${frames.pairOf(asset)}`));
      return { status: 200, body: listed.map((asset) => frames.tickerRow(asset, this.#context.market.quote(asset.symbol))) };
    }
    if (pathname === "/v2/liquidations/hist") return this.#answerHistory(searchParams, now);
    return notFound;
  }

  #answerHistory(query: URLSearchParams, now: number): HttpReply {
    this.#historyRequests = [...this.#historyRequests.filter((time) => time > now - 60_000), now];
    if (this.#historyRequests.length > this.#options.historyPerMinute) this.#historyBlockedUntil = now + this.#options.historyCoolDownMs;
    if (now < this.#historyBlockedUntil) return { status: 429, body: ["error", 11_010, "ratelimit: error"] };
    const start = Number(query.get("start") ?? 0);
    const end = Math.min(now, Number(query.get("end") ?? now));
    const order = query.get("sort") === "1" ? 1 : -1;
    const limit = Math.min(500, Number(query.get("limit") ?? 120));
    const rows = this.#history.filter(({ row }) => row[2] >= start && row[2] <= end).map(({ row }) => [row]);
    return { status: 200, body: rows.toSorted(([left], [right]) => order * ((left?.[2] ?? 0) - (right?.[2] ?? 0))).slice(0, limit) };
  }

  accept(liquidation: MarketLiquidation): void {
    const { random, scheduler } = this.#context;
    const asset = assetOf(liquidation.symbol);
    for (let copy = 0; copy < liquidation.copies; copy += 1) {
      const position = this.#takePosition(liquidation.time);
      const { rows, event } = frames.liquidationRows(liquidation, asset, position, random);
      this.ledger.add(event);
      const due = scheduler.clock() + random.uniform() * 500;
      // One flush apart, so that the rows of one position come in frames of their own, as seen on the live venue.
      const waiting = rows.map((row, index) => ({
        row,
        due: due + index * this.#options.flushMs,
        key: frames.isTrigger(row) ? event.key : null,
      }));
      this.#waiting.push(...waiting);
      this.#history.push(...waiting);
      if (random.chance(this.#options.spotShare)) {
        this.#waiting.push({ row: frames.spotRow(liquidation, this.#newPosition(), random), due, key: null });
      }
    }
  }

  /** A position that is liquidated again keeps its number: now and then an old one comes back. */
  #takePosition(time: number): number {
    const [oldest] = this.#positions;
    const reused = oldest !== undefined && time - oldest.time > POSITIONS_REUSED_AFTER_MS && this.#context.random.chance(0.05);
    const id = reused ? oldest.id : this.#newPosition();
    if (reused) this.#positions.shift();
    else this.#positions.push({ id, time });
    return id;
  }

  #newPosition(): number {
    this.#nextPosition += 1 + this.#context.random.integer(40);
    return this.#nextPosition;
  }

  replay(now: number): void {
    this.#replayTo([...this.#topics.of(LIQUIDATIONS)], now);
  }

  #replayTo(subscribers: readonly (readonly [Connection<Session>, number])[], now: number): void {
    const last = this.#shown.slice(-this.#options.replayed);
    this.#sendRows(subscribers, last, now);
  }

  #pushLiquidations(now: number): void {
    const due = this.#waiting.filter((waiting) => waiting.due <= now).toSorted((left, right) => left.due - right.due);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => waiting.due > now);
    this.#shown.push(...due);
    this.#shown.splice(0, Math.max(0, this.#shown.length - this.#options.replayed));
    this.#sendRows([...this.#topics.of(LIQUIDATIONS)], due, now);
  }

  #sendRows(subscribers: readonly (readonly [Connection<Session>, number])[], rows: readonly WaitingRow[], now: number): void {
    const [only] = rows;
    // A single row comes bare at times: `[CHAN_ID, ROW]`.
    const flat = rows.length === 1 && this.#context.random.chance(0.3);
    const body = JSON.stringify(flat ? only?.row : rows.map(({ row }) => row));
    const receivers = subscribers.filter(([connection, channel]) => this.#pushTo(connection, channel, body, now)).length;
    for (const { key } of rows) if (key !== null) this.ledger.markSent(key, now, receivers);
  }

  #refreshDeriv(now: number): void {
    const row = (asset: Asset) =>
      frames.derivRow(
        this.#context.market.quote(asset.symbol),
        this.#context.market.mid(asset.symbol),
        this.#context.market.stress(asset.symbol),
        now,
      );
    this.#derivRows = new Map(ASSETS.map((asset) => [asset.symbol, row(asset)]));
  }

  /** Sent once a second, computed again every third time. */
  #pushDeriv(now: number): void {
    if (this.#derivCount % 3 === 0) this.#refreshDeriv(now);
    this.#derivCount += 1;
    for (const [symbol, row] of this.#derivRows) this.#publish(`status:deriv:t${symbol}F0:USTF0`, row, now);
  }

  #pushBooks(now: number): void {
    for (const asset of ASSETS) {
      const change = this.#books.get(asset.symbol)?.move(this.#context.market.mid(asset.symbol));
      const topic = `book:${frames.symbolOf(asset)}`;
      if (change === undefined || !this.#topics.wanted(topic)) continue;
      for (const update of frames.bookUpdates(asset, change)) this.#publish(topic, update, now);
    }
  }

  #publish(topic: string, body: string, now: number): void {
    for (const [connection, channel] of this.#topics.of(topic)) this.#pushTo(connection, channel, body, now);
  }

  /** The body is shared; channel number, sequence and time are the socket's own. */
  #pushTo(connection: Connection<Session>, channel: number, body: string, now: number): boolean {
    const { session } = connection;
    session.sequence += 1;
    const sequence = (session.flags & SEQ_ALL) === 0 ? "" : `,${session.sequence}`;
    const time = (session.flags & TIMESTAMP) === 0 ? "" : `,${now}`;
    return connection.push(textFrame(`[${channel},${body}${sequence}${time}]`));
  }
}
