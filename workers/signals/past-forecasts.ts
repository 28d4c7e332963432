import { HEADLINE_HORIZON } from "../../src/signals/grade.ts";
import type { PastForecast } from "../../src/signals/track-record.ts";
import type { Analyst } from "../../src/signals/verdict.ts";

/**
 * The number of decisions that calibration is fitted on: enough for its shape, few enough to read with every decision.
 */
const MAX_READ = 1_000;

const PAST = `
  SELECT signals.confidence, signals.calibrated_probability, grades.net_return_bps > 0 AS hit
  FROM signals CROSS JOIN signal_grades AS grades
  WHERE signals.analyst = ?1 AND signals.action <> 'NOTHING'
    AND grades.signal_id = signals.signal_id AND grades.horizon = '${HEADLINE_HORIZON}' AND grades.net_return_bps IS NOT NULL
  ORDER BY signals.sequence DESC LIMIT ${MAX_READ}`;

/** The graded BUY and SELL decisions of an analyst, newest first. */
export async function pastForecasts(db: D1Database, analyst: Analyst): Promise<readonly PastForecast[]> {
  const { results } = await db.prepare(PAST).bind(analyst).all<Omit<PastForecast, "hit"> & { hit: number }>();
  return results.map((row) => ({ ...row, hit: row.hit === 1 }));
}
