import { rulesBeside } from "../../src/scoreboard/track-record.ts";
import {
  type DecisionFilter,
  type DecisionWithOutcomes,
  type ScoredDecision,
  type ScoredOutcome,
  decisionsWithOutcomes,
} from "./scored-decisions.ts";
import { settleRecord } from "./track-records.ts";

/**
 * Decisions whose grades are all given never change again. A block holds a hundred of them with their outcomes in one row, so that
 * a scoreboard reads some dozens of rows and not six for each decision.
 */
const BLOCK_DECISIONS = 100;
/** A scoreboard looks back this many blocks at most, also for a filter that few decisions pass. */
const MAX_BLOCKS = 60;
export const MAX_SEARCHED_DECISIONS = MAX_BLOCKS * BLOCK_DECISIONS;
/** Maximum number of blocks per run; the rest waits for the next minute. */
const MAX_PER_RUN = 5;

const LAST = "SELECT coalesce(max(last_sequence), 0) AS last FROM scored_blocks";
/** ?1 and ?2: the decisions after one and up to another, and those of them that wait for a grade. */
const READY = `
  SELECT count(*) AS decisions, sum(EXISTS (
    SELECT 1 FROM signal_grades AS grades WHERE grades.signal_id = signals.signal_id AND graded_time IS NULL)) AS waiting
  FROM signals WHERE sequence > ?1 AND sequence <= ?2`;
const KEEP = "INSERT INTO scored_blocks (last_sequence, decisions) VALUES (?1, ?2) ON CONFLICT (last_sequence) DO NOTHING";
const BLOCKS = `SELECT decisions FROM scored_blocks ORDER BY last_sequence DESC LIMIT ${MAX_BLOCKS}`;

export interface ScoredBlocksRecord {
  /** Number of blocks that were completed. */
  readonly blocks: number;
}

/** Keeps the decisions that are graded over every horizon, and settles the records that they count in. */
export async function keepScoredBlocks(db: D1Database): Promise<ScoredBlocksRecord> {
  let last = (await db.prepare(LAST).first<number>("last")) ?? 0;
  for (let blocks = 0; blocks < MAX_PER_RUN; blocks += 1) {
    const upTo = last + BLOCK_DECISIONS;
    const ready = await db.prepare(READY).bind(last, upTo).first<{ readonly decisions: number; readonly waiting: number | null }>();
    if (ready === null || ready.decisions < BLOCK_DECISIONS || ready.waiting !== 0) return { blocks };
    const decisions = await decisionsWithOutcomes(db, { symbol: null, analyst: null }, { after: last, upTo, limit: BLOCK_DECISIONS });
    const keys = decisions.flatMap(({ decision }) => [decision, ...(rulesBeside(decision) === null ? [] : [rulesBeside(decision)?.key])]);
    const records = new Map(
      keys.filter((key) => key !== undefined).map((key) => [`${key.analyst} ${key.model} ${key.prompt_version}`, key]),
    );
    for (const key of records.values()) await settleRecord(db, key);
    await db.prepare(KEEP).bind(upTo, JSON.stringify(decisions)).run();
    last = upTo;
  }
  return { blocks: MAX_PER_RUN };
}

/** The newest decisions that pass a filter, newest first, and their outcomes over all horizons. */
export async function scoredDecisions(
  db: D1Database,
  filter: DecisionFilter,
  limit: number,
): Promise<{ readonly decisions: readonly ScoredDecision[]; readonly graded: readonly ScoredOutcome[] }> {
  const last = (await db.prepare(LAST).first<number>("last")) ?? 0;
  const fresh = await decisionsWithOutcomes(db, filter, { after: last, upTo: Number.MAX_SAFE_INTEGER, limit });
  const kept = fresh.length < limit ? await keptDecisions(db, filter, limit - fresh.length) : [];
  const found = [...fresh, ...kept];
  return {
    decisions: found.map(({ decision }) => decision),
    graded: found.flatMap(({ decision, outcomes }) => outcomes.map((outcome) => ({ ...decision, ...outcome }))),
  };
}

async function keptDecisions(db: D1Database, { symbol, analyst }: DecisionFilter, limit: number): Promise<readonly DecisionWithOutcomes[]> {
  const { results } = await db.prepare(BLOCKS).all<{ readonly decisions: string }>();
  return results
    .flatMap(({ decisions }) => JSON.parse(decisions) as readonly DecisionWithOutcomes[])
    .filter((one) => (symbol === null || one.symbol === symbol) && (analyst === null || one.decision.analyst === analyst))
    .slice(0, limit);
}
