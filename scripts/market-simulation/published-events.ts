import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { SECOND_MS } from "../../src/windows/calendar.ts";
import type { Random } from "../simulator/random.ts";
import type { SimulatedVenue } from "./market-model.ts";

interface PublishableEvent {
  readonly exchange: ExchangeName;
  /** Absent where all events are of one base asset. */
  readonly symbol?: string;
  readonly side: PositionSide;
  readonly time: number;
  readonly usd: number;
}

/** Which of its liquidations each venue publishes. */
interface PublishingVenues {
  readonly venues: readonly Pick<SimulatedVenue, "exchange" | "publishes">[];
}

/** What the venues publish of what happened: Binance the largest of a second, base asset and side, OKX any one, others all. */
export function published<Event extends PublishableEvent>(
  events: readonly Event[],
  { venues }: PublishingVenues,
  random: Random,
): readonly Event[] {
  const rules = new Map(venues.map(({ exchange, publishes }) => [exchange, publishes]));
  const chosen = new Map<string, Event>();
  const counts = new Map<string, number>();
  for (const event of events) {
    const rule = rules.get(event.exchange);
    if (rule === "all") continue;
    const key = `${event.exchange} ${event.symbol ?? ""} ${event.side} ${Math.floor(event.time / SECOND_MS)}`;
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
