import type { VenueTape } from "../../../src/estimates/tape.ts";
import { type ShownThrottle, type SizedEvent, type Throttle, shownSeconds } from "../../../src/estimates/throttle.ts";

/** A venue with one contract. */
export function venue(exchange: VenueTape["exchange"], throttle: Throttle, events: readonly SizedEvent[] = []): VenueTape {
  return { exchange, throttle, contracts: [{ symbol: "BTC", contract: "BTCUSDT", events }] };
}

/** What a venue with this throttle publishes of the events of a contract. */
export function published(events: readonly SizedEvent[], throttle: ShownThrottle): readonly SizedEvent[] {
  return shownSeconds(events, throttle)
    .flatMap(({ seconds, usd, sides }) =>
      seconds.map((second, index) => ({ time: second * 1_000, usd: usd[index] ?? 0, side: sides[index] ?? "long" })),
    )
    .toSorted((a, b) => a.time - b.time);
}
