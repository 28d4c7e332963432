import { DurableObject } from "cloudflare:workers";
import { type Config, configOf } from "../../src/config.ts";
import type { DayCounts } from "../../src/day-counts.ts";
import type { Exchange, RequestJson } from "../../src/exchanges/exchange.ts";
import type { FeedStatus } from "../../src/feed-status.ts";
import { HttpStatusError } from "../../src/http-status-error.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { FeedRefill, RefillableStore } from "../../src/refill.ts";
import type { Sink } from "../../src/sink.ts";
import { Feed } from "./feed.ts";
import type { KnownEvent } from "./journal/journal.ts";
import { FEED_SCHEMA } from "./feed-schema.ts";
import { ObjectMemory } from "../object-memory.ts";
import { migrateStorage } from "../storage-schema.ts";
import type { MarketHubObject } from "../market-hub/market-hub.ts";
import type { ListedSymbol } from "../../src/listed-symbol.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

const TICK_MS = 1_000;
const REQUEST_TIMEOUT_MS = 10_000;

export interface FeedBindings {
  readonly MARKET_HUB: DurableObjectNamespace<MarketHubObject<never>>;
  readonly EXCHANGE_FEED: DurableObjectNamespace<ExchangeFeedObject<never>>;
}

/** The dependencies of a feed, except the platform's: passed in by the Worker that exports the class. */
export interface ExchangeFeedDependencies<Env> {
  readonly exchanges: Readonly<Record<ExchangeName, Exchange>>;
  readonly sinks: readonly Sink<Env>[];
}

/** The name of a venue's object. A location hint only counts when an object is created, hence the generation. */
export function feedName(exchange: ExchangeName, config: Config): string {
  return `${exchange}@${config.LIQUIDATION_PLACEMENT_GENERATION}`;
}

/** The object of one venue: a shell that passes the platform's clock, network, storage and alarm to `Feed`. */
export class ExchangeFeedObject<Env extends FeedBindings> extends DurableObject<Env> {
  readonly #config: Config;
  readonly #deps: ExchangeFeedDependencies<Env>;
  #feed: Feed<Env> | null = null;
  #name: string | null = null;

  constructor(ctx: DurableObjectState, env: Env, deps: ExchangeFeedDependencies<Env>) {
    super(ctx, env);
    this.#config = configOf(env);
    this.#deps = deps;
    migrateStorage(ctx.storage, FEED_SCHEMA);
    const known = new ObjectMemory(ctx.storage.sql).read("name");
    if (typeof known === "string") this.#start(known);
  }

  /**
   * Makes sure that the feed runs and its alarm is set; called by the cron watchdog.
   * @param name the name of the object, `<venue>@<generation>`
   */
  async watch(name: string): Promise<FeedStatus> {
    const feed = this.#feed ?? this.#start(name);
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm < Date.now() - 2 * this.#intervalMs) await this.ctx.storage.setAlarm(Date.now());
    return feed.status();
  }

  /** What the journal knows, for the object of the next generation; empty while the feed never ran. */
  knownEvents(): readonly KnownEvent[] {
    return this.#feed?.knownEvents() ?? [];
  }

  /** Writes everything received to the hot store now, rather than at the next alarm. */
  async flush(): Promise<void> {
    await this.#feed?.flush();
  }

  /** The base assets that the venue lists, of those that are collected; null while its table has not been read. */
  listed(): readonly ListedSymbol[] | null {
    return this.#feed?.listed() ?? null;
  }

  /** Texts that could not be read or stored, newest first. */
  rejects(limit: number): readonly { time: number; reason: string; text: string }[] {
    return this.#feed?.latestRejects(Math.min(Math.max(1, limit), 1_000)) ?? [];
  }

  /**
   * Sends a store again what the journal has from an event time, ms, on, at the next alarms. Null where the store is off
   * or the feed never ran.
   */
  async refill(store: RefillableStore, start: number): Promise<FeedRefill | null> {
    return (await this.#feed?.refill(store, start)) ?? null;
  }

  /**
   * The number of rows of a UTC date, YYYY-MM-DD, that the journal took and that each store acknowledged, for the check
   * of the day's file; null while the feed never ran.
   */
  countsOfDay(date: string): DayCounts | null {
    return this.#feed?.countsOfDay(date) ?? null;
  }

  /** The raw frame of a liquidation as JSON; null where the journal does not have it. */
  frameOf(eventId: string): string | null {
    return this.#feed?.frameOf(eventId) ?? null;
  }

  /** Alarms come at least once and stop after six failures, so no error may escape, and the next alarm is set last. */
  override async alarm(): Promise<void> {
    try {
      await this.#feed?.beat();
    } catch (error) {
      writeLog("error", { event: "beat_failed", feed: this.#name, error: messageOf(error) });
    }
    if (this.#isCurrent || this.#feed?.drained === false) await this.ctx.storage.setAlarm(Date.now() + this.#intervalMs);
  }

  get #intervalMs(): number {
    return this.#config.LIQUIDATION_BATCH_INTERVAL_SECONDS * 1_000;
  }

  /** Whether the configuration still needs this object; one that it does not need only empties its journal. */
  get #isCurrent(): boolean {
    return this.#config.LIQUIDATION_EXCHANGES.some((exchange) => feedName(exchange, this.#config) === this.#name);
  }

  /** The object that collected the venue before this one did, which is called again where it fails. */
  #inheritance(exchange: ExchangeName, name: string): (() => Promise<readonly KnownEvent[]>) | null {
    const generation = this.#config.LIQUIDATION_PLACEMENT_GENERATION - 1;
    if (generation < 1 || name !== feedName(exchange, this.#config)) return null;
    return () => this.env.EXCHANGE_FEED.getByName(`${exchange}@${generation}`).knownEvents();
  }

  #start(name: string): Feed<Env> {
    const exchange = Object.values(this.#deps.exchanges).find((one) => name.startsWith(`${one.name}@`));
    if (exchange === undefined)
      throw new Error(`${name} is not the name of a feed; allowed: ${Object.keys(this.#deps.exchanges).join(", ")}, each with @generation`);
    // A stub that has failed stays broken, so each call gets a new one.
    const hub = () => this.env.MARKET_HUB.getByName("hub");
    const feed = new Feed<Env>({
      env: this.env,
      config: this.#config,
      exchange,
      storage: this.ctx.storage,
      sinks: this.#deps.sinks,
      observe: (liquidations) => hub().observe(liquidations),
      noteGap: (gap) => hub().noteGap(gap),
      inherit: this.#inheritance(exchange.name, name),
      fetch: (input, init) => fetch(input, init),
      request: requestJson,
      now: Date.now,
      random: Math.random,
    });
    const memory = new ObjectMemory(this.ctx.storage.sql);
    if (memory.read("name") !== name) memory.write("name", name);
    this.#feed = feed;
    this.#name = name;
    if (this.#isCurrent) {
      void feed.start();
      setInterval(() => feed.tick(), TICK_MS);
    } else {
      feed.retire();
    }
    return feed;
  }
}

/**
 * For small bodies only: reading a streamed response in an object with open sockets drops them (a known fault of the
 * runtime).
 */
const requestJson: RequestJson = async (url, options) => {
  const response = await fetch(url, { method: options?.method ?? "GET", signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const text = await response.text();
  if (!response.ok) throw HttpStatusError.of(response, url, text, Date.now());
  return JSON.parse(text) as unknown;
};
