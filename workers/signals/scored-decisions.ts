import type { SignalRecord } from "../../src/signals/ledger.ts";
import type { GradedDecision } from "../../src/scoreboard/scoreboard.ts";
import type { Analyst } from "../../src/signals/verdict.ts";
import { rowsOf } from "../d1/rows-of.ts";

/** The fields of a decision that a scoreboard needs. */
export type ScoredDecision = Pick<SignalRecord, (typeof COLUMNS)[number]>;

const COLUMNS = [
  "sequence",
  "created_time",
  "analyst",
  "model",
  "prompt_version",
  "action",
  "reason_code",
  "confidence",
  "calibrated_probability",
  "rule_action",
  "rule_version",
  "rule_confidence",
] as const satisfies readonly (keyof SignalRecord)[];

/** ?1 the symbol or null, ?2 the analyst or null, ?3 the number of decisions, ?4 the sequence after which and ?5 up to which they are. */
const NEWEST = (columns: string) => `
  SELECT ${columns} FROM signals
  WHERE sequence > ?4 AND sequence <= ?5 AND (?1 IS NULL OR symbol = ?1) AND (?2 IS NULL OR analyst = ?2)
  ORDER BY sequence DESC LIMIT ?3`;
const DECISIONS = NEWEST(`${COLUMNS.join(", ")}, symbol`);
const GRADES = `
  WITH newest AS MATERIALIZED (${NEWEST("sequence AS decision, signal_id")})
  SELECT decision, horizon, forward_return_bps, cost_bps, funding_bps, net_return_bps, rule_net_return_bps, fade_net_return_bps,
    follow_net_return_bps, random_net_return_bps, random_hit_rate
  FROM newest CROSS JOIN signal_grades AS grades
  WHERE grades.signal_id = newest.signal_id AND forward_return_bps IS NOT NULL`;

type GradeOf = Omit<GradedDecision, keyof ScoredDecision> & { readonly decision: number };

/** A decision and its outcome over one horizon. */
export type ScoredOutcome = ScoredDecision & GradedDecision;

/** A decision with its base asset and its outcomes over all horizons. */
export interface DecisionWithOutcomes {
  readonly symbol: string;
  readonly decision: ScoredDecision;
  readonly outcomes: readonly Omit<GradeOf, "decision">[];
}

export interface DecisionFilter {
  readonly symbol: string | null;
  readonly analyst: Analyst | null;
}

/** The newest decisions of a part of the ledger, newest first, with their outcomes: an index entry and a grade for each horizon. */
export async function decisionsWithOutcomes(
  db: D1Database,
  { symbol, analyst }: DecisionFilter,
  { after, upTo, limit }: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<readonly DecisionWithOutcomes[]> {
  const statements = [DECISIONS, GRADES].map((sql) => db.prepare(sql).bind(symbol, analyst, limit, after, upTo));
  const [first, second] = await db.batch(statements);
  const grades = Map.groupBy(rowsOf<GradeOf>(second), ({ decision }) => decision);
  return rowsOf<ScoredDecision & { readonly symbol: string }>(first).map(({ symbol: of, ...decision }) => ({
    symbol: of,
    decision,
    outcomes: (grades.get(decision.sequence) ?? []).map(({ decision: _sequence, ...grade }) => grade),
  }));
}
