import { type FittedVenue, FITTED_DAYS } from "../../src/silence/fitted-venue.ts";
import type { SymbolGap } from "../../src/gap.ts";
import type { MinuteCounts } from "../../src/silence/minute-counts.ts";
import type { SilenceState } from "../../src/silence/silence-watch.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";

/** What the last run left; null before the first one. */
export async function readSilenceState(db: D1Database): Promise<SilenceState | null> {
  const state = await db.prepare("SELECT state FROM silence_state WHERE id = 1").first<string>("state");
  return state === null ? null : (JSON.parse(state) as SilenceState);
}

const WRITE_STATE = `
  INSERT INTO silence_state (id, time, state) VALUES (1, ?1, ?2)
  ON CONFLICT (id) DO UPDATE SET time = excluded.time, state = excluded.state WHERE silence_state.time < excluded.time`;

/**
 * Gaps of base assets that are open, but no silence of the state just stored: of a venue that is no longer collected, of a run that ended
 * before it stored its state, or of a state that older code replaced. Nothing else would ever end them.
 */
const CLOSE_ENDED = `
  UPDATE contract_gaps SET to_time = max(?1, from_time)
  WHERE to_time IS NULL AND reason = 'suspect' AND exchange || ' ' || contract || ' ' || from_time NOT IN (SELECT value FROM json_each(?2))
    AND EXISTS (SELECT 1 FROM silence_state WHERE id = 1 AND time = ?1)`;

/**
 * Stores the state and ends the gaps of base assets that it does not know. A late run does not undo a later one.
 * @param hour the minutes of an hour that is over; null while none is
 */
export async function writeSilenceState(
  db: D1Database,
  state: SilenceState,
  hour: { readonly hour: number; readonly minutes: readonly MinuteCounts[] } | null,
): Promise<void> {
  const write = db.prepare(WRITE_STATE).bind(state.time, JSON.stringify(state));
  const close = db.prepare(CLOSE_ENDED).bind(state.time, JSON.stringify(openSymbolGaps(state)));
  if (hour === null) {
    await db.batch([write, close]);
    return;
  }
  await db.batch([
    write,
    close,
    db.prepare("INSERT OR REPLACE INTO silence_hours (hour, minutes) VALUES (?1, ?2)").bind(hour.hour, JSON.stringify(hour.minutes)),
    db.prepare("DELETE FROM silence_hours WHERE hour < ?1").bind(state.time - FITTED_DAYS * DAY_MS),
  ]);
}

/** As CLOSE_ENDED names them. */
function openSymbolGaps({ assets }: SilenceState): readonly string[] {
  return Object.entries(assets?.silences ?? {}).flatMap(([exchange, own]) =>
    Object.entries(own).flatMap(([symbol, { suspectTime, since }]) => (suspectTime === null ? [] : [`${exchange} ${symbol} ${since}`])),
  );
}

/** The minutes of the stored hours, oldest first. */
export async function readMinuteCounts(db: D1Database): Promise<readonly MinuteCounts[]> {
  const { results } = await db.prepare("SELECT minutes FROM silence_hours ORDER BY hour").all<{ minutes: string }>();
  return results.flatMap(({ minutes }) => JSON.parse(minutes) as readonly MinuteCounts[]);
}

export async function readFittedVenues(db: D1Database): Promise<readonly FittedVenue[]> {
  const { results } = await db.prepare("SELECT fitted FROM silence_models ORDER BY exchange").all<{ fitted: string }>();
  return results.map(({ fitted }) => JSON.parse(fitted) as FittedVenue);
}

export async function writeFittedVenue(db: D1Database, fitted: FittedVenue): Promise<void> {
  await db
    .prepare("INSERT OR REPLACE INTO silence_models (exchange, fitted_time, fitted) VALUES (?1, ?2, ?3)")
    .bind(fitted.exchange, fitted.fitted_time, JSON.stringify(fitted))
    .run();
}

/** Records when the silence of one base asset began, or ended. A run that is repeated changes nothing. */
export async function writeSymbolGap(db: D1Database, { exchange, symbol, from_time, to_time }: SymbolGap): Promise<void> {
  await db
    .prepare(
      `INSERT INTO contract_gaps (exchange, contract, from_time, to_time, reason) VALUES (?1, ?2, ?3, ?4, 'suspect')
       ON CONFLICT (exchange, contract, from_time) DO UPDATE SET to_time = coalesce(excluded.to_time, contract_gaps.to_time)`,
    )
    .bind(exchange, symbol, from_time, to_time)
    .run();
}
