import type { ExchangeName } from "../liquidation.ts";
import type { Gap } from "../gap.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { gapsOfVenue } from "./gap-minutes.ts";
import type { SizedEvent, Throttle } from "./throttle.ts";

/** The liquidations of one contract, in order. */
export interface ContractTape {
  readonly symbol: string;
  readonly contract: string;
  readonly events: readonly SizedEvent[];
}

/** What a venue published. */
export interface VenueTape {
  readonly exchange: ExchangeName;
  readonly throttle: Throttle;
  readonly contracts: readonly ContractTape[];
  /** When it was not connected, ms; absent where it always was. */
  readonly gaps?: readonly TimeRange[];
}

export interface TapeRow extends SizedEvent {
  readonly exchange: ExchangeName;
  readonly symbol: string;
  readonly contract: string;
}

/** Groups events by venue and contract, each in order. */
export function venueTapes(
  rows: readonly TapeRow[],
  throttleOf: (exchange: ExchangeName) => Throttle,
  gaps: readonly Gap[] = [],
): readonly VenueTape[] {
  return [...Map.groupBy(rows, ({ exchange }) => exchange)].map(([exchange, own]) => ({
    exchange,
    throttle: throttleOf(exchange),
    gaps: gapsOfVenue(gaps, exchange),
    contracts: [...Map.groupBy(own, ({ contract }) => contract)].map(([contract, events]) => ({
      symbol: events[0]?.symbol ?? "",
      contract,
      events: events.toSorted((a, b) => a.time - b.time),
    })),
  }));
}

export function eventCount({ contracts }: Pick<VenueTape, "contracts">): number {
  return contracts.reduce((sum, { events }) => sum + events.length, 0);
}

/** The seconds of all liquidations of complete venues, ascending, by base asset. */
export function completeSeconds(tapes: readonly VenueTape[]): ReadonlyMap<string, readonly number[]> {
  const seconds = new Map<string, number[]>();
  for (const { throttle, contracts } of tapes) {
    if (throttle !== "complete") continue;
    for (const { symbol, events } of contracts) {
      const held = seconds.get(symbol) ?? [];
      for (const { time } of events) held.push(Math.floor(time / 1_000));
      seconds.set(symbol, held);
    }
  }
  for (const held of seconds.values()) held.sort((a, b) => a - b);
  return seconds;
}
