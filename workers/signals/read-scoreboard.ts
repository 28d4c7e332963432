import type { Config } from "../../src/config.ts";
import { HEADLINE_HORIZON } from "../../src/grades/grade.ts";
import { mutingStatus } from "../../src/scoreboard/muting.ts";
import { PROMPT_VERSION } from "../../src/signals/prompt.ts";
import { type GradedDecision, type RecordScore, type Scoreboard, scoreHorizon, scoreHorizons } from "../../src/scoreboard/scoreboard.ts";
import { type RecordKey, recordName, rulesBeside } from "../../src/scoreboard/track-record.ts";
import type { Analyst } from "../../src/signals/verdict.ts";
import { scoredDecisions } from "./scored-blocks.ts";
import type { ScoredDecision, ScoredOutcome } from "./scored-decisions.ts";
import { readRecord } from "./track-records.ts";

/** Maximum number of records side by side, the ones that decided last. */
const MAX_RECORDS = 10;

/**
 * The outcomes of the newest decisions of the record that serves, and the records of the analysts: those that made them, and the
 * rule model beside a language model unless one analyst is asked for. No figure mixes records.
 */
export async function readScoreboard(
  db: D1Database,
  config: Config,
  filter: { readonly symbol: string | null; readonly analyst: Analyst | null },
  limit: number,
): Promise<Scoreboard> {
  const { decisions, graded } = await scoredDecisions(db, filter, limit);
  const serving = await servingKey(db, config);
  const shown = filter.analyst === null ? [...decisions, ...decisions.flatMap(besideDecision)] : decisions;
  const outcomes = filter.analyst === null ? [...graded, ...graded.flatMap(besideOutcome)] : graded;
  const gradedByRecord = Map.groupBy(outcomes, recordName);
  const records = [...Map.groupBy(shown, recordName)]
    .flatMap(([name, own]) => {
      const [last] = own.toSorted((a, b) => b.sequence - a.sequence);
      return last === undefined ? [] : [{ last, decisions: own, graded: gradedByRecord.get(name) ?? [] }];
    })
    .toSorted((a, b) => b.last.sequence - a.last.sequence)
    .slice(0, MAX_RECORDS);
  const key = filter.analyst === null || filter.analyst === serving.analyst ? serving : (records[0]?.last ?? null);
  const name = key === null ? null : recordName(key);
  return {
    registered_horizon: HEADLINE_HORIZON,
    decisions: decisions.length,
    max_decisions: limit,
    serving: { ...serving, ...mutingStatus((await readRecord(db, serving)).state) },
    horizons_of: key === null ? null : { ...keyOf(key), decisions: shown.filter((decision) => recordName(decision) === name).length },
    horizons: scoreHorizons(name === null ? [] : (gradedByRecord.get(name) ?? [])),
    records: await Promise.all(records.map((one) => recordOf(db, one.last, one.decisions, one.graded))),
  };
}

function keyOf({ analyst, model, prompt_version }: RecordKey): RecordKey {
  return { analyst, model, prompt_version };
}

/** What the rule model decided beside a language model, as a decision of its own. */
function besideDecision<Decision extends ScoredDecision>(decision: Decision): readonly Decision[] {
  const beside = rulesBeside(decision);
  if (beside === null) return [];
  return [{ ...decision, ...beside.key, action: decision.rule_action, confidence: beside.confidence, calibrated_probability: null }];
}

function besideOutcome(outcome: ScoredOutcome): readonly ScoredOutcome[] {
  // The random times were drawn for the other action.
  const own = { net_return_bps: outcome.rule_net_return_bps, random_net_return_bps: null, random_hit_rate: null };
  return besideDecision(outcome).map((decision) => ({ ...decision, ...own }));
}

/** @param decisions those of one record, of which `last` is the newest */
async function recordOf(
  db: D1Database,
  last: ScoredDecision,
  decisions: readonly ScoredDecision[],
  graded: readonly GradedDecision[],
): Promise<RecordScore> {
  const ofRegistered = graded.filter(({ horizon }) => horizon === HEADLINE_HORIZON);
  return {
    ...keyOf(last),
    decisions: decisions.length,
    trades: decisions.filter(({ action }) => action !== "NOTHING").length,
    first_decision_time: Math.min(...decisions.map(({ created_time: time }) => time)),
    last_decision_time: last.created_time,
    muting: mutingStatus((await readRecord(db, last)).state),
    score: scoreHorizon(ofRegistered, HEADLINE_HORIZON),
  };
}

const LAST_RULES = `
  SELECT coalesce(rule_version, CASE analyst WHEN 'rules' THEN model END) AS model FROM signals ORDER BY sequence DESC LIMIT 1`;

/** The record that the next decision belongs to. The version of the rule model is that of its last decision. */
async function servingKey(db: D1Database, config: Config): Promise<RecordKey> {
  if (config.DEEPSEEK_KEY !== null) {
    return { analyst: "deepseek", model: config.LIQUIDATION_AI_MODEL, prompt_version: PROMPT_VERSION };
  }
  const last = await db.prepare(LAST_RULES).first<{ readonly model: string | null }>();
  return { analyst: "rules", model: last?.model ?? null, prompt_version: null };
}
