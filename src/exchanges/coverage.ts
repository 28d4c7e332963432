import type { Config } from "../config.ts";
import type { Coverage, ExchangeName } from "../liquidation.ts";
import { exchanges } from "./registry.ts";

/** The venues of a response with the coverage of their feeds: the configured ones, and any other venue in the data. */
export function coverageOf(
  config: Pick<Config, "LIQUIDATION_EXCHANGES">,
  present: Iterable<ExchangeName> = [],
): Readonly<Record<string, Coverage>> {
  const names = new Set([...config.LIQUIDATION_EXCHANGES, ...present]);
  return Object.fromEntries([...names].map((name) => [name, exchanges[name].coverage]));
}

/** The configured venues that publish liquidations: only gaps in their feeds reduce what could be known. */
export function publishingVenues(config: Pick<Config, "LIQUIDATION_EXCHANGES">): readonly ExchangeName[] {
  return config.LIQUIDATION_EXCHANGES.filter((name) => exchanges[name].coverage !== "none");
}
