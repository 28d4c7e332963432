export const ACTIONS = ["BUY", "SELL", "NOTHING"] as const;
export type Action = (typeof ACTIONS)[number];

export const ANALYSTS = ["deepseek", "rules"] as const;
export type Analyst = (typeof ANALYSTS)[number];

/**
 * Why the model did not decide. Each gives `NOTHING` with confidence 0, save `no_key`, where the rule model decides.
 * `http_*` is the status of the last attempt.
 */
export type ReasonCode =
  | "no_key"
  | "budget"
  | "timeout"
  | "network"
  | `http_${number}`
  | "parse_error"
  | "schema_error"
  | "truncated"
  | "unfinished"
  | "interrupted"
  | "internal";

/** What an analyst says of one input. */
export interface Verdict {
  readonly action: Action;
  /** 0 to 100: the analyst's own word for how likely the action is to pay within the hour. */
  readonly confidence: number;
  readonly reason: string;
  readonly reason_code: ReasonCode | null;
  /** What would show the verdict to be wrong. */
  readonly invalidation: string | null;
}

const REASONS: Readonly<Record<string, string>> = {
  budget: "The daily token budget of the model is used up.",
  timeout: "The model did not answer in time.",
  network: "The model could not be reached.",
  parse_error: "The model's reply is not the JSON that was asked for.",
  schema_error: "The model's reply does not have the fields that were asked for.",
  truncated: "The model's reply was cut off.",
  unfinished: "The model did not finish its reply.",
  interrupted: "The run ended before the model had answered.",
  internal: "The decision failed here; the log says why.",
};

/** The verdict where there is none: never an action, never a default confidence. */
export function failedVerdict(code: ReasonCode): Verdict {
  const reason = REASONS[code] ?? `The model answered with ${code.replace("_", " ").toUpperCase()}.`;
  return { action: "NOTHING", confidence: 0, reason, reason_code: code, invalidation: null };
}
