import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import type { Prompt } from "../../src/signals/prompt-v2.ts";

/** JSON of numbers is two to three characters a token and text four: this many for all sets enough aside. */
const CHARACTERS_A_TOKEN = 2;

const SET_ASIDE = `
  INSERT INTO model_tokens (day, tokens) SELECT ?1, ?2 WHERE ?2 <= ?3
  ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens WHERE tokens + excluded.tokens <= ?3`;
const CORRECT = "UPDATE model_tokens SET tokens = tokens + ?2 WHERE day = ?1";

/** The most tokens that asking once can take. */
export function mostTokens(prompt: Prompt, maxTokens: number): number {
  return Math.ceil((prompt.system.length + prompt.user.length) / CHARACTERS_A_TOKEN) + maxTokens;
}

/** Sets tokens of a day aside before they are spent; false where the day's budget does not have them. */
export async function setTokensAside(db: D1Database, now: number, tokens: number, budget: number): Promise<boolean> {
  const result = await db.prepare(SET_ASIDE).bind(floorTo(now, DAY_MS), tokens, budget).run();
  return result.meta.changes === 1;
}

/** Gives back what was set aside and not spent. An answer that does not say what it took took it all. */
export async function settleTokens(db: D1Database, now: number, setAside: number, spent: number | null): Promise<void> {
  if (spent === null) return;
  await db
    .prepare(CORRECT)
    .bind(floorTo(now, DAY_MS), spent - setAside)
    .run();
}
