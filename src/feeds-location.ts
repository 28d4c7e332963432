import type { Config } from "./config.ts";
import type { LocationHint } from "./location-hint.ts";

/**
 * Where most of the feeds run: the hint of the most configured venues, the first of them where several are as frequent.
 * What every feed talks to (the hub, D1, R2) belongs there. Null where no venue has a hint.
 */
export function feedsLocation(config: Pick<Config, "LIQUIDATION_EXCHANGES" | "LIQUIDATION_LOCATION_HINTS">): LocationHint | null {
  const hints = config.LIQUIDATION_EXCHANGES.flatMap((exchange) => config.LIQUIDATION_LOCATION_HINTS.get(exchange) ?? []);
  const count = (hint: LocationHint) => hints.filter((other) => other === hint).length;
  return hints.toSorted((a, b) => count(b) - count(a))[0] ?? null;
}
