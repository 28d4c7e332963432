import { feedName } from "../durable-objects/exchange-feed.ts";
import type { Config } from "../src/config.ts";
import type { FeedStatus } from "../src/feed-status.ts";
import type { ExchangeName } from "../src/liquidation.ts";
import type { Env } from "./env.ts";
import type { ExchangeFeed } from "./index.ts";

/** The object of a venue, near the place the configuration hints at. */
export function feedOf(env: Env, config: Config, exchange: ExchangeName): DurableObjectStub<ExchangeFeed> {
  const locationHint = config.LIQUIDATION_LOCATION_HINTS.get(exchange);
  return env.EXCHANGE_FEED.getByName(feedName(exchange, config), locationHint === undefined ? {} : { locationHint });
}

export interface FeedReport {
  readonly exchange: ExchangeName;
  /** Null where the object could not be asked. */
  readonly status: FeedStatus | null;
  readonly error: string | null;
}

/** Wakes every configured feed and asks how it is; one that fails does not hold up the others. */
export function feedStatuses(env: Env, config: Config): Promise<readonly FeedReport[]> {
  return Promise.all(
    config.LIQUIDATION_EXCHANGES.map(async (exchange): Promise<FeedReport> => {
      try {
        return { exchange, status: await feedOf(env, config, exchange).watch(feedName(exchange, config)), error: null };
      } catch (error) {
        return { exchange, status: null, error: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}
