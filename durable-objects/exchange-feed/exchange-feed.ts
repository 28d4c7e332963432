import { DurableObject } from "cloudflare:workers";
import { type Config, configOf } from "../../src/config.ts";
import type { DayCounts } from "../../src/day-counts.ts";
import type { Exchange, RequestJson } from "../../src/exchanges/exchange.ts";
import type { ProbeOutcome } from "../../src/exchanges/feed-probe.ts";
import { VENUES_WITHOUT_FEED } from "../../src/exchanges/without-feed/venues-without-feed.ts";
import type { FeedStatus } from "../../src/feed-status.ts";
import { HttpStatusError } from "../../src/http-status-error.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { FeedRefill, RefillableStore } from "../../src/refill.ts";
import type { Sink } from "../../src/sink.ts";
import { Feed } from "./feed.ts";
import { feedObjectOf } from "./feed-object-of.ts";
import type { KnownEvent } from "./journal/known-ids.ts";
import { FEED_SCHEMA } from "./feed-schema.ts";
import { ObjectMemory } from "../object-memory.ts";
import { SelfRestart } from "../self-restart.ts";
import { usageTally } from "../usage-tally.ts";
import { migrateStorage } from "../storage-schema.ts";
import { hubOf } from "../market-hub/hub-of.ts";
import type { MarketHubObject } from "../market-hub/market-hub.ts";
import type { ListedSymbol } from "../../src/listed-symbol.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { feedObjectName, formerObjects, tablePrefixOf } from "../../src/feed-objects.ts";
import { probeVenue } from "./sockets/probe-venue.ts";
import { VenueStorage } from "./venue-storage.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import { within } from "../../src/within.ts";
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
  /** Stores what the isolate used of the platform, now and then. Never throws, and ends within seconds. */
  storeUsage(env: Env): Promise<void>;
}

/** How long the next alarm waits for a venue's work of the one before; the others of the object go on. */
const BEAT_PATIENCE_MS = 30_000;
/** A venue's work that takes longer hangs for good: the object starts afresh, since the venue does nothing more until it ends. */
const BEAT_HANGS_MS = 5 * MINUTE_MS;

/**
 * The object of one venue, or of several that share it: a shell that passes the platform's clock, network, storage and
 * alarm to a `Feed` per venue. A fault of one feed does not stop the others.
 */
export class ExchangeFeedObject<Env extends FeedBindings> extends DurableObject<Env> {
  readonly #config: Config;
  readonly #deps: ExchangeFeedDependencies<Env>;
  readonly #memory: ObjectMemory;
  readonly #restart: SelfRestart;
  readonly #feeds = new Map<ExchangeName, Feed<Env>>();
  /** The venues whose work of an earlier alarm is not over, with the time it began, ms. */
  readonly #beating = new Map<ExchangeName, number>();
  #name: string | null = null;
  #beatTime = Date.now();

  constructor(ctx: DurableObjectState, env: Env, deps: ExchangeFeedDependencies<Env>) {
    super(ctx, env);
    this.#config = configOf(env);
    this.#deps = deps;
    migrateStorage(new VenueStorage(ctx.storage), FEED_SCHEMA);
    this.#memory = new ObjectMemory(ctx.storage.sql);
    this.#restart = new SelfRestart({
      object: "ExchangeFeed",
      abort: (reason) => ctx.abort(reason),
      storage: ctx.storage,
      now: Date.now,
    });
    const name = this.#memory.read("name");
    if (typeof name !== "string") return;
    for (const exchange of this.#storedVenues(name)) this.#start(name, exchange);
  }

  /**
   * Makes sure that a venue's feed runs and the alarm is set; called by the cron watchdog.
   * @param name the name of the object, `<venue it is named after>@<generation>`
   */
  async watch(name: string, exchange: ExchangeName): Promise<FeedStatus> {
    usageTally.add("object_requests");
    const feed = this.#feeds.get(exchange) ?? this.#start(name, exchange);
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm < Date.now() - 2 * this.#intervalMs) await this.ctx.storage.setAlarm(Date.now());
    const status = feed.status();
    return { ...status, warnings: [...status.warnings, ...this.#restart.warnings] };
  }

  /** What the journal of a venue knows, for the object that collects it next; empty while its feed never ran here. */
  knownEvents(exchange: ExchangeName): readonly KnownEvent[] {
    return this.#feeds.get(exchange)?.knownEvents() ?? [];
  }

  /** Writes everything received of a venue to the hot store now, rather than at the next alarm. */
  async flush(exchange: ExchangeName, symbols: readonly string[] | null = null): Promise<void> {
    usageTally.add("object_requests");
    await this.#feeds.get(exchange)?.flush(symbols);
  }

  /** The base assets that the venue lists, of those that are collected; null while its table has not been read. */
  listed(exchange: ExchangeName): readonly ListedSymbol[] | null {
    return this.#feeds.get(exchange)?.listed() ?? null;
  }

  /** Texts of a venue that could not be read or stored, newest first. */
  rejects(exchange: ExchangeName, limit: number): readonly { time: number; reason: string; text: string }[] {
    return this.#feeds.get(exchange)?.latestRejects(Math.min(Math.max(1, limit), 1_000)) ?? [];
  }

  /**
   * Sends a store again what the journal has from an event time, ms, on, at the next alarms. Null where the store is off
   * or the feed never ran.
   */
  async refill(exchange: ExchangeName, store: RefillableStore, start: number): Promise<FeedRefill | null> {
    return (await this.#feeds.get(exchange)?.refill(store, start)) ?? null;
  }

  /**
   * The number of rows of a UTC date, YYYY-MM-DD, that the journal took and that each store acknowledged, for the check
   * of the day's file; null while the feed never ran.
   */
  countsOfDay(exchange: ExchangeName, date: string): DayCounts | null {
    return this.#feeds.get(exchange)?.countsOfDay(date) ?? null;
  }

  /** The venue's silence since this time, ms, is not explained by the others: until it delivers again it is a gap. */
  suspect(exchange: ExchangeName, since: number, delivered: number): void {
    this.#feeds.get(exchange)?.suspect(since, delivered);
  }

  /** The raw frame of a liquidation as JSON; null where the journal does not have it. */
  frameOf(exchange: ExchangeName, eventId: string): string | null {
    return this.#feeds.get(exchange)?.frameOf(eventId) ?? null;
  }

  /** Asks a venue without a feed whether it publishes liquidations by now; in an object, because venues refuse some countries. */
  probe(venue: string): Promise<ProbeOutcome> {
    usageTally.add("object_requests");
    const asked = VENUES_WITHOUT_FEED.find(({ probe }) => probe.venue === venue);
    if (asked === undefined) throw new RangeError(`${venue} is no venue without a feed`);
    const url = this.#config.LIQUIDATION_PROBES.get(venue) ?? asked.probe.url;
    return probeVenue(asked.probe, url, { fetch: (input, init) => fetch(input, init), request: requestJson, now: Date.now });
  }

  /** Alarms come at least once and stop after six failures, so no error may escape, and the next alarm is set last. */
  override async alarm(): Promise<void> {
    try {
      await Promise.all([...this.#feeds].map(([exchange, feed]) => this.#beat(exchange, feed)));
      this.#checkStorage();
      usageTally.add("object_requests");
      usageTally.addAwake(Date.now() - this.#beatTime);
      this.#beatTime = Date.now();
      await this.#deps.storeUsage(this.env);
    } finally {
      const isNeeded = [...this.#feeds].some(([exchange, feed]) => this.#isCurrent(exchange) || !feed.drained);
      if (isNeeded) await this.ctx.storage.setAlarm(Date.now() + this.#intervalMs);
    }
  }

  /** The work of one interval for one venue. Never throws, and leaves work that hangs behind: for good, the object starts afresh. */
  async #beat(exchange: ExchangeName, feed: Feed<Env>): Promise<void> {
    const began = this.#beating.get(exchange);
    if (began !== undefined) {
      if (Date.now() - began >= BEAT_HANGS_MS)
        this.#restart.hangs(`the work of ${exchange} did not end within ${BEAT_HANGS_MS / MINUTE_MS} minutes`);
      return;
    }
    this.#beating.set(exchange, Date.now());
    const work = feed
      .beat()
      .catch((error: unknown) => this.#beatFailed(exchange, error))
      .finally(() => this.#beating.delete(exchange));
    await within(BEAT_PATIENCE_MS, () => work).catch((error: unknown) => this.#beatFailed(exchange, error));
  }

  /** The feeds share the storage, so one that can write shows that it works. */
  #checkStorage(): void {
    const errors = [...this.#feeds.values()].map((feed) => feed.storageError);
    const error = errors.find((one) => one !== null);
    if (errors.includes(null)) this.#restart.succeeded("storage");
    else this.#restart.failed(error);
  }

  #beatFailed(exchange: ExchangeName, error: unknown): void {
    writeLog("error", { event: "beat_failed", feed: this.#name, exchange, error: messageOf(error) });
  }

  get #intervalMs(): number {
    return this.#config.LIQUIDATION_BATCH_INTERVAL_SECONDS * 1_000;
  }

  /**
   * Whether the configuration still has the venue in this object; where not, the object only empties its journal and reads what
   * is left of the venue's history.
   */
  #isCurrent(exchange: ExchangeName): boolean {
    return this.#config.LIQUIDATION_EXCHANGES.includes(exchange) && feedObjectName(exchange, this.#config) === this.#name;
  }

  /** The venues that ever ran here; one alone where the object is from before objects could be shared. */
  #storedVenues(name: string): readonly ExchangeName[] {
    const stored = this.#memory.read("venues") ?? [name.split("@")[0]];
    return EXCHANGES.filter((exchange) => Array.isArray(stored) && stored.includes(exchange));
  }

  /** What the objects that may have collected the venue before know of it; they are called again where one fails. */
  #inheritance(exchange: ExchangeName): (() => Promise<readonly KnownEvent[]>) | null {
    const former = formerObjects(exchange, this.#config);
    if (former.length === 0 || !this.#isCurrent(exchange)) return null;
    return async () => {
      const known = await Promise.all(
        former.map((object) => feedObjectOf(this.env.EXCHANGE_FEED, this.#config, object).knownEvents(exchange)),
      );
      return known.flat();
    };
  }

  /** A sink whose failures are counted. */
  #watched(sink: Sink<Env>): Sink<Env> {
    return {
      ...sink,
      write: async (...batch) => {
        const outcome = await this.#restart.watch(() => sink.write(...batch));
        if (outcome.kind === "failed") this.#restart.failed(outcome.error);
        return outcome;
      },
    };
  }

  #start(name: string, exchange: ExchangeName): Feed<Env> {
    const adapter = this.#deps.exchanges[exchange];
    this.#name = name;
    const tablePrefix = tablePrefixOf(exchange, name);
    migrateStorage(new VenueStorage(this.ctx.storage, tablePrefix), FEED_SCHEMA);
    const hub = () => hubOf(this.env, this.#config);
    const feed = new Feed<Env>({
      env: this.env,
      config: this.#config,
      exchange: adapter,
      storage: this.ctx.storage,
      tablePrefix,
      sinks: this.#deps.sinks.map((sink) => this.#watched(sink)),
      observe: (liquidations) => this.#restart.watch(() => hub().observe(liquidations)),
      noteGap: (gap) => hub().noteGap(gap),
      report: (report) => hub().noteFeed(report),
      inherit: this.#inheritance(exchange),
      fetch: (input, init) => this.#restart.watch(() => fetch(input, init)),
      request: requestJson,
      now: Date.now,
      random: Math.random,
    });
    this.#memory.write("name", name);
    this.#memory.write("venues", [...new Set([...this.#storedVenues(name), exchange])]);
    this.#feeds.set(exchange, feed);
    if (this.#isCurrent(exchange)) {
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
