import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";

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

/** A venue's first event within a burst across venues. */
export interface BurstEntry {
  /** Id of the burst. */
  readonly burst: string;
  readonly exchange: ExchangeName;
  readonly first_time: number;
}

export interface VenueStanding extends VenueTotals {
  /** Share in the `notional_mark_usd` of all venues; null where it is unknown for every event, or the sum is 0. */
  readonly share: number | null;
  /** Number of covered bursts across venues in which this venue was first; a tie counts for no venue. */
  readonly first_mover_count: number;
  /** Number of bursts that this venue joined after another one. */
  readonly followed_count: number;
  /**
   * Median lag of the venue's first event behind the first event of the burst, over the bursts it joined; null where it
   * joined none.
   */
  readonly median_lag_ms: number | null;
  /** Resolution of that median: the largest sum of both feeds' resolutions. */
  readonly lag_resolution_ms: number | null;
}

export interface CrossExchange {
  readonly exchanges: readonly VenueStanding[];
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
  const { firsts, follows } = standings(bursts, lagResolutionMs);
  const notional = totals.reduce((sum, venue) => sum + (venue.notional_mark_usd ?? 0), 0);
  const exchanges = totals.map((venue): VenueStanding => {
    const followed = follows.get(venue.exchange) ?? [];
    return {
      ...venue,
      share: notional > 0 && venue.notional_mark_usd !== null ? venue.notional_mark_usd / notional : null,
      first_mover_count: firsts.get(venue.exchange) ?? 0,
      followed_count: followed.length,
      median_lag_ms: median(followed.map(({ lag }) => lag)),
      lag_resolution_ms: followed.length === 0 ? null : Math.max(...followed.map(({ resolution }) => resolution)),
    };
  });
  const shares = exchanges.map(({ share }) => share);
  const knownShares = shares.filter((share) => share !== null);
  const isKnown = knownShares.length > 0 && knownShares.length === shares.length;
  return {
    exchanges,
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

interface Follow {
  readonly lag: number;
  readonly resolution: number;
}

/** @param bursts the venues of each in the order of their first events */
function standings(bursts: readonly (readonly BurstEntry[])[], lagResolutionMs: (exchange: ExchangeName) => number) {
  const firsts = new Map<ExchangeName, number>();
  const follows = new Map<ExchangeName, Follow[]>();
  for (const [first, second, ...rest] of bursts) {
    if (first === undefined || second === undefined) continue;
    if (second.first_time > first.first_time) firsts.set(first.exchange, (firsts.get(first.exchange) ?? 0) + 1);
    for (const follower of [second, ...rest]) {
      const resolution = lagResolutionMs(first.exchange) + lagResolutionMs(follower.exchange);
      const before = follows.get(follower.exchange) ?? [];
      follows.set(follower.exchange, [...before, { lag: follower.first_time - first.first_time, resolution }]);
    }
  }
  return { firsts, follows };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) return null;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}
