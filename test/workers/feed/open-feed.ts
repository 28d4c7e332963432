import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Feed, type FeedDependencies } from "../../../durable-objects/exchange-feed/feed.ts";
import { type Config, parseConfig } from "../../../src/config.ts";
import type { Exchange, Instrument, Scope, SocketPlan } from "../../../src/exchanges/exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { FeedStatus } from "../../../src/feed-status.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { Sink } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";

let count = 0;

/** A feed of a test's own, in an object of its own, so that sinks, venues and clock can be chosen. */
export interface TestFeed {
  readonly config: Config;
  /** Runs inside the object, as the platform demands of everything that touches its storage. */
  inside<R>(run: (feed: Feed<Env>, state: DurableObjectState) => R | Promise<R>): Promise<R>;
  /** After a tick, or as of `aheadMs` later without one. */
  status(aheadMs?: number): Promise<FeedStatus>;
  /** One alarm's work, `aheadMs` later than now. */
  beat(aheadMs?: number): Promise<void>;
}

export interface FeedOptions {
  readonly exchange: ExchangeName;
  readonly variables: Readonly<Record<string, string>>;
  readonly sinks?: readonly Sink<Env>[];
  /** Bindings over those of wrangler.toml. */
  readonly bindings?: Partial<Env>;
  /** Another plan of the venue's sockets, for limits that would take a day to reach. */
  readonly replan?: (plan: SocketPlan) => SocketPlan;
  /** Contracts in the table that nothing is subscribed for: their frames are the test's own. */
  readonly listed?: readonly Instrument[];
  /** What the object of the generation before knows. */
  readonly inherit?: FeedDependencies<Env>["inherit"];
  /** The object of an earlier feed that was killed, to open it again; default: a new one. */
  readonly object?: string;
  /** Time between two requests of the REST history, ms; default: the venue's. */
  readonly historyIntervalMs?: number;
  /** Another storage around the object's, for one that fails. */
  readonly storage?: (storage: DurableObjectStorage) => DurableObjectStorage;
}

export async function openFeed(options: FeedOptions): Promise<TestFeed> {
  const {
    exchange,
    variables,
    sinks = [r2Sink, d1Sink],
    bindings = {},
    replan = (plan) => plan,
    listed = [],
    storage = (own) => own,
    inherit = null,
  } = options;
  const config = parseConfig(variables);
  const adapter = pacedAs(exchanges[exchange], options.historyIntervalMs);
  count += 1;
  const stub = env.EXCHANGE_FEED.getByName(options.object ?? `test-${count}`);
  let ahead = 0;
  const feed = await runInDurableObject(stub, (_object, state) => {
    const made = new Feed<Env>({
      env: { ...env, ...bindings },
      config,
      exchange: {
        ...adapter,
        loadInstruments: async (request, endpoints) => [...(await adapter.loadInstruments(request, endpoints)), ...listed],
        sockets: (scope, endpoints) => adapter.sockets(without(listed, scope), endpoints).map(replan),
      },
      storage: storage(state.storage),
      sinks,
      observe: (liquidations) => env.MARKET_HUB.getByName("hub").observe(liquidations),
      noteGap: (gap) => env.MARKET_HUB.getByName("hub").noteGap(gap),
      report: (report) => env.MARKET_HUB.getByName("hub").noteFeed(report),
      inherit,
      fetch: (input, init) => fetch(input, init),
      request: async (url, how) => {
        const response = await fetch(url, { method: how?.method ?? "GET" });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return response.json();
      },
      now: () => Date.now() + ahead,
      random: () => 0.5,
    });
    void made.start();
    return made;
  });
  const inside = <R>(run: (feed: Feed<Env>, state: DurableObjectState) => R | Promise<R>): Promise<R> =>
    runInDurableObject(stub, (_object, state) => run(feed, state)) as Promise<R>;
  return {
    config,
    inside,
    status: (aheadMs = 0) =>
      inside((one) => {
        if (aheadMs === 0) one.tick();
        ahead = aheadMs;
        const status = one.status();
        ahead = 0;
        return status;
      }),
    beat: (aheadMs = 0) =>
      inside(async (one) => {
        ahead = aheadMs;
        await one.beat();
        ahead = 0;
      }),
  };
}

function pacedAs(adapter: Exchange, historyIntervalMs?: number): Exchange {
  const { backfill } = adapter;
  return backfill === undefined || historyIntervalMs === undefined
    ? adapter
    : { ...adapter, backfill: { ...backfill, requestIntervalMs: historyIntervalMs } };
}

function without(listed: readonly Instrument[], scope: Scope): Scope {
  const instruments = new Map(scope.instruments);
  for (const { instrument } of listed) instruments.delete(instrument);
  return { ...scope, instruments };
}
