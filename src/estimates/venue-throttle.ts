import { exchanges } from "../exchanges/registry.ts";
import type { ExchangeName } from "../liquidation.ts";
import { type Throttle, throttleOf } from "./throttle.ts";

export function venueThrottle(exchange: ExchangeName): Throttle {
  return throttleOf(exchanges[exchange].coverage);
}
