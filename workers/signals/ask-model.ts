import type { Config } from "../../src/config.ts";
import type { ModelAnswer } from "../../src/signals/decision-parts.ts";
import { DEEPSEEK_TIMEOUT_MS, type DeepseekDependencies, type DeepseekSettings, askDeepseek } from "../../src/signals/deepseek.ts";
import type { ReadForecast } from "../../src/signals/model-reply.ts";
import { meanForecast } from "../../src/signals/price-forecast.ts";
import { type Prompt, promptOf } from "../../src/signals/prompt.ts";
import type { RuleVerdict } from "../../src/signals/rule-model.ts";
import { writeLog } from "../../src/log.ts";
import type { OpenSpike } from "./spike-queue.ts";
import { reserveTokens, settleTokens, tokenBound } from "./token-budget.ts";

/** Asks the model for as many samples as are configured, all at once. Those that fail are counted and left out. */
export async function askModel(
  db: D1Database,
  config: Config,
  apiKey: string,
  spike: OpenSpike,
  rules: RuleVerdict,
  deps: DeepseekDependencies,
): Promise<ModelAnswer> {
  const prompt = promptOf(spike.input, rules);
  const settings: DeepseekSettings = {
    baseUrl: config.DEEPSEEK_BASE_URL,
    apiKey,
    model: config.LIQUIDATION_AI_MODEL,
    temperature: config.LIQUIDATION_AI_TEMPERATURE,
    maxTokens: config.LIQUIDATION_AI_MAX_TOKENS,
    timeoutMs: DEEPSEEK_TIMEOUT_MS,
  };
  const asked = Array.from({ length: config.LIQUIDATION_AI_SAMPLES }, () => sample(db, config, settings, prompt, spike.signal_id, deps));
  const replies = await Promise.all(asked);
  const forecasts = replies.flatMap(({ forecast }) => (forecast === null ? [] : [forecast]));
  const forecast = meanForecast(forecasts);
  return {
    samples_asked: replies.length,
    samples_used: forecasts.length,
    forecast,
    code: forecast === null ? (replies[0]?.code ?? null) : null,
  };
}

/** One reply of the model, if the tokens of the day suffice for it. */
async function sample(
  db: D1Database,
  config: Config,
  settings: DeepseekSettings,
  prompt: Prompt,
  signalId: string,
  deps: DeepseekDependencies,
): Promise<ReadForecast> {
  const reserved = tokenBound(prompt, settings.maxTokens);
  const asked = deps.now();
  if (!(await reserveTokens(db, asked, reserved, config.LIQUIDATION_AI_DAILY_TOKENS))) return { forecast: null, code: "budget" };
  const { tokens, attempts, ...read } = await askDeepseek(prompt, settings, deps);
  await settleTokens(db, asked, reserved, tokens);
  const { p_up, p_down } = read.forecast ?? { p_up: null, p_down: null };
  const line = { event: "model_answer", signal_id: signalId, p_up, p_down, reason_code: read.code, attempts, tokens };
  writeLog("info", { ...line, ms: deps.now() - asked });
  return read;
}
