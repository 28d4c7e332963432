import { type GradedDay, readGradedDay } from "../../src/cascade-forecast/graded-day.ts";

const UPSERT = `
  INSERT INTO cascade_forecast_days (day, model_hash, graded, updated_time)
  SELECT value ->> '$.day', value ->> '$.model_hash', value, ?2 FROM json_each(?1) WHERE true
  ON CONFLICT (day, model_hash) DO UPDATE SET graded = excluded.graded, updated_time = excluded.updated_time`;

/** Stores days, each in place of the one of before. */
export async function saveGradedDays(db: D1Database, days: readonly GradedDay[], now: number): Promise<void> {
  await db.prepare(UPSERT).bind(JSON.stringify(days), now).run();
}

/** The graded days of a model since a day, oldest first. */
export async function readGradedDays(db: D1Database, modelHash: string, since: number): Promise<readonly GradedDay[]> {
  const { results } = await db
    .prepare("SELECT graded FROM cascade_forecast_days WHERE day >= ?1 AND model_hash = ?2 ORDER BY day")
    .bind(since, modelHash)
    .all<{ readonly graded: string }>();
  return results.flatMap(({ graded }) => readGradedDay(JSON.parse(graded)) ?? []);
}
