import { type EstimatesBySymbol, blockText, mergeBlocks, readBlockText } from "../../src/estimates/estimate-block.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { REACH_JOBS } from "./estimate-reads.ts";
import { jsonChunks } from "./json-chunks.ts";

const WRITE = `
  INSERT INTO estimate_blocks (step_ms, time, estimates) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) WHERE true
  ON CONFLICT (step_ms, time) DO UPDATE SET estimates = excluded.estimates`;
const FIRST = "INSERT INTO job_progress (job, done_time) VALUES (?1, ?2) ON CONFLICT (job) DO NOTHING";
const ADVANCE = `
  INSERT INTO job_progress (job, done_time) VALUES (?1, ?2)
  ON CONFLICT (job) DO UPDATE SET done_time = max(job_progress.done_time, excluded.done_time)`;

/** The estimates of a minute, hour or day; null where it could not be estimated at all. */
export interface EstimateBlock {
  readonly time: number;
  readonly estimates: EstimatesBySymbol | null;
}

/** Stores the blocks of settled minutes, and up to where minutes are settled, ms, in one transaction. */
export async function writeMinuteEstimates(
  db: D1Database,
  blocks: readonly EstimateBlock[],
  { from, settled }: { readonly from: number; readonly settled: number },
): Promise<void> {
  await db.batch([
    ...write(db, MINUTE_MS, blocks),
    db.prepare(FIRST).bind(REACH_JOBS.from, from),
    db.prepare(ADVANCE).bind(REACH_JOBS.settled, settled),
  ]);
}

/** Sums the minutes of an hour, or the hours of a day, into its block. */
export async function sumEstimateBlocks(db: D1Database, step: "hours" | "days", time: number): Promise<void> {
  const [stepMs, partMs] = step === "hours" ? [HOUR_MS, MINUTE_MS] : [DAY_MS, HOUR_MS];
  const { results } = await db
    .prepare("SELECT estimates FROM estimate_blocks WHERE step_ms = ?1 AND time >= ?2 AND time < ?3")
    .bind(partMs, time, time + stepMs)
    .all<{ estimates: string | null }>();
  const texts = results.flatMap(({ estimates }) => estimates ?? []);
  const isLost = texts.length < results.length;
  const blocks: readonly EstimateBlock[] =
    results.length === 0 ? [] : [{ time, estimates: isLost ? null : mergeBlocks(texts.map(readBlockText)) }];
  await db.batch([...write(db, stepMs, blocks), db.prepare(ADVANCE).bind(REACH_JOBS[step], time + stepMs)]);
}

/** Deletes blocks of minutes before one time, and of hours and days before another, ms. */
export async function deleteEstimateBlocks(db: D1Database, minutesFrom: number, hoursFrom: number): Promise<void> {
  const before = "DELETE FROM estimate_blocks WHERE step_ms = ?1 AND time < ?2";
  await db.batch([
    db.prepare(ADVANCE).bind(REACH_JOBS.minutesFrom, minutesFrom),
    db.prepare(before).bind(MINUTE_MS, minutesFrom),
    db.prepare(before).bind(HOUR_MS, hoursFrom),
    db.prepare(before).bind(DAY_MS, hoursFrom),
  ]);
}

function write(db: D1Database, stepMs: number, blocks: readonly EstimateBlock[]): readonly D1PreparedStatement[] {
  const toJson = ({ time, estimates }: EstimateBlock): string =>
    JSON.stringify([stepMs, time, estimates === null ? null : blockText(estimates)]);
  return jsonChunks(blocks, toJson).map(({ json }) => db.prepare(WRITE).bind(json));
}
