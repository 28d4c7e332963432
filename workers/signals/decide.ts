import type { Config } from "../../src/config.ts";
import { type ModelFields, NOT_ASKED, modelVerdict, ruleFields } from "../../src/signals/decision-parts.ts";
import type { DeepseekDependencies } from "../../src/signals/deepseek.ts";
import type { Decision } from "../../src/signals/ledger.ts";
import { PROMPT_VERSION } from "../../src/signals/prompt.ts";
import type { RuleVerdict } from "../../src/signals/rule-model.ts";
import { comparedWindow } from "../../src/signals/signal-input.ts";
import { type Analyst, type Verdict, decidingAnalyst, failedVerdict } from "../../src/signals/verdict.ts";
import { askModel } from "./ask-model.ts";
import type { OpenSpike } from "./spike-queue.ts";
import { readStanding } from "./track-records.ts";

/** Who decided what. */
interface Judgement {
  readonly analyst: Analyst;
  readonly verdict: Verdict;
  readonly model: ModelFields;
}

/**
 * Gets a verdict from the model, or from the rule model without a key and, where that is configured, after a failure of the
 * model, and calibrates it by the past of the analyst that decided.
 * @param rules the verdict of the rule model that is installed
 */
export async function decide(
  db: D1Database,
  config: Config,
  spike: OpenSpike,
  rules: RuleVerdict,
  deps: DeepseekDependencies,
): Promise<Decision> {
  const judgement = await judge(db, config, spike, rules, deps);
  return decisionOf(db, config, spike, rules, judgement, deps.now());
}

/** The decision on a spike whose run was interrupted: the model is not queried a second time. */
export function decideNothing(
  db: D1Database,
  config: Config,
  spike: OpenSpike,
  rules: RuleVerdict,
  reason: "late" | "interrupted",
  now: number,
): Promise<Decision> {
  const judgement = { analyst: decidingAnalyst(config), verdict: failedVerdict(reason), model: NOT_ASKED } as const;
  return decisionOf(db, config, spike, rules, judgement, now);
}

async function judge(db: D1Database, config: Config, spike: OpenSpike, rules: RuleVerdict, deps: DeepseekDependencies): Promise<Judgement> {
  const { DEEPSEEK_KEY: key } = config;
  if (key === null) return { analyst: "rules", verdict: { ...rules.verdict, reason_code: "no_key" }, model: NOT_ASKED };
  const answer = await askModel(db, config, key, spike, rules, deps);
  const { verdict, fields } = modelVerdict(answer, spike.input);
  // Its own name stands under the verdict of the rule model, with the reason why the model did not decide.
  if (answer.forecast === null && config.LIQUIDATION_AI_FALLBACK === "rules") {
    return { analyst: "rules", verdict: { ...rules.verdict, reason_code: verdict.reason_code }, model: fields };
  }
  return { analyst: "deepseek", verdict, model: fields };
}

async function decisionOf(
  db: D1Database,
  config: Config,
  spike: OpenSpike,
  rules: RuleVerdict,
  { analyst, verdict, model }: Judgement,
  now: number,
): Promise<Decision> {
  const key = {
    analyst,
    model: analyst === "deepseek" ? config.LIQUIDATION_AI_MODEL : rules.version,
    prompt_version: analyst === "deepseek" ? PROMPT_VERSION : null,
  } as const;
  const { calibrate, ...standing } = await readStanding(db, key);
  const { long, short } = comparedWindow(spike.input).sides;
  return {
    signal_id: spike.signal_id,
    created_time: now,
    minute: spike.minute,
    symbol: spike.symbol,
    window: spike.window,
    trigger: spike.input.trigger.kind,
    ...verdict,
    calibrated_probability: verdict.action === "NOTHING" ? null : calibrate(verdict.confidence),
    ...standing,
    long_change_pct: long.change_pct,
    short_change_pct: short.change_pct,
    statistics: spike.input,
    ...key,
    ...model,
    ...ruleFields(rules),
  };
}
