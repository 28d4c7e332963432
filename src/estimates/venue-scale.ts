import { isolatedSizes, median } from "./size-distribution.ts";
import type { ContractTape } from "./tape.ts";
import { type ShownThrottle, shownSeconds } from "./throttle.ts";

/** How large single liquidations are at a venue: the medians of isolated ones, by contract and over all of them. USD. */
export interface VenueScale {
  readonly median: number;
  /** Of contracts with enough of them. */
  readonly contracts: Readonly<Record<string, number>>;
}

const MIN_ISOLATED = 10;

/** Null where the venue has no isolated liquidation. */
export function venueScale(contracts: readonly ContractTape[], throttle: ShownThrottle): VenueScale | null {
  const isolated = contracts.map(({ contract, events }) => ({
    contract,
    sizes: shownSeconds(events, throttle).flatMap(isolatedSizes),
  }));
  const all = median(isolated.flatMap(({ sizes }) => sizes));
  if (all === null || all <= 0) return null;
  const own = isolated.flatMap(({ contract, sizes }) => {
    const middle = sizes.length < MIN_ISOLATED ? null : median(sizes);
    return middle === null || middle <= 0 ? [] : [[contract, middle] as const];
  });
  return { median: all, contracts: Object.fromEntries(own) };
}

export function scaleOf(scale: VenueScale, contract: string): number {
  return scale.contracts[contract] ?? scale.median;
}
