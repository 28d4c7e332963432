import type { ImpactFields } from "../../src/liquidation.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";

const FIELDS = "impact_1s_bps, impact_5s_bps, impact_60s_bps";

const IN_RANGE = `
  SELECT event_id, ${FIELDS} FROM liquidations
  WHERE event_time >= ?1 AND event_time < ?2 AND coalesce(${FIELDS}) IS NOT NULL`;

// D1 binds every number as a real, whose quotient is not a whole hour.
const BY_HOUR = `
  SELECT CAST((event_time - ?1) / ${HOUR_MS} AS INTEGER) AS hour, count(impact_1s_bps) + count(impact_5s_bps) + count(impact_60s_bps) AS known
  FROM liquidations WHERE event_time >= ?1 AND event_time < ?2 GROUP BY 1`;

/** The impacts of the hot events of a time range, by event. */
export async function readImpacts(db: D1Database, { start, end }: TimeRange): Promise<ReadonlyMap<string, ImpactFields>> {
  const { results } = await db.prepare(IN_RANGE).bind(start, end).all<ImpactFields & { event_id: string }>();
  return new Map(results.map(({ event_id, ...impact }) => [event_id, impact]));
}

/** The number of known impacts of the hot events of a day, by hour. */
export async function knownImpacts(db: D1Database, dayStart: number): Promise<readonly number[]> {
  const { results } = await db
    .prepare(BY_HOUR)
    .bind(dayStart, dayStart + DAY_MS)
    .all<{ hour: number; known: number }>();
  const byHour = new Map(results.map(({ hour, known }) => [hour, known]));
  return Array.from({ length: DAY_MS / HOUR_MS }, (_, hour) => byHour.get(hour) ?? 0);
}
