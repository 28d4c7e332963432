import { canonicalJson } from "../../src/signals/canonical-json.ts";
import { MAX_NEWS_AGE_MS, isOldNews } from "../../src/lateness.ts";
import { signalId } from "../../src/signals/signal-id.ts";
import { flushSide } from "../../src/signals/open-flush.ts";
import type { SignalInput } from "../../src/signals/signal-input.ts";
import { completeInput } from "../../src/signals/unknown-input.ts";
import { inputOf } from "./signal-row.ts";
import type { EarlierSpike } from "../../src/signals/spike-rule.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";

const JOB = "spike_rule";

/** ?4 now, ?5 how late a spike may have been taken, or be untaken, to count. */
const EARLIER = `
  SELECT symbol, minute, severity_usd, side, EXISTS (
    SELECT 1 FROM spikes AS turns WHERE turns.symbol = spikes.symbol AND turns.minute > spikes.minute AND turns.kind = 'turn'
  ) AS has_turned FROM spikes
  WHERE symbol IN (SELECT value FROM json_each(?1)) AND minute >= ?2 AND minute < ?3 AND kind <> 'turn'
    AND coalesce(taken_time, ?4) - minute <= ?5
  ORDER BY minute`;
const OF_MINUTE = "SELECT symbol FROM spikes WHERE symbol IN (SELECT value FROM json_each(?1)) AND minute = ?2 AND kind <> 'turn'";
/**
 * ?1 the spikes, ?2 their minute: none is added if the rule was already applied to that minute. A spike has one turn,
 * whichever run finds it first, and no turn is in the minute of a spike.
 */
const ADD = `
  INSERT INTO spikes (signal_id, minute, symbol, "window", severity_usd, statistics, kind, side)
  SELECT value ->> 0, ?2, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
  FROM json_each(?1) AS added
  WHERE NOT EXISTS (SELECT 1 FROM job_progress WHERE job = '${JOB}' AND done_time >= ?2)
    AND (added.value ->> 5 <> 'turn' OR NOT EXISTS (
      SELECT 1 FROM spikes AS known
      WHERE known.symbol = added.value ->> 1 AND known.minute > added.value ->> 7 AND (known.kind = 'turn' OR known.minute = ?2)
    ))
  ON CONFLICT (signal_id) DO NOTHING`;
const DONE = `
  INSERT INTO job_progress (job, done_time) VALUES ('${JOB}', ?1)
  ON CONFLICT (job) DO UPDATE SET done_time = max(done_time, excluded.done_time)`;
const OPEN = `
  SELECT signal_id, minute, symbol, "window", statistics, taken_time FROM spikes WHERE closed_time IS NULL ORDER BY minute, signal_id LIMIT 20`;
const TAKE = "UPDATE spikes SET taken_time = ?2 WHERE signal_id = ?1 AND taken_time IS NULL AND closed_time IS NULL";
const CLOSE = "UPDATE spikes SET closed_time = ?2, statistics = NULL WHERE signal_id = ?1 AND closed_time IS NULL";

/** Longer than any cool-down. */
const KEPT_MS = 2 * DAY_MS;
const FORGET = "DELETE FROM spikes WHERE minute < ?1 AND closed_time IS NOT NULL";

/** A spike that waits for its decision or its publication. */
export interface OpenSpike {
  readonly signal_id: string;
  readonly minute: number;
  readonly symbol: string;
  readonly window: string;
  readonly input: SignalInput;
  /** The time at which a run took the decision, ms; null where none has. */
  readonly taken_time: number | null;
}

/** A spike that is queued, or a turn and the minute of the spike whose flush turned. */
export interface QueuedSpike {
  readonly input: SignalInput;
  readonly turnOf: number | null;
}

/** The last minute that the spike rule was applied to, ms. */
export function lastRuleMinute(db: D1Database): Promise<number | null> {
  return db.prepare("SELECT done_time FROM job_progress WHERE job = ?1").bind(JOB).first<number>("done_time");
}

/** The latest spike of each symbol between two minutes, excluding the later one. */
export async function earlierSpikes(
  db: D1Database,
  symbols: readonly string[],
  from: number,
  before: number,
  now: number,
): Promise<ReadonlyMap<string, EarlierSpike>> {
  const maxLateness = isOldNews(before, now) ? Number.MAX_SAFE_INTEGER : MAX_NEWS_AGE_MS;
  const { results } = await db
    .prepare(EARLIER)
    .bind(JSON.stringify(symbols), from, before, now, maxLateness)
    .all<Omit<EarlierSpike, "has_turned"> & { symbol: string; has_turned: number }>();
  return new Map(results.map(({ symbol, has_turned, ...spike }) => [symbol, { ...spike, has_turned: has_turned === 1 }]));
}

/** Those of the base assets that have no spike at a minute yet. */
export async function undecided(db: D1Database, minute: number, symbols: readonly string[]): Promise<readonly string[]> {
  const { results } = await db.prepare(OF_MINUTE).bind(JSON.stringify(symbols), minute).all<{ symbol: string }>();
  return symbols.filter((symbol) => !results.some((row) => row.symbol === symbol));
}

/**
 * Queues the spikes of a minute and marks the minute as done, in one transaction: a minute is judged once, however
 * often it runs.
 */
export async function queueSpikes(db: D1Database, minute: number, spikes: readonly QueuedSpike[]): Promise<void> {
  await db.batch([additions(db, minute, spikes), db.prepare(DONE).bind(minute), db.prepare(FORGET).bind(minute - KEPT_MS)]);
}

/** Queues spikes that were found before their minute, which stays to be judged. */
export async function queueEarlySpikes(db: D1Database, minute: number, spikes: readonly QueuedSpike[]): Promise<void> {
  if (spikes.length > 0) await additions(db, minute, spikes).run();
}

function additions(db: D1Database, minute: number, spikes: readonly QueuedSpike[]): D1PreparedStatement {
  const rows = spikes.map(({ input, turnOf }) => {
    const { symbol, window, trigger } = input;
    return [signalId(input), symbol, window, trigger.severity_usd, canonicalJson(input), trigger.kind, flushSide(input), turnOf];
  });
  return db.prepare(ADD).bind(JSON.stringify(rows), minute);
}

/** The oldest open spikes, and the ids of those whose stored input is not valid JSON. */
export async function openSpikes(db: D1Database): Promise<{ readonly open: readonly OpenSpike[]; readonly unreadable: readonly string[] }> {
  const { results } = await db.prepare(OPEN).all<Omit<OpenSpike, "input"> & { statistics: string | null }>();
  const read = results.map(({ statistics, ...spike }) => ({ ...spike, input: inputOf(statistics) }));
  return {
    open: read.flatMap(({ input, ...spike }) => (input === null ? [] : [{ ...spike, input: completeInput(input) }])),
    unreadable: read.filter(({ input }) => input === null).map(({ signal_id }) => signal_id),
  };
}

/** Claims a decision; false where another run has it. */
export async function takeSpike(db: D1Database, id: string, now: number): Promise<boolean> {
  return (await db.prepare(TAKE).bind(id, now).run()).meta.changes === 1;
}

/** Closes a spike after its decision is in the ledger and published. */
export async function closeSpike(db: D1Database, id: string, now: number): Promise<void> {
  await db.prepare(CLOSE).bind(id, now).run();
}
