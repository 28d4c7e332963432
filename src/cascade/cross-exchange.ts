import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { median } from "../scoreboard/scores.ts";
import type { BurstEntry } from "./burst-entry.ts";
import { type VenuePair, venuePairs } from "./venue-pairs.ts";

/** The totals of one venue over a range. */
export interface VenueTotals {
  readonly exchange: ExchangeName;
  readonly events: number;
  /** Number of events that `notional_mark_usd` does not include. */
  readonly events_without_notional_mark: number;
  /** Null where the value of every event is unknown. */
  readonly usd: number | null;
  readonly notional_mark_usd: number | null;
}

export interface VenueStanding extends VenueTotals {
  /** Share in the `notional_mark_usd` of all venues; null where it is unknown for every event, or the sum is 0. */
  readonly share: number | null;
  /** Number of covered bursts across venues in which this venue was first; a tie counts for no venue. */
  readonly first_mover_count: number;
  /** Number of bursts that this venue joined after another one. */
  readonly followed_count: number;
  /**
   * Median over the shared bursts of the venue's first event minus the first event elsewhere, negative where the venue mostly
   * led; null where it shared none.
   */
  readonly median_lag_ms: number | null;
  /** Resolution of that median: the largest sum of both feeds' resolutions. */
  readonly lag_resolution_ms: number | null;
}

export interface CrossExchange {
  readonly exchanges: readonly VenueStanding[];
  /** Every two of them that joined a burst together, each pair once. */
  readonly pairs: readonly VenuePair[];
  /** Number of bursts with events on more than one venue, while all venues compared were connected. */
  readonly shared_bursts: number;
  /** Number of further bursts: a venue was not connected, so nobody knows which one was first. */
  readonly bursts_not_covered: number;
  /**
   * Herfindahl–Hirschman index of the shares, from 1/venues to 1 (Hirschman 1964); null where a share is unknown.
   */
  readonly hhi: number | null;
  readonly dominant_exchange: ExchangeName | null;
}

/** What is known of the times in which the venues were not connected. */
export interface KnownGaps {
  readonly gaps: readonly Gap[];
  /** No gap before this time is known, ms. */
  readonly knownFrom: number;
  /** Maximum time between two events of one burst, ms: a venue that connected within it may have missed the first. */
  readonly quietMs: number;
}

/** Compares the venues over a range. Only bursts in which all of these venues were connected tell who was first. */
export function crossExchange(
  totals: readonly VenueTotals[],
  entries: readonly BurstEntry[],
  lagResolutionMs: (exchange: ExchangeName) => number,
  known: KnownGaps,
): CrossExchange {
  const compared = new Set(totals.map(({ exchange }) => exchange));
  const own = { ...known, gaps: known.gaps.filter(({ exchange }) => compared.has(exchange)) };
  const all = [...Map.groupBy(entries, (entry) => entry.burst).values()]
    .filter((burst) => burst.length > 1)
    .map((burst) => burst.toSorted((a, b) => a.first_time - b.first_time));
  const bursts = all.filter((burst) => isCovered(burst, own));
  const { firsts, lags } = standings(bursts, lagResolutionMs);
  const notional = totals.reduce((sum, venue) => sum + (venue.notional_mark_usd ?? 0), 0);
  const exchanges = totals.map((venue): VenueStanding => {
    const ownLags = lags.get(venue.exchange) ?? [];
    return {
      ...venue,
      share: notional > 0 && venue.notional_mark_usd !== null ? venue.notional_mark_usd / notional : null,
      first_mover_count: firsts.get(venue.exchange) ?? 0,
      followed_count: ownLags.filter(({ isFirst }) => !isFirst).length,
      median_lag_ms: median(ownLags.map(({ lag }) => lag)),
      lag_resolution_ms: ownLags.length === 0 ? null : Math.max(...ownLags.map(({ resolution }) => resolution)),
    };
  });
  const shares = exchanges.map(({ share }) => share);
  const knownShares = shares.filter((share) => share !== null);
  const isKnown = knownShares.length > 0 && knownShares.length === shares.length;
  return {
    exchanges,
    pairs: venuePairs(
      bursts,
      exchanges.map(({ exchange }) => exchange),
      lagResolutionMs,
    ),
    shared_bursts: bursts.length,
    bursts_not_covered: all.length - bursts.length,
    hhi: isKnown ? knownShares.reduce((sum, share) => sum + share ** 2, 0) : null,
    dominant_exchange: isKnown ? (exchanges.toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0))[0]?.exchange ?? null) : null,
  };
}

function isCovered(burst: readonly BurstEntry[], { gaps, knownFrom, quietMs }: KnownGaps): boolean {
  const start = (burst[0]?.first_time ?? 0) - quietMs;
  const end = burst.at(-1)?.first_time ?? 0;
  return start >= knownFrom && !gaps.some(({ from_time: from, to_time: to }) => from <= end && (to === null || to > start));
}

interface Lag {
  readonly lag: number;
  readonly resolution: number;
  /** Whether the venue has the burst's first event; at a tie the one that is listed first. */
  readonly isFirst: boolean;
}

/** @param bursts the venues of each in the order of their first events */
function standings(bursts: readonly (readonly BurstEntry[])[], lagResolutionMs: (exchange: ExchangeName) => number) {
  const firsts = new Map<ExchangeName, number>();
  const lags = new Map<ExchangeName, Lag[]>();
  for (const burst of bursts) {
    const [first, second] = burst;
    if (first === undefined || second === undefined) continue;
    if (second.first_time > first.first_time) firsts.set(first.exchange, (firsts.get(first.exchange) ?? 0) + 1);
    for (const entry of burst) {
      const isFirst = entry === first;
      const other = isFirst ? second : first;
      const lag = {
        lag: entry.first_time - other.first_time,
        resolution: lagResolutionMs(entry.exchange) + lagResolutionMs(other.exchange),
        isFirst,
      };
      lags.set(entry.exchange, [...(lags.get(entry.exchange) ?? []), lag]);
    }
  }
  return { firsts, lags };
}
