import * as z from "zod";
import { MAX_RULE_CHARACTERS, parseRule } from "../../../src/rules/parse-rule.ts";
import { RuleError } from "../../../src/rules/rule-error.ts";
import { ESCALATION_NEEDS, type Rule, isOfLiquidations } from "../../../src/rules/rule-tree.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import { hasChanges } from "../http/read-body.ts";

export const MAX_RULE_SYMBOLS = 10;
export const MAX_PREVIEW_MS = 7 * DAY_MS;
const MAX_OFFSET_MINUTES = 14 * 60;
const TEXT_RULE = `must be a rule of up to ${MAX_RULE_CHARACTERS} characters such as usd_value > 1_000_000`;
const HOUR_RULE = "must be a time of day from 00:00 to 23:59";
const ESCALATE_RULE = "must be whole seconds from 10 to 86400, or null";
const DIGEST_RULE = "must be whole minutes from 5 to 1440, or null";
const OFFSET_RULE = `must be whole minutes from -${MAX_OFFSET_MINUTES} to ${MAX_OFFSET_MINUTES}`;

const text = z
  .string({ error: TEXT_RULE })
  .max(MAX_RULE_CHARACTERS, TEXT_RULE)
  .meta({
    description: "The rule: a condition over the fields of GET /v1/rules/fields, and for and cooldown.",
    examples: ["long_usd_5m > p99(long_usd_5m, 7d) and spread_bps < 5 for 30s cooldown 15m"],
  });
const symbols = z
  .array(parameters.symbol, { error: "must be a list of base assets such as BTC" })
  .min(1, "must have 1 to 10 base assets")
  .max(MAX_RULE_SYMBOLS, "must have 1 to 10 base assets")
  .transform((names) => [...new Set(names)])
  .meta({
    description: `Base assets that the rule is looked at for, 1 to ${MAX_RULE_SYMBOLS}.`,
    override: { type: "array", minItems: 1, maxItems: MAX_RULE_SYMBOLS, items: { type: "string" }, examples: [["BTC"]] },
  });
const hour = z.string({ error: HOUR_RULE }).regex(/^([01]\d|2[0-3]):[0-5]\d$/, HOUR_RULE);
const quietHours = z
  .strictObject(
    {
      start: hour,
      end: hour,
      utc_offset_minutes: z
        .int({ error: OFFSET_RULE })
        .min(-MAX_OFFSET_MINUTES, OFFSET_RULE)
        .max(MAX_OFFSET_MINUTES, OFFSET_RULE)
        .default(0),
    },
    { error: 'must be null or an object such as {"start": "22:00", "end": "07:00", "utc_offset_minutes": 60}' },
  )
  .refine(({ start, end }) => start !== end, "must not start when they end")
  .nullable()
  .meta({ description: "Hours of the day in which what happens is collected and delivered afterwards as one rule.digest; null for none." });

const settings = {
  name: z.string({ error: "must be a string" }).trim().min(1, "must have 1 to 100 characters").max(100, "must have 1 to 100 characters"),
  rule: text,
  symbols,
  enabled: z.boolean({ error: "must be true or false" }),
  escalate_after_s: z.int({ error: ESCALATE_RULE }).min(10, ESCALATE_RULE).max(86_400, ESCALATE_RULE).nullable().meta({
    description: "Seconds after it fired in which its condition has to go on holding until it escalates; null for never.",
  }),
  quiet_hours: quietHours,
  digest_minutes: z.int({ error: DIGEST_RULE }).min(5, DIGEST_RULE).max(1_440, DIGEST_RULE).nullable().meta({
    description: "Deliveries of so many minutes are collected into one rule.digest; null for each at once.",
  }),
};

/** The request body of `POST /v1/rules`. */
export const newRule = z
  .strictObject({
    ...settings,
    enabled: settings.enabled.default(true),
    escalate_after_s: settings.escalate_after_s.default(null),
    quiet_hours: settings.quiet_hours.default(null),
    digest_minutes: settings.digest_minutes.default(null),
  })
  .meta({ id: "NewRule" });

/** The request body of `PATCH /v1/rules/{id}`. */
export const ruleChanges = z
  .strictObject(settings)
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, hasChanges(`must have at least one of ${Object.keys(settings).join(", ")}`))
  .meta({ id: "RuleChanges" });

const time = z
  .union([z.int(), z.string()], { error: "must be a time: milliseconds since 1970, or ISO 8601 with Z or an offset" })
  .transform(String)
  .pipe(parameters.time);
const timeForm: { readonly override: { type: ("integer" | "string")[] } } = { override: { type: ["integer", "string"] } };

/** The request body of `POST /v1/rules/preview`. */
export const previewBody = z
  .strictObject({
    rule: text,
    symbols,
    start: time
      .optional()
      .meta({ description: "Start of the range, at most 7 days before its end. Default: 24 h before it.", ...timeForm }),
    end: time.optional().meta({ description: "End of the range, exclusive. Default: now.", ...timeForm }),
    escalate_after_s: settings.escalate_after_s.default(null),
  })
  .meta({ id: "NewRulePreview" });

/**
 * The range of a preview.
 * @throws {ProblemError} 400 where it is impossible
 */
export function previewRange({ start, end = undefined }: Pick<z.output<typeof previewBody>, "start" | "end">, now: number): TimeRange {
  const until = end ?? now;
  const from = start ?? until - DAY_MS;
  if (until > now) throw badParameters([{ parameter: "end", detail: "must not lie in the future" }]);
  if (from >= until) throw badParameters([{ parameter: "start", detail: "must be before end" }]);
  if (until - from > MAX_PREVIEW_MS)
    throw badParameters([{ parameter: "start", detail: `must be at most ${MAX_PREVIEW_MS / HOUR_MS} h before end` }]);
  return { start: from, end: until };
}

/**
 * Reads the rule of a request.
 * @throws {ProblemError} 400 with the line and column of the mistake and what is allowed there, or for an escalation of a rule
 * about single liquidations, which do not last
 */
export function ruleOfBody({ rule, escalate_after_s: escalation }: Pick<z.output<typeof newRule>, "rule" | "escalate_after_s">): Rule {
  const read = readRule(rule);
  if (escalation !== null && isOfLiquidations(read))
    throw badParameters([{ parameter: "escalate_after_s", detail: `must be null: ${ESCALATION_NEEDS}` }]);
  return read;
}

function readRule(rule: string): Rule {
  try {
    return parseRule(rule);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const { line, column, message, nearest } = error;
    throw new ProblemError("bad_rule", message, {
      errors: [{ parameter: "rule", detail: message, line, column }],
      ...(nearest.length > 0 ? { nearest } : {}),
    });
  }
}
