import type { ExchangeName } from "../../src/liquidation.ts";
import type { RuleState } from "../../src/signals/rule-state.ts";

const READ = "SELECT state, since, compared_share, missing_exchanges FROM spike_rule_state WHERE id = 1";
const WRITE = `
  INSERT INTO spike_rule_state (id, state, since, compared_share, missing_exchanges) VALUES (1, ?1, ?2, ?3, ?4)
  ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, since = excluded.since, compared_share = excluded.compared_share, missing_exchanges = excluded.missing_exchanges`;

/** The state of the spike rule; null before its first minute. */
export async function readRuleState(db: D1Database): Promise<RuleState | null> {
  const row = await db.prepare(READ).first<Omit<RuleState, "missing_exchanges"> & { missing_exchanges: string }>();
  return row === null ? null : { ...row, missing_exchanges: JSON.parse(row.missing_exchanges) as readonly ExchangeName[] };
}

export async function writeRuleState(db: D1Database, state: RuleState): Promise<void> {
  await db.prepare(WRITE).bind(state.state, state.since, state.compared_share, JSON.stringify(state.missing_exchanges)).run();
}
