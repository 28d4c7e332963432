import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import type { Prompt } from "../../src/signals/prompt.ts";

/** JSON with numbers has two to three characters per token and prose has four, so this reserves enough. */
const CHARACTERS_PER_TOKEN = 2;

const RESERVE = `
  INSERT INTO model_tokens (day, tokens) SELECT ?1, ?2 WHERE ?2 <= ?3
  ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens WHERE tokens + excluded.tokens <= ?3`;
const SETTLE = "UPDATE model_tokens SET tokens = tokens + ?2 WHERE day = ?1";

/** An upper bound of the tokens that one request can use. */
export function tokenBound(prompt: Prompt, maxTokens: number): number {
  return Math.ceil((prompt.system.length + prompt.user.length) / CHARACTERS_PER_TOKEN) + maxTokens;
}

/** Reserves tokens of a day before they are spent; false where the budget of the day does not have them. */
export async function reserveTokens(db: D1Database, now: number, tokens: number, budget: number): Promise<boolean> {
  const result = await db.prepare(RESERVE).bind(floorTo(now, DAY_MS), tokens, budget).run();
  return result.meta.changes === 1;
}

/** Refunds reserved tokens that were not spent. A response without a token count is charged in full. */
export async function settleTokens(db: D1Database, now: number, reserved: number, spent: number | null): Promise<void> {
  if (spent === null) return;
  await db
    .prepare(SETTLE)
    .bind(floorTo(now, DAY_MS), spent - reserved)
    .run();
}
