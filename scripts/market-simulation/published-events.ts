import type { ExchangeName } from "../../src/liquidation.ts";
import { SECOND_MS } from "../../src/windows/calendar.ts";
import type { Random } from "../simulator/random.ts";
import type { MarketModel, SimulatedVenue } from "./market-model.ts";
import type { SimulatedEvent } from "./simulated-event.ts";

/** What the venues publish of what happened: Binance the largest of a second and side, OKX any one, others all. */
export function published(events: readonly SimulatedEvent[], { venues }: MarketModel, random: Random): readonly SimulatedEvent[] {
  const rules = new Map<ExchangeName, SimulatedVenue["publishes"]>(venues.map(({ exchange, publishes }) => [exchange, publishes]));
  const chosen = new Map<string, SimulatedEvent>();
  const counts = new Map<string, number>();
  for (const event of events) {
    const rule = rules.get(event.exchange);
    if (rule === "all") continue;
    const key = `${event.exchange} ${event.side} ${Math.floor(event.time / SECOND_MS)}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const known = chosen.get(key);
    // The k-th replaces the chosen one with a chance of 1/k, so that each is as likely (Vitter 1985).
    const isChosen = known === undefined || (rule === "largest" ? event.usd > known.usd : random.chance(1 / count));
    if (isChosen) chosen.set(key, event);
  }
  const kept = new Set(chosen.values());
  return events.filter((event) => rules.get(event.exchange) === "all" || kept.has(event));
}
