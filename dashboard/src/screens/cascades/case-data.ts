import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { flowUsd } from "../../../../src/flow-usd.ts";
import type { Liquidation } from "../../api/schema.ts";
import { isBeforeCollection } from "../../parts/gap-text.ts";

/** What a case file says of its liquidations, computed from them alone. Times in ms, amounts in USD. */

/** A cascade on one venue. */
export interface VenuePart {
  readonly exchange: string;
  readonly events: number;
  readonly usd: number;
  readonly firstTime: number;
  /** Its first event minus the first one elsewhere, negative where it led; null where no other venue had one. */
  readonly lagMs: number | null;
  /** A lag of at most this, of either sign, is indistinguishable from zero; null where it is not known. */
  readonly resolutionMs: number | null;
  readonly coverage: Liquidation["coverage"];
  readonly depth: DepthEaten;
}

/** How often the book within 25 bps of the mid price was taken, as the sum of each event's share of it. */
export interface DepthEaten {
  /** Null where the book is known at none of the events. */
  readonly times: number | null;
  readonly largest: number | null;
  /** Number of events at which the book is known. */
  readonly known: number;
}

/** The venues in the order in which they began. */
export function venueParts(events: readonly Liquidation[]): readonly VenuePart[] {
  const groups = [...Map.groupBy(events, ({ exchange }) => exchange)];
  const firsts = groups.map(([exchange, group]) => [exchange, Math.min(...group.map(({ event_time: time }) => time))] as const);
  return groups
    .flatMap(([exchange, group], index) => {
      const [first] = group;
      const firstTime = firsts[index]?.[1];
      if (first === undefined || firstTime === undefined) return [];
      const elsewhere = Math.min(...firsts.filter(([name]) => name !== exchange).map(([, time]) => time));
      return [
        {
          exchange,
          events: group.length,
          usd: sumOf(group.map(flowUsd)),
          firstTime,
          lagMs: Number.isFinite(elsewhere) ? firstTime - elsewhere : null,
          resolutionMs: group.findLast(({ lag_resolution_ms: resolution }) => resolution !== null)?.lag_resolution_ms ?? null,
          coverage: first.coverage,
          depth: depthEaten(group),
        },
      ];
    })
    .toSorted((a, b) => a.firstTime - b.firstTime || b.usd - a.usd);
}

export function depthEaten(events: readonly Liquidation[]): DepthEaten {
  const shares = events.map(({ depth_share: share }) => share).filter((share) => share !== null);
  if (shares.length === 0) return { times: null, largest: null, known: 0 };
  return { times: sumOf(shares), largest: Math.max(...shares), known: shares.length };
}

/** How the open interest changed during a cascade. */
export interface InterestChange {
  /** Negative where it fell. */
  readonly usd: number;
  /** Of the open interest at the first event; negative where it fell. */
  readonly share: number;
  readonly contracts: number;
}

/**
 * Change of the open interest between the first and the last event at which each contract's is known, in base units at the first
 * mark price, so that the move of the price is no part of it; null where no contract's is known at two events.
 */
export function interestChange(events: readonly Liquidation[]): InterestChange | null {
  const ofContracts = [...Map.groupBy(events, ({ exchange, instrument }) => `${exchange} ${instrument}`).values()].flatMap((group) => {
    const known = group.flatMap(({ open_interest_usd: usd, mark_price: mark }) =>
      usd === null || mark === null || mark <= 0 ? [] : [{ mark, units: usd / mark }],
    );
    const [first, last] = [known[0], known.at(-1)];
    if (first === undefined || last === undefined || known.length < 2) return [];
    return [{ before: first.units * first.mark, change: (last.units - first.units) * first.mark }];
  });
  const before = sumOf(ofContracts.map((contract) => contract.before));
  if (ofContracts.length === 0 || before <= 0) return null;
  const usd = sumOf(ofContracts.map(({ change }) => change));
  return { usd, share: usd / before, contracts: ofContracts.length };
}

/** A moment of a cascade. */
export interface Moment {
  readonly time: number;
  readonly kind: "start" | "venue" | "largest" | "peak" | "gap" | "covered" | "end";
  readonly exchange: string | null;
  readonly usd: number | null;
}

/** What happened in a cascade, in order. */
export function momentsOf(cascade: CascadeRecord, venues: readonly VenuePart[], events: readonly Liquidation[]): readonly Moment[] {
  const { start_time: start, peak_time: peak, end_time: end, gaps, peak_usd_per_s: most } = cascade;
  const largest = events.reduce<Liquidation | null>(
    (found, event) => ((flowUsd(event) ?? 0) > (found === null ? 0 : (flowUsd(found) ?? 0)) ? event : found),
    null,
  );
  const moments: Moment[] = [
    { time: start, kind: "start", exchange: null, usd: null },
    ...venues.map(({ exchange, firstTime, usd }) => ({ time: firstTime, kind: "venue" as const, exchange, usd })),
    ...(largest === null
      ? []
      : [{ time: largest.event_time, kind: "largest" as const, exchange: largest.exchange, usd: flowUsd(largest) }]),
    { time: peak, kind: "peak", exchange: null, usd: most },
    // One that lasted since before the collection began has no beginning here.
    ...gaps
      .filter((gap) => !isBeforeCollection(gap))
      .map(({ exchange, from_time: from }) => ({ time: from, kind: "gap" as const, exchange, usd: null })),
    ...gaps.flatMap(({ exchange, to_time: to }) => (to === null ? [] : [{ time: to, kind: "covered" as const, exchange, usd: null }])),
    ...(end === null ? [] : [{ time: end, kind: "end" as const, exchange: null, usd: null }]),
  ];
  return moments.toSorted((a, b) => a.time - b.time || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}
const ORDER: readonly Moment["kind"][] = ["start", "venue", "largest", "peak", "gap", "covered", "end"];

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
