export const ACTIONS = ["BUY", "SELL", "NOTHING"] as const;
export type Action = (typeof ACTIONS)[number];

export const ANALYSTS = ["deepseek", "rules"] as const;
export type Analyst = (typeof ANALYSTS)[number];

/** The analyst that decides: the language model where it has a key. */
export function decidingAnalyst({ DEEPSEEK_KEY: key }: { readonly DEEPSEEK_KEY: string | null }): Analyst {
  return key === null ? "rules" : "deepseek";
}

/** Who decides where the model fails. */
export const FALLBACKS = ["nothing", "rules"] as const;
export type Fallback = (typeof FALLBACKS)[number];

/**
 * Reasons why the model did not decide. Each gives `NOTHING` with confidence 0, except `no_key`, where the rule model
 * decides, as it does after a failure with `LIQUIDATION_AI_FALLBACK=rules`. `http_*` is the status of the last attempt;
 * with `no_volatility` the model answered, but what a move is worth is unknown.
 */
export type ReasonCode =
  | "no_key"
  | "budget"
  | "timeout"
  | "network"
  | `http_${number}`
  | "parse_error"
  | "schema_error"
  | "too_long"
  | "truncated"
  | "unfinished"
  | "contradictory"
  | "certain"
  | "no_volatility"
  | "interrupted"
  | "late"
  | "internal";

/** The verdict of an analyst on one input. */
export interface Verdict {
  readonly action: Action;
  /** Probability in percent that the action earns more than its cost within one hour, as stated by the analyst; 0 for NOTHING. */
  readonly confidence: number;
  readonly reason: string;
  readonly reason_code: ReasonCode | null;
  /** The condition that would prove the verdict wrong. */
  readonly invalidation: string | null;
}

const REASONS: Readonly<Record<string, string>> = {
  budget: "The daily token budget of the model is used up.",
  timeout: "The model did not respond in time.",
  network: "The model could not be reached.",
  parse_error: "The reply of the model is not valid JSON.",
  schema_error: "The reply of the model lacks required fields.",
  too_long: "The reply of the model is longer than 64 kB.",
  truncated: "The reply of the model was cut off.",
  unfinished: "The model did not finish its reply.",
  contradictory: "The probabilities of the model add up to more than 1.",
  certain: "The model claims to know the future: a probability of 1, or of 0 for both.",
  no_volatility: "The volatility is unknown, so that no return can be expected.",
  interrupted: "The run ended before the model responded.",
  late: "The spike was found more than two minutes after it happened.",
  internal: "The decision failed; the log states the reason.",
};

/** The verdict after a failure: never an action, never a default confidence. */
export function failedVerdict(code: ReasonCode): Verdict {
  const reason = REASONS[code] ?? `The model returned ${code.replace("_", " ").toUpperCase()}.`;
  return { action: "NOTHING", confidence: 0, reason, reason_code: code, invalidation: null };
}
