import { type ExchangeFeedObject, feedName } from "../durable-objects/exchange-feed/exchange-feed.ts";
import type { Config } from "../src/config.ts";
import type { DayCounts } from "../src/day-counts.ts";
import type { FeedStatus } from "../src/feed-status.ts";
import type { ExchangeName } from "../src/liquidation.ts";
import type { FeedRefill, RefillableStore } from "../src/refill.ts";
import type { Env } from "./env.ts";
import { writeLog } from "../src/log.ts";
import { messageOf } from "../src/message-of.ts";
import { within } from "../src/within.ts";

/** The object of a venue, near the configured location. */
export function feedOf(env: Env, config: Config, exchange: ExchangeName): DurableObjectStub<ExchangeFeedObject<Env>> {
  const locationHint = config.LIQUIDATION_LOCATION_HINTS.get(exchange);
  return env.EXCHANGE_FEED.getByName(feedName(exchange, config), locationHint === undefined ? {} : { locationHint });
}

export interface FeedReport {
  readonly exchange: ExchangeName;
  /** Null where the object did not respond. */
  readonly status: FeedStatus | null;
  readonly error: string | null;
}

/** Wakes every configured feed and requests its status; a failing feed does not delay the others. */
export function feedStatuses(env: Env, config: Config): Promise<readonly FeedReport[]> {
  return Promise.all(
    config.LIQUIDATION_EXCHANGES.map(async (exchange): Promise<FeedReport> => {
      try {
        return { exchange, status: await feedOf(env, config, exchange).watch(feedName(exchange, config)), error: null };
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
  const answers = await Promise.all(config.LIQUIDATION_EXCHANGES.map((exchange) => feedOf(env, config, exchange).refill(store, start)));
  return answers.filter((feed) => feed !== null);
}

/** A feed that takes longer than this does not delay the work of the minute: its rows come with its next batch. */
const FLUSH_PATIENCE_MS = 5_000;

/**
 * Makes every feed write its received rows to D1, so that the sums of the minute include everything known. Never
 * throws.
 */
export async function flushFeeds(env: Env, config: Config): Promise<{ readonly flushed: number; readonly failed: number }> {
  const flushed = await Promise.all(
    config.LIQUIDATION_EXCHANGES.map((exchange) =>
      within(FLUSH_PATIENCE_MS, () => feedOf(env, config, exchange).flush()).then(
        () => true,
        () => false,
      ),
    ),
  );
  return { flushed: flushed.filter(Boolean).length, failed: flushed.filter((done) => !done).length };
}

/** The rows that each feed journaled on a UTC date, of those feeds that respond and ever ran. */
export async function journalCounts(env: Env, config: Config, date: string): Promise<readonly DayCounts[]> {
  const counts = await Promise.all(
    config.LIQUIDATION_EXCHANGES.map(async (exchange): Promise<DayCounts | null> => {
      try {
        return await feedOf(env, config, exchange).countsOfDay(date);
      } catch (error) {
        writeLog("error", { event: "journal_counts_failed", exchange, date, error: messageOf(error) });
        return null;
      }
    }),
  );
  return counts.filter((count) => count !== null);
}

/** The raw frame of a liquidation as JSON; null where the journal of its venue does not have it. */
export function journaledFrame(env: Env, config: Config, exchange: ExchangeName, eventId: string): Promise<string | null> {
  return feedOf(env, config, exchange).frameOf(eventId);
}
