import type { ExchangeFeedObject } from "../durable-objects/exchange-feed/exchange-feed.ts";
import { feedObjectOf } from "../durable-objects/exchange-feed/feed-object-of.ts";
import type { Config } from "../src/config.ts";
import type { DayCounts } from "../src/day-counts.ts";
import { feedObject, feedObjectName } from "../src/feed-objects.ts";
import type { FeedStatus } from "../src/feed-status.ts";
import type { ListedSymbol } from "../src/listed-symbol.ts";
import type { ExchangeName } from "../src/liquidation.ts";
import type { FeedRefill, RefillableStore } from "../src/refill.ts";
import type { Env } from "./env.ts";
import { writeLog } from "../src/log.ts";
import { messageOf } from "../src/message-of.ts";
import { within } from "../src/within.ts";

type FeedStub = DurableObjectStub<ExchangeFeedObject<Env>>;

/** The object of a venue, near the configured location of the venue that it is named after. */
export function feedOf(env: Env, config: Config, exchange: ExchangeName): DurableObjectStub<ExchangeFeedObject<Env>> {
  return feedObjectOf(env.EXCHANGE_FEED, config, feedObject(exchange, config));
}

/** A feed without a response within this time is reported as such: it stops neither the minute nor `/v1/status`. */
export const FEED_PATIENCE_MS = 5_000;
/** Sending a store its rows again may have to wait for the batch that is under way. */
const REFILL_PATIENCE_MS = 30_000;

/**
 * Calls the object of a venue.
 * @throws what the object threw, or a `TimeoutError` where it did not answer in time
 */
function callFeed<Result>(
  env: Env,
  config: Config,
  exchange: ExchangeName,
  patienceMs: number,
  call: (feed: FeedStub) => Promise<Result>,
): Promise<Result> {
  return within(patienceMs, () => call(feedOf(env, config, exchange)));
}

export interface FeedReport {
  readonly exchange: ExchangeName;
  /** Null where the object did not respond. */
  readonly status: FeedStatus | null;
  readonly error: string | null;
}

/** Wakes every configured feed and requests its status; one that fails or hangs does not delay the others. */
export function feedStatuses(env: Env, config: Config, patienceMs = FEED_PATIENCE_MS): Promise<readonly FeedReport[]> {
  return Promise.all(
    config.LIQUIDATION_EXCHANGES.map(async (exchange): Promise<FeedReport> => {
      try {
        const watch = (feed: FeedStub) => feed.watch(feedObjectName(exchange, config), exchange);
        return { exchange, status: await callFeed(env, config, exchange, patienceMs, watch), error: null };
      } catch (error) {
        return { exchange, status: null, error: messageOf(error) };
      }
    }),
  );
}

/**
 * Makes every feed that has a store on send it again what its journal has from an event time, ms, on.
 * @throws where a feed does not respond; repeating it is safe
 */
export async function refillFeeds(env: Env, config: Config, store: RefillableStore, start: number): Promise<readonly FeedRefill[]> {
  const answers = await Promise.all(
    config.LIQUIDATION_EXCHANGES.map((exchange) =>
      callFeed(env, config, exchange, REFILL_PATIENCE_MS, (feed) => feed.refill(exchange, store, start)),
    ),
  );
  return answers.filter((feed) => feed !== null);
}

/** A feed that takes longer than this does not delay the work of the minute: its rows come with its next batch. */
export const FLUSH_PATIENCE_MS = 5_000;

/**
 * Makes every feed write its received rows to D1, so that the sums of the minute include everything known. Never
 * throws.
 * @param symbols the base assets whose running mark prices are needed; null for all
 */
export async function flushFeeds(
  env: Env,
  config: Config,
  patienceMs = FLUSH_PATIENCE_MS,
  symbols: readonly string[] | null = null,
): Promise<{ readonly flushed: number; readonly failed: number }> {
  const flushed = await Promise.all(
    config.LIQUIDATION_EXCHANGES.map((exchange) =>
      callFeed(env, config, exchange, patienceMs, (feed) => feed.flush(exchange, symbols)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return { flushed: flushed.filter(Boolean).length, failed: flushed.filter((done) => !done).length };
}

/** The rows that each feed journaled on a UTC date, of those feeds that respond and ever ran. */
export async function journalCounts(env: Env, config: Config, date: string, patienceMs = FEED_PATIENCE_MS): Promise<readonly DayCounts[]> {
  const counts = await Promise.all(
    config.LIQUIDATION_EXCHANGES.map(async (exchange): Promise<DayCounts | null> => {
      try {
        return await callFeed(env, config, exchange, patienceMs, (feed) => feed.countsOfDay(exchange, date));
      } catch (error) {
        writeLog("error", { event: "journal_counts_failed", exchange, date, error: messageOf(error) });
        return null;
      }
    }),
  );
  return counts.filter((count) => count !== null);
}

/**
 * Makes the silence of a venue since this time, ms, a gap of its feed, until it delivers again.
 * @param delivered number of liquidations that it had delivered; where it has more by now, the silence is over
 */
export function suspectFeed(env: Env, config: Config, exchange: ExchangeName, since: number, delivered: number): Promise<void> {
  return callFeed(env, config, exchange, FEED_PATIENCE_MS, (feed) => feed.suspect(exchange, since, delivered));
}

/** The raw frame of a liquidation as JSON; null where the journal of its venue does not have it. */
export function journaledFrame(env: Env, config: Config, exchange: ExchangeName, eventId: string): Promise<string | null> {
  return callFeed(env, config, exchange, FEED_PATIENCE_MS, (feed) => feed.frameOf(exchange, eventId));
}

/** The base assets that a venue lists, of those that are collected; null while its table has not been read. */
export function listedSymbols(env: Env, config: Config, exchange: ExchangeName): Promise<readonly ListedSymbol[] | null> {
  return callFeed(env, config, exchange, FEED_PATIENCE_MS, (feed) => feed.listed(exchange));
}
