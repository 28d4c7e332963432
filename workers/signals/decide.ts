import type { Config } from "../../src/config.ts";
import { DEEPSEEK_TIMEOUT_MS, type DeepseekDependencies, askDeepseek } from "../../src/signals/deepseek.ts";
import type { Decision } from "../../src/signals/ledger.ts";
import { PROMPT_VERSION, promptV2 } from "../../src/signals/prompt-v2.ts";
import { ruleVerdict } from "../../src/signals/rule-model.ts";
import { comparedWindow } from "../../src/signals/signal-input.ts";
import { standing } from "../../src/signals/track-record.ts";
import { type Verdict, failedVerdict } from "../../src/signals/verdict.ts";
import { pastForecasts } from "./past-forecasts.ts";
import type { OpenSpike } from "./spike-queue.ts";
import { tokenBound, reserveTokens, settleTokens } from "./token-budget.ts";
import { writeLog } from "../../src/log.ts";

/** Gets a verdict from the model, or from the rule model without a key, and calibrates it by the analyst's past. */
export async function decide(db: D1Database, config: Config, spike: OpenSpike, deps: DeepseekDependencies): Promise<Decision> {
  const verdict = await (config.DEEPSEEK_KEY === null
    ? { ...ruleVerdict(spike.input), reason_code: "no_key" as const }
    : modelVerdict(db, config, config.DEEPSEEK_KEY, spike, deps));
  return decisionOf(db, config, spike, verdict, deps.now());
}

/** The decision on a spike whose run was interrupted: the model is not queried a second time. */
export function decideNothing(
  db: D1Database,
  config: Config,
  spike: OpenSpike,
  reason: "late" | "interrupted",
  now: number,
): Promise<Decision> {
  return decisionOf(db, config, spike, failedVerdict(reason), now);
}

async function decisionOf(db: D1Database, config: Config, spike: OpenSpike, verdict: Verdict, now: number): Promise<Decision> {
  const analyst = config.DEEPSEEK_KEY === null ? "rules" : "deepseek";
  const { paper, calibrate } = standing(await pastForecasts(db, analyst));
  const { long, short } = comparedWindow(spike.input).sides;
  return {
    signal_id: spike.signal_id,
    created_time: now,
    minute: spike.minute,
    symbol: spike.symbol,
    window: spike.window,
    ...verdict,
    calibrated_probability: verdict.action === "NOTHING" ? null : calibrate(verdict.confidence),
    paper,
    long_change_pct: long.change_pct,
    short_change_pct: short.change_pct,
    statistics: spike.input,
    analyst,
    model: analyst === "deepseek" ? config.LIQUIDATION_AI_MODEL : null,
    prompt_version: analyst === "deepseek" ? PROMPT_VERSION : null,
    rule_action: ruleVerdict(spike.input).action,
  };
}

async function modelVerdict(
  db: D1Database,
  config: Config,
  apiKey: string,
  spike: OpenSpike,
  deps: DeepseekDependencies,
): Promise<Verdict> {
  const prompt = promptV2(spike.input);
  const reserved = tokenBound(prompt, config.LIQUIDATION_AI_MAX_TOKENS);
  const asked = deps.now();
  if (!(await reserveTokens(db, asked, reserved, config.LIQUIDATION_AI_DAILY_TOKENS))) return failedVerdict("budget");
  const settings = {
    baseUrl: config.DEEPSEEK_BASE_URL,
    apiKey,
    model: config.LIQUIDATION_AI_MODEL,
    temperature: config.LIQUIDATION_AI_TEMPERATURE,
    maxTokens: config.LIQUIDATION_AI_MAX_TOKENS,
    timeoutMs: DEEPSEEK_TIMEOUT_MS,
  };
  const { verdict, tokens, attempts } = await askDeepseek(prompt, settings, deps);
  await settleTokens(db, asked, reserved, tokens);
  const { action, confidence, reason_code } = verdict;
  const line = {
    event: "model_answer",
    signal_id: spike.signal_id,
    action,
    confidence,
    reason_code,
    attempts,
    tokens,
    ms: deps.now() - asked,
  };
  writeLog("info", line);
  return verdict;
}
