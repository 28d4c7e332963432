import type { ExchangeName } from "../liquidation.ts";
import { POSITION_SIDES } from "../liquidation-fields.ts";
import { ESTIMATE_METHODS, type VenueSideEstimate } from "./estimate.ts";
import { venueThrottle } from "./venue-throttle.ts";

/** Without the names of venues, so that it stands once in the reason of a sum. */
const QUIET = "a venue that shows a sample, or does not state what share it publishes, reported nothing: it counts as zero";

/**
 * The sides of a venue without an estimate, as parts of a sum. A venue that shows at least one liquidation of each second hides
 * nothing while it reports nothing, so it has no part; where any may be left out, a zero is experimental at best.
 */
export function quietSides(exchange: ExchangeName, own: readonly VenueSideEstimate[]): readonly VenueSideEstimate[] {
  const throttle = venueThrottle(exchange);
  if (throttle !== "one" && throttle !== "unstated") return [];
  const quiet = POSITION_SIDES.filter((side) => !own.some((one) => one.exchange === exchange && one.position_side === side));
  return quiet.map((position_side) => ({ exchange, position_side, ...ZERO }));
}

const ZERO = {
  reported_usd: 0,
  estimated_usd: 0,
  low_usd: 0,
  high_usd: 0,
  reported_events: 0,
  estimated_events: 0,
  method: ESTIMATE_METHODS.none,
  status: "experimental",
  reason: QUIET,
} as const;
