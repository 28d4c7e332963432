import type { VenuePair, VenueStanding } from "../../api/schema.ts";

/** What is known of a venue's lag behind another one. Times in ms. */
export interface LagCell {
  /** Median of its first event minus the other's: negative where it mostly led. */
  readonly lag: number;
  readonly resolution: number;
  /** Bursts that both joined. */
  readonly bursts: number;
  /** In how many of them it was before the other, and after it. */
  readonly before: number;
  readonly after: number;
  /** Whether the lag cannot be told from zero. */
  readonly isWithin: boolean;
}

/** A venue's lags behind the others, in the order of the rows; null where they share no burst, and for itself. */
export interface LagRow {
  readonly exchange: string;
  readonly cells: readonly (LagCell | null)[];
}

/** Every venue that joined a burst against every other, those that mostly lead first. */
export function lagMatrix(exchanges: readonly VenueStanding[], pairs: readonly VenuePair[]): readonly LagRow[] {
  const known = exchanges.flatMap(({ exchange, median_lag_ms: lag }) => (lag === null ? [] : [{ exchange, lag }]));
  const names = known.toSorted((a, b) => a.lag - b.lag).map(({ exchange }) => exchange);
  const cells = new Map<string, LagCell>();
  for (const pair of pairs) {
    cells.set(`${pair.exchange} ${pair.other_exchange}`, cellOf(pair));
    cells.set(`${pair.other_exchange} ${pair.exchange}`, cellOf(turned(pair)));
  }
  return names.map((exchange) => ({ exchange, cells: names.map((other) => cells.get(`${exchange} ${other}`) ?? null) }));
}

function cellOf(pair: Omit<VenuePair, "exchange" | "other_exchange">): LagCell {
  const { median_lag_ms: lag, lag_resolution_ms: resolution, shared_bursts: bursts, first_count: before, other_first_count: after } = pair;
  return { lag, resolution, bursts, before, after, isWithin: Math.abs(lag) <= resolution };
}

function turned({ median_lag_ms: lag, first_count, other_first_count, ...rest }: VenuePair): VenuePair {
  return { ...rest, median_lag_ms: -lag, first_count: other_first_count, other_first_count: first_count };
}
