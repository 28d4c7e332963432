import type { Config } from "../../src/config.ts";
import { feedsLocation } from "../../src/feeds-location.ts";
import type { MarketHubObject } from "./market-hub.ts";

/**
 * The one hub, near the feeds. A hint counts only for the first caller ever, so every caller of the hub goes through here;
 * else it could be created on the other side of the world from all feeds but one. A stub that has failed stays broken, so
 * each call needs a new one.
 */
export function hubOf<Env>(
  env: { readonly MARKET_HUB: DurableObjectNamespace<MarketHubObject<Env>> },
  config: Config,
): DurableObjectStub<MarketHubObject<Env>> {
  const locationHint = feedsLocation(config);
  return env.MARKET_HUB.getByName("hub", locationHint === null ? {} : { locationHint });
}
