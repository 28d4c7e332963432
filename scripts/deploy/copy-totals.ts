import { unstable_splitSqlQuery } from "wrangler";
import { HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";

/** Runs statements as one transaction and returns the rows of the first of them. */
export type QueryDatabase = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** Replaces `minute_totals` and `hour_totals` by tables in another order. */
export const TOTALS_MIGRATION = "0036_totals_by_symbol.sql";

/** An index that the tables have until then. */
const IS_BEFORE = "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = 'hour_totals_by_symbol'";

/** Rows of a piece. SQLite takes 0.24 s of processor time for them, of the 30 s that D1 allows. */
const PIECE_ROWS = 50_000;

const COPIED = [
  { step: "minute", stepMs: MINUTE_MS, from: "minutes_from", to: "minutes_to" },
  { step: "hour", stepMs: HOUR_MS, from: "hours_from", to: "hours_to" },
] as const;
type Copied = (typeof COPIED)[number];

/**
 * Totals from this time on may still change: those of minutes whose events are there, and hours that wait to be computed from
 * their minutes. The migration itself copies these.
 */
const FINAL_BEFORE = `min((SELECT from_time - from_time % ${HOUR_MS} FROM hot_events), coalesce((SELECT min(hour) FROM dirty_hours), ${Number.MAX_SAFE_INTEGER}))`;

/** A refill of D1 opens old minutes again: what was copied of them is copied once more. */
const WATCH_REFILLS = `
  CREATE TRIGGER IF NOT EXISTS totals_reopened AFTER UPDATE OF from_time ON hot_events WHEN new.from_time < old.from_time
  BEGIN
    UPDATE totals_to_copy SET minutes_from = min(minutes_from, new.from_time - new.from_time % ${HOUR_MS}),
      hours_from = min(hours_from, new.from_time - new.from_time % ${HOUR_MS});
  END`;

/**
 * Copies the totals that can no longer change in pieces, ahead of the migration that would copy all of them in one statement,
 * which D1 stops after 30 s. The Worker of before goes on reading and writing its tables meanwhile. May be stopped and repeated
 * at any time; does nothing where that migration was applied, or has nothing to copy.
 * @param migration the text of `TOTALS_MIGRATION`
 * @param pieceRows about as many rows as a piece has; one time with more is a piece of its own
 * @returns the number of pieces
 */
export async function copyTotals(query: QueryDatabase, migration: string, pieceRows = PIECE_ROWS): Promise<number> {
  if ((await query(IS_BEFORE)).length === 0) return 0;
  const statements = unstable_splitSqlQuery(migration).map((sql) => sql.replace(/^(\s*--.*\n)+/, "").trim());
  const starting = (start: RegExp) => statements.filter((sql) => start.test(sql));
  const copies = starting(/^INSERT OR REPLACE INTO (symbol_minutes|symbol_hours|total_blocks)\b/);
  await query([...starting(/^CREATE TABLE|^INSERT INTO totals_to_copy/), WATCH_REFILLS].join(";\n"));
  let pieces = 0;
  for (const copied of COPIED) {
    const own = copies.filter((sql) => sql.includes(copied.from));
    while (await copyPiece(query, copied, own, pieceRows)) pieces += 1;
  }
  return pieces;
}

/** @returns whether there was something to copy */
async function copyPiece(
  query: QueryDatabase,
  { step, stepMs, from, to }: Copied,
  copies: readonly string[],
  rows: number,
): Promise<boolean> {
  const nth = (offset: number) =>
    `(SELECT ${step} FROM totals_to_copy CROSS JOIN ${step}_totals WHERE ${step} >= ${from} ORDER BY ${step} LIMIT 1 OFFSET ${offset})`;
  const [piece] = await query(`SELECT ${nth(0)} AS start, ${nth(rows)} AS full, ${FINAL_BEFORE} AS final`);
  const [start, full, final] = [timeOf(piece?.["start"]), timeOf(piece?.["full"]), timeOf(piece?.["final"])];
  if (start === null || final === null || start >= final) return false;
  const end = Math.min(full === null ? final : Math.max(full, start + stepMs), final);
  const begin = `UPDATE totals_to_copy SET ${to} = ${end}`;
  // A refill may have begun since.
  const finish = `UPDATE totals_to_copy SET ${from} = min(${end}, ${FINAL_BEFORE}), ${to} = ${Number.MAX_SAFE_INTEGER}`;
  await query([begin, ...copies, finish].join(";\n"));
  return true;
}

function timeOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
