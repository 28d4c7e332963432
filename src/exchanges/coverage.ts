import type { Config } from "../config.ts";
import type { Coverage, ExchangeName } from "../liquidation.ts";
import { exchanges } from "./registry.ts";

/** The venues an answer speaks of, with what each one's feed carries: those collected, and any other that has a part in it. */
export function coverageOf(
  config: Pick<Config, "LIQUIDATION_EXCHANGES">,
  present: Iterable<ExchangeName> = [],
): Readonly<Record<string, Coverage>> {
  const names = new Set([...config.LIQUIDATION_EXCHANGES, ...present]);
  return Object.fromEntries([...names].map((name) => [name, exchanges[name].coverage]));
}

/** The configured venues that publish liquidations: only a gap in their feeds is a gap in what could be known. */
export function publishingVenues(config: Pick<Config, "LIQUIDATION_EXCHANGES">): readonly ExchangeName[] {
  return config.LIQUIDATION_EXCHANGES.filter((name) => exchanges[name].coverage !== "none");
}
