import type { Config } from "../../src/config.ts";
import type { FeedObject } from "../../src/feed-objects.ts";

/**
 * A stub of an object of feeds, near the configured location of the venue that it is named after. A hint counts only for the
 * first caller ever, so every caller goes through here. A stub that has failed stays broken, so each call needs a new one.
 */
export function feedObjectOf<Class extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<Class>,
  config: Pick<Config, "LIQUIDATION_LOCATION_HINTS">,
  { name, host }: FeedObject,
): DurableObjectStub<Class> {
  const locationHint = config.LIQUIDATION_LOCATION_HINTS.get(host);
  return namespace.getByName(name, locationHint === undefined ? {} : { locationHint });
}
