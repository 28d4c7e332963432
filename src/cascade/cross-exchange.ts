import type { ExchangeName } from "../liquidation.ts";

/** What one venue brought over a range. */
export interface VenueTotals {
  readonly exchange: ExchangeName;
  readonly events: number;
  /** Null where no event's value is known. */
  readonly usd: number | null;
  readonly notional_mark_usd: number | null;
}

/** A venue's first event within a burst of several venues. */
export interface BurstEntry {
  /** Names the burst. */
  readonly burst: string;
  readonly exchange: ExchangeName;
  readonly first_time: number;
}

export interface VenueStanding extends VenueTotals {
  /** Of the USD of all venues; null where that is 0. */
  readonly share: number | null;
  /** Bursts over several venues in which this one was first; a tie goes to nobody. */
  readonly first_mover_count: number;
  /** Bursts that it joined after another. */
  readonly followed_count: number;
  /** Median of its first event minus the burst's first, over the bursts it joined; null where there were none. */
  readonly median_lag_ms: number | null;
  /** What that median can resolve at best: both feeds' resolutions added, the largest there was. */
  readonly lag_resolution_ms: number | null;
}

export interface CrossExchange {
  readonly exchanges: readonly VenueStanding[];
  /** Bursts in which more than one venue had an event. */
  readonly shared_bursts: number;
  /** Herfindahl–Hirschman index of the USD shares, 1/venues to 1 (Hirschman 1964); null without USD. */
  readonly hhi: number | null;
  readonly dominant_exchange: ExchangeName | null;
}

/** How the venues stand to each other over a range. */
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
