import { expect, test } from "vitest";
import { DECISIONS_A_DAY, fullestInput, measureReplies, promptTokens } from "../../../scripts/measure/model-replies.ts";
import { replyTokensAtMost, tokensAtMost } from "../../../scripts/measure/token-count.ts";
import { parseConfig } from "../../../src/config.ts";
import { promptOf } from "../../../src/signals/prompt.ts";
import { ruleVerdict } from "../../../src/signals/rule-model.ts";
import { flowOf, sampleInput, statistics } from "../signals/sample-input.ts";

const SIDE = statistics({ usd: 12_345_678, change_pct: -234.567, percentile: 0.9876 });
const INPUT = sampleInput(
  { long: SIDE, short: statistics({ ...SIDE, usd: 2_345_678 }), total: SIDE },
  { flow: flowOf(Array.from({ length: 15 }, (_, n) => [12_345_678, 1_234_567, 84_123.4 - 37.3 * n])) },
);
const [WINDOW] = INPUT.windows;
if (WINDOW === undefined) throw new Error("no window");
const market = { ...INPUT.market, mark_price: 84_123.4, return_5m_bps: -12.34, return_15m_bps: -45.67, return_1h_bps: -89.12 };
const FULL = fullestInput({
  ...INPUT,
  windows: ["15m", "1h", "4h", "24h"].map((window) => ({ ...WINDOW, window })),
  market: { ...market, return_24h_bps: -123.4, sigma_before_bps: 5.678 },
});
const PROMPT = promptOf(FULL, { ...ruleVerdict(FULL), probability: 0.456 });

test("no reply that uses all it is allowed is truncated, and none is refused", async () => {
  const { truncated, refused, longestReply } = await measureReplies(PROMPT, 200);
  expect({ truncated, refused }).toEqual({ truncated: 0, refused: 0 });
  expect(longestReply).toBeGreaterThan(140);
  expect(longestReply).toBeLessThanOrEqual(parseConfig({}).LIQUIDATION_AI_MAX_TOKENS);
});

test("a model that may use one character more for each token would be truncated", () => {
  const reason = "~".repeat(140);
  const reply = JSON.stringify({ p_up: 0.41, p_down: 0.35, reason });
  expect(replyTokensAtMost(reply, reason)).toBeGreaterThan(parseConfig({}).LIQUIDATION_AI_MAX_TOKENS);
});

test("the day's tokens suffice for as many decisions as a day has, with the fullest prompt", () => {
  const { LIQUIDATION_AI_DAILY_TOKENS: budget, LIQUIDATION_AI_MAX_TOKENS: reply } = parseConfig({});
  expect(promptTokens(PROMPT)).toBeGreaterThan(1_800);
  expect(DECISIONS_A_DAY * (promptTokens(PROMPT) + reply)).toBeLessThanOrEqual(budget);
});

test("tokens are counted so that the count is rather too high", () => {
  expect(tokensAtMost("")).toBe(0);
  // [ "1 234 567" , - 0 . 82 ]: three groups of digits and one of two signs each.
  expect(tokensAtMost("[1234567,-0.82]")).toBe(10);
  expect(tokensAtMost("Longs accelerate.")).toBe(2 + 3 + 1);
});
