import type { LoggedHappening } from "../../src/rules/live-rule.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";

/** Retention of what happened to rules, ms. */
export const RULE_EVENTS_KEPT_MS = 30 * DAY_MS;

const INSERT = `
  INSERT INTO rule_events (rule_id, time, event_id, kind, symbol, content, release_time)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM rules WHERE rule_id = ?1) ON CONFLICT DO NOTHING`;

/** Stores what happened to rules; what is stored already stays. */
export async function logRuleEvents(
  db: D1Database,
  events: readonly { readonly ruleId: string; readonly logged: LoggedHappening }[],
): Promise<void> {
  if (events.length === 0) return;
  await db.batch(
    events.map(({ ruleId, logged: { id, kind, symbol, time, release_time, ...content } }) =>
      db.prepare(INSERT).bind(ruleId, time, id, kind, symbol, JSON.stringify(content), release_time),
    ),
  );
}

const PAGE = `
  SELECT event_id AS id, kind, symbol, time, release_time, content FROM rule_events
  WHERE rule_id = ?1 AND (time, event_id) < (?2, ?3) ORDER BY time DESC, event_id DESC LIMIT ?4`;

/** What happened to a rule before a place, newest first. */
export async function readRuleEvents(
  db: D1Database,
  ruleId: string,
  before: { readonly time: number; readonly id: string },
  limit: number,
): Promise<readonly LoggedHappening[]> {
  const { results } = await db
    .prepare(PAGE)
    .bind(ruleId, before.time, before.id, limit)
    .all<Pick<LoggedHappening, "id" | "kind" | "symbol" | "time" | "release_time"> & { readonly content: string }>();
  return results.map(({ content, ...row }) => ({
    ...row,
    omitted: false,
    ...(JSON.parse(content) as Pick<LoggedHappening, "values" | "liquidation_id" | "silent_exchanges"> &
      Partial<Pick<LoggedHappening, "omitted">>),
  }));
}
