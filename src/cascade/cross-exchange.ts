import type { ExchangeName } from "../liquidation.ts";

/** The totals of one venue over a range. */
export interface VenueTotals {
  readonly exchange: ExchangeName;
  readonly events: number;
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
  /** Share in the USD of all venues; null where their sum is 0. */
  readonly share: number | null;
  /** Number of bursts across venues in which this venue was first; a tie counts for no venue. */
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
  /** Number of bursts with events on more than one venue. */
  readonly shared_bursts: number;
  /** Herfindahl–Hirschman index of the USD shares, from 1/venues to 1 (Hirschman 1964); null without USD. */
  readonly hhi: number | null;
  readonly dominant_exchange: ExchangeName | null;
}

/** Compares the venues over a range. */
export function crossExchange(
  totals: readonly VenueTotals[],
  entries: readonly BurstEntry[],
  lagResolutionMs: (exchange: ExchangeName) => number,
): CrossExchange {
  const usd = totals.reduce((sum, venue) => sum + (venue.usd ?? 0), 0);
  const follows = new Map<ExchangeName, { readonly lag: number; readonly resolution: number }[]>();
  const firsts = new Map<ExchangeName, number>();
  const bursts = [...Map.groupBy(entries, (entry) => entry.burst).values()].filter((burst) => burst.length > 1);
  for (const burst of bursts) {
    const [first, second, ...rest] = burst.toSorted((a, b) => a.first_time - b.first_time);
    if (first === undefined || second === undefined) continue;
    if (second.first_time > first.first_time) firsts.set(first.exchange, (firsts.get(first.exchange) ?? 0) + 1);
    for (const follower of [second, ...rest]) {
      const resolution = lagResolutionMs(first.exchange) + lagResolutionMs(follower.exchange);
      follows.set(follower.exchange, [
        ...(follows.get(follower.exchange) ?? []),
        { lag: follower.first_time - first.first_time, resolution },
      ]);
    }
  }
  const exchanges = totals.map((venue): VenueStanding => {
    const followed = follows.get(venue.exchange) ?? [];
    return {
      ...venue,
      share: usd > 0 ? (venue.usd ?? 0) / usd : null,
      first_mover_count: firsts.get(venue.exchange) ?? 0,
      followed_count: followed.length,
      median_lag_ms: median(followed.map(({ lag }) => lag)),
      lag_resolution_ms: followed.length === 0 ? null : Math.max(...followed.map(({ resolution }) => resolution)),
    };
  });
  const dominant = exchanges.toSorted((a, b) => (b.usd ?? 0) - (a.usd ?? 0))[0];
  return {
    exchanges,
    shared_bursts: bursts.length,
    hhi: usd > 0 ? exchanges.reduce((sum, { share }) => sum + (share ?? 0) ** 2, 0) : null,
    dominant_exchange: usd > 0 ? (dominant?.exchange ?? null) : null,
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) return null;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}
