import { QUARTER_HOUR_MS } from "../../src/windows/quarter-hour.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { type VenueWeights, WEIGHED_OVER_MS, venueWeights } from "../../src/windows/venue-weights.ts";
import { rowsOf } from "./rows-of.ts";

interface VenueRow {
  readonly exchange: ExchangeName;
  readonly day: number;
  readonly usd: string;
}

/** A venue's USD by quarter-hour of a day; null where it is not computed. */
export interface VenueDay {
  readonly exchange: ExchangeName;
  readonly day: number;
  readonly usd: readonly (number | null)[];
}

/** The first day of the USD that the weights of venues follow at `time`. */
export function venueHistoryFrom(time: number): number {
  return floorTo(time - WEIGHED_OVER_MS, DAY_MS) - DAY_MS;
}

/** The statement that reads it; pass its rows to `venueDays`. */
export function venueHistory(db: D1Database, time: number): D1PreparedStatement {
  return db.prepare("SELECT exchange, day, usd FROM quarter_venues WHERE day >= ?1 ORDER BY day").bind(venueHistoryFrom(time));
}

export function venueDays(result: D1Result | undefined): readonly VenueDay[] {
  return rowsOf<VenueRow>(result).map((row) => ({ ...row, usd: JSON.parse(row.usd) as VenueDay["usd"] }));
}

/** The weights by the quarter-hours that end by `end`; before the first one there is no history. */
export function weighVenues(publishing: readonly ExchangeName[], days: readonly VenueDay[], end: number): VenueWeights {
  const usd = new Map<ExchangeName, number>();
  const counts = new Map<ExchangeName, number>();
  for (const { exchange, day, usd: quarterHours } of days) {
    let [sum, count] = [usd.get(exchange) ?? 0, counts.get(exchange) ?? 0];
    for (const [index, value] of quarterHours.entries()) {
      const start = day + index * QUARTER_HOUR_MS;
      if (value === null || start < end - WEIGHED_OVER_MS || start >= end) continue;
      sum += value;
      count += 1;
    }
    if (count === 0) continue;
    usd.set(exchange, sum);
    counts.set(exchange, count);
  }
  return venueWeights(publishing, usd, Math.max(0, ...counts.values()));
}
