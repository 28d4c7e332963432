import * as z from "zod";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { GRADE_VERSION, type GradeRow, HORIZON_NAMES } from "../../../src/grades/grade.ts";
import type { GradeRecord } from "../../../src/grades/grade-ledger.ts";
import { TRIGGERS } from "../../../src/signals/trigger.ts";
import {
  type ForecastFields,
  RECORD_VERSION,
  type SignalRecord,
  type StandingFields,
  type TriggerFields,
} from "../../../src/signals/ledger.ts";
import { ACTIONS, ANALYSTS } from "../../../src/signals/verdict.ts";
import type { SignalContext } from "../../../src/webhooks/signal-context.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";
import { signalInputSchema } from "./signal-input.ts";

const sha256 = (description: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description, examples: ["5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652"] });

const probability = (description: string, missing: string) =>
  z
    .number()
    .nullable()
    .optional()
    .meta({ description: `${description}; null ${missing}. Absent in earlier records.` });
const count = (description: string, example: number) =>
  z
    .int()
    .optional()
    .meta({ description: `${description} Absent in earlier records.`, examples: [example] });

const UNLESS_STATED = "where it stated none";
const OF_ONE = "with fewer than two samples";

const forecast = {
  record_version: z
    .literal(RECORD_VERSION)
    .optional()
    .meta({ description: "Version of the record. Earlier records lack this field and those named so; their hashes do not cover them." }),
  p_up: probability("Probability that the price is higher by more than the cost after 1 h, by the model, 0 to 1", UNLESS_STATED),
  p_down: probability("Probability that the price is lower by more than the cost after 1 h, by the model, 0 to 1", UNLESS_STATED),
  p_up_deviation: probability("Standard deviation of p_up over the samples", OF_ONE),
  p_down_deviation: probability("Standard deviation of p_down over the samples", OF_ONE),
  samples_asked: count("Number of times the model was asked.", 1),
  samples_used: count("Number of its usable replies: p_up and p_down are their means.", 1),
  expected_net_bps: probability(
    "Expected return after cost of the better of BUY and SELL, bps: (p_up − p_down) (sigma_1h_bps/√2 + cost_bps) − cost_bps for BUY",
    "without a forecast of the model",
  ),
  rule_version: z
    .string()
    .optional()
    .meta({ description: "Version of the rule model. Absent in earlier records.", examples: ["rules-v1"] }),
  rule_confidence: z
    .number()
    .optional()
    .meta({ description: "Confidence of the rule model on the same input, 0 to 100. Absent in earlier records.", examples: [0] }),
  rule_probability: probability(
    "Probability by the rule model that trading against the forced flow earns more than its cost, 0 to 1",
    "where none was trained",
  ),
  rule_reason: z
    .string()
    .optional()
    .meta({ description: "Reason given by the rule model. Absent in earlier records.", examples: ["Neither side dominates."] }),
} satisfies { readonly [Name in keyof ForecastFields]: z.ZodType<ForecastFields[Name] | undefined> };

const standing = {
  wealth: z
    .number()
    .optional()
    .meta({
      description:
        "Wealth of a bettor on the record of the analyst, model and prompt when the decision was made: paper ends at 20 and begins again under 2. Absent in earlier records.",
      examples: [1.42],
    }),
  grades_known: z
    .int()
    .optional()
    .meta({
      description:
        "Number of the last grade of the chain that was known then: paper and wealth follow from the decisions before this one and the grades up to that one. Absent in earlier records.",
      examples: [310],
    }),
} satisfies { readonly [Name in keyof StandingFields]: z.ZodType<StandingFields[Name] | undefined> };

const trigger = {
  trigger: z
    .enum(TRIGGERS)
    .optional()
    .meta({
      description:
        "Reason for which a decision was asked for: spike, a window that the spike rule calls one; escalation, one with twice the USD of a spike within whose cool-down it falls; turn, the flush of a spike that is exhausted while the mark price comes back. Absent in earlier records.",
      examples: ["spike"],
    }),
} satisfies { readonly [Name in keyof TriggerFields]: z.ZodType<TriggerFields[Name] | undefined> };

const decision = {
  sequence: z.int().meta({ description: "Place of the record in the ledger: 1 for the first, without holes.", examples: [17] }),
  signal_id: z.string().meta({
    description: "Id of the signal: base asset, window and minute; that of a turn ends with -turn.",
    examples: ["BTC-15m-20261121T0905Z"],
  }),
  created_time: timeMs.meta({ description: "Time of the decision, milliseconds since 1970 UTC.", examples: [1_795_251_904_120] }),
  minute: timeMs.meta({
    description:
      "Minute whose windows were judged, milliseconds since 1970 UTC: up to a minute after the decision where a burst was judged at once.",
    examples: [1_795_251_900_000],
  }),
  symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
  window: z.string().meta({ description: "Name of the compared window.", examples: ["15m"] }),
  action: z.enum(ACTIONS).meta({ description: "Action that was decided. Any failure results in NOTHING.", examples: ["SELL"] }),
  confidence: z.number().meta({
    description:
      "Probability in percent, 0 to 100, that the action earns more than its cost within one hour, as stated by the analyst: p_up of the model for BUY, p_down for SELL; 0 for NOTHING.",
    examples: [63],
  }),
  calibrated_probability: z
    .number()
    .nullable()
    .meta({
      description:
        "Probability that the action earns more than its cost within one hour, from the graded decisions of the same analyst, model and prompt with similar confidence, between 0 and 1 and never either; null until 100 of them are graded, and for NOTHING.",
      examples: [null],
    }),
  paper: z.boolean().meta({
    description:
      "True while the record of the analyst, model and version of the prompt does not show that it earns: do not act on the signal.",
    examples: [true],
  }),
  reason: z.string().meta({ description: "Reason given by the analyst.", examples: ["Longs accelerate on three venues."] }),
  reason_code: z
    .string()
    .nullable()
    .meta({
      description:
        "Reason why the model did not decide: no_key, budget, timeout, network, http_<status>, parse_error, schema_error, too_long, truncated, unfinished, contradictory, certain, no_volatility, interrupted, late or internal; null where it did. Where analyst is rules, the rule model decided: with no_key, or after a failure with LIQUIDATION_AI_FALLBACK=rules. Decisions that are late or interrupted are recorded but not published.",
      examples: [null],
    }),
  invalidation: z
    .string()
    .nullable()
    .meta({
      description: "Condition that would prove the decision wrong; null where the analyst named none.",
      examples: ["The mark recovers 84,100."],
    }),
  long_change_pct: z
    .number()
    .nullable()
    .meta({
      description: "Change of liquidated longs against the previous window, percent; null where the previous window has none.",
      examples: [212.4],
    }),
  short_change_pct: z
    .number()
    .nullable()
    .meta({
      description: "Change of liquidated shorts against the previous window, percent; null where the previous window has none.",
      examples: [-12.5],
    }),
  analyst: z.enum(ANALYSTS).meta({ description: "Analyst that made the decision: deepseek (a language model) or rules." }),
  model: z
    .string()
    .nullable()
    .meta({
      description:
        "Model of the analyst: the language model of deepseek, or the version of the rule model; null for rules in decisions before versions were kept.",
      examples: ["deepseek-flash"],
    }),
  prompt_version: z
    .string()
    .nullable()
    .meta({ description: "Version of the prompt the model answered; null where no model decided.", examples: ["v6"] }),
  rule_action: z.enum(ACTIONS).meta({ description: "Action that the rule model would have decided.", examples: ["NOTHING"] }),
  ...forecast,
  ...standing,
  ...trigger,
  input_hash: sha256("SHA-256 of the canonical JSON of statistics."),
  previous_hash: sha256("Hash of the previous record; 64 zeros in the first one."),
  hash: sha256("SHA-256 of the canonical JSON of all other fields of the record."),
} satisfies FieldsOf<Omit<SignalRecord, "statistics">>;

const statistics = signalInputSchema.nullable().meta({
  description:
    "Exact input of the decision, as it was hashed. In older records uptime_share has its former name heard_share. Null only where the stored text is not valid JSON.",
});

const usd = (description: string, example: number) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [example] });

const context = z
  .object({
    side: z
      .enum(POSITION_SIDES)
      .nullable()
      .meta({ description: "Side with more liquidated USD in the compared window; null where both have the same.", examples: ["long"] }),
    side_usd: usd("USD of that side in the compared window.", 12_400_000),
    long_usd: usd("USD of liquidated longs in the compared window; null where unknown.", 12_400_000),
    short_usd: usd("USD of liquidated shorts in the compared window; null where unknown.", 300_000),
    mark_exchange: z.enum(EXCHANGES).nullable().meta({ description: "Venue of the mark price and the return; null where unknown." }),
    mark_price: usd("Mark price before the decision; null where unknown.", 84_012.5),
    return_15m_bps: z
      .number()
      .nullable()
      .meta({ description: "Return of the mark price over the last 15 minutes, bps; null where unknown.", examples: [-124] }),
    exchanges: z.array(z.enum(EXCHANGES)).meta({ description: "Venues of the sums.", examples: [["binance", "okx"]] }),
    missing_exchanges: z
      .array(z.enum(EXCHANGES))
      .meta({ description: "Venues that were not connected for a part of the window or the one before.", examples: [[]] }),
  } satisfies FieldsOf<SignalContext>)
  .meta({ id: "SignalContext", description: "The subject of a decision, in a few numbers of its input." });

/** A decision in the payload of a webhook, and in a frame of the stream. */
export const decisionSchema = z
  .object({
    ...decision,
    context: context.nullable().optional().meta({
      description: "Subject of the decision, in webhooks; null where its input cannot be read. Absent in the stream.",
    }),
  })
  .meta({ id: "Decision", description: "A decision without its input." });

export const listedSignalSchema = z
  .object({
    ...decision,
    statistics: statistics.optional().meta({ description: "Exact input of the decision; present only with include=statistics." }),
  })
  .meta({ id: "Signal", description: "A decision in the ledger." });

const horizon = z.enum(HORIZON_NAMES).meta({ description: "Time between entry and grading.", examples: ["1h"] });
const untilGraded = "null until the decision is graded, and where it cannot be.";
const bps = (description: string, missing: string, example: number | null) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}, bps; ${missing}`, examples: [example] });
const gradedBps = (description: string, example: number) => bps(description, untilGraded, example);
const costBps = (description: string, example: number) =>
  bps(description, "null where unknown: every net return is then null too. Also null in grades of version 1.", example);
const netBps = (description: string, missing: string, example: number | null) =>
  bps(`${description} after cost_bps and funding`, `null ${missing}, and where a part of the cost or funding_bps is unknown.`, example);

const gradeFields = {
  version: z
    .int()
    .nullable()
    .meta({
      description:
        "Version of the method. 1: marks of several venues on one path, a cost of 10 bps, no chain. 2: one venue's marks, its cost in parts, chained; an unknown part counts as 0. 3: no net return where a part is unknown. null until the decision is graded.",
      examples: [GRADE_VERSION],
    }),
  graded_time: timeMs.nullable().meta({
    description: `Time of the grading, milliseconds since 1970 UTC; null until the decision is graded.`,
    examples: [1_795_255_680_000],
  }),
  problem: z
    .string()
    .nullable()
    .meta({
      description:
        "Reason why the decision has no grade or no net return. Without a path, all figures are null: no_entry_mark (no venue has a mark near the entry), few_samples (none has 30 mark prices in a minute there), no_exit_mark (the venue of the entry has no mark near the exit; no other venue takes its place) or bad_mark (a stored price is not above zero). With a path, but a part of its cost unknown, net returns are null: unknown_fee (no venue with a known taker fee has a mark there), unknown_spread (at both ends), unknown_impact (no volume, or fewer than 30 returns, in the hour before the entry) or unknown_funding (the rate or the time of a settlement on the path). null where all is known.",
      examples: [null],
    }),
  exchange: z
    .enum(EXCHANGES)
    .nullable()
    .meta({
      description: `Venue whose marks the whole path is made of: the one with the most mark prices in the minute of the entry; ${untilGraded}`,
      examples: ["bybit"],
    }),
  samples: z
    .int()
    .nullable()
    .meta({ description: `Number of its mark prices in the minute of the entry, at least 30; ${untilGraded}`, examples: [214] }),
  entry_time: timeMs
    .nullable()
    .meta({ description: `Minute of the entry, milliseconds since 1970 UTC; ${untilGraded}`, examples: [1_795_251_960_000] }),
  entry_price: z
    .number()
    .nullable()
    .meta({ description: `Mark price at entry; ${untilGraded}`, examples: [83_540.1] }),
  exit_time: timeMs
    .nullable()
    .meta({ description: `Minute of the exit, milliseconds since 1970 UTC; ${untilGraded}`, examples: [1_795_255_560_000] }),
  exit_price: z
    .number()
    .nullable()
    .meta({ description: `Mark price at exit; ${untilGraded}`, examples: [83_012.6] }),
  forward_return_bps: gradedBps("Return of the mark price before cost, whatever the action", -63.1),
  best_excursion_bps: gradedBps("Largest gain of the position along the way before cost; for NOTHING, of a bought position", 88.2),
  worst_excursion_bps: gradedBps(
    "Smallest gain, or largest loss, of the position along the way before cost; for NOTHING, of a bought position",
    -9.4,
  ),
  fee_bps: gradedBps("Two taker fees of the venue", 11),
  spread_bps: costBps("Half the spread at entry and half of it at exit; where only one end's is known, it stands for both", 0.2),
  impact_10k_bps: costBps("Market impact of an order of 10,000 USD by the square-root law", 0.9),
  impact_100k_bps: costBps("Market impact of an order of 100,000 USD", 2.8),
  impact_1m_bps: costBps("Market impact of an order of 1,000,000 USD", 9),
  cost_bps: bps(
    "Cost at 10,000 USD, whatever the direction: the sum of fee_bps, spread_bps and impact_10k_bps",
    "null where one of them is. In grades of version 2 a part that is null is not in it.",
    12.1,
  ),
  funding_bps: costBps("Funding that a bought position paid over the path, negative where it received; a sold one the opposite", 0),
  net_return_bps: netBps("Return of the action", "for NOTHING", 51),
  rule_net_return_bps: netBps("Return of the rule model's action on the same input", "where that was NOTHING", 51),
  fade_net_return_bps: netBps("Return of trading against the forced flow at the same time", "where neither side dominated", -75.2),
  follow_net_return_bps: netBps("Return of trading with the forced flow at the same time", "where neither side dominated", 51),
  random_net_return_bps: netBps(
    "Mean return of the same action at up to 200 earlier random times, matched by hour of the week and volatility,",
    "for NOTHING and with fewer than 20 draws",
    -13.4,
  ),
  random_hit_rate: z
    .number()
    .nullable()
    .meta({
      description: "Share of these random times with a return above zero, 0 to 1; null for NOTHING and with fewer than 20 draws.",
      examples: [0.38],
    }),
  random_draws: z
    .int()
    .nullable()
    .meta({ description: "Number of these random times; null for NOTHING.", examples: [200] }),
};

const notChained = "null until the decision is graded, and in grades of version 1.";
const rowFields = {
  horizon,
  due_time: timeMs.meta({
    description: "Earliest time of the grading, milliseconds since 1970 UTC.",
    examples: [1_795_255_680_000],
  }),
  ...gradeFields,
  signal_hash: sha256(`Hash of the decision's record; ${notChained}`).nullable(),
  sequence: z
    .int()
    .nullable()
    .meta({ description: `Place of the grade in the chain of grades: 1 for the first, without holes; ${notChained}`, examples: [81] }),
  previous_hash: sha256(`Hash of the previous grade; 64 zeros in the first one; ${notChained}`).nullable(),
  hash: sha256(`SHA-256 of the canonical JSON of all other fields and signal_id; ${notChained}`).nullable(),
} satisfies FieldsOf<Omit<GradeRow, "signal_id">>;

const gradeSchema = z.object(rowFields).meta({ id: "Grade", description: "Outcome of a decision over one horizon." });

export const signalSchema = z
  .object({
    ...decision,
    statistics,
    grades: z.array(gradeSchema).meta({ description: "Grades by horizon, including those still pending." }),
  })
  .meta({ id: "SignalWithGrades", description: "A decision, with its input and grades." });

const chainedFields = {
  signal_id: decision.signal_id,
  ...rowFields,
  signal_hash: sha256("Hash of the decision's record."),
  sequence: z.int().meta({ description: "Place of the grade in the chain of grades: 1 for the first, without holes.", examples: [81] }),
  previous_hash: sha256("Hash of the previous grade; 64 zeros in the first one."),
  hash: sha256("SHA-256 of the canonical JSON of all other fields."),
} satisfies FieldsOf<GradeRecord>;

/** A grade in the chain of grades. */
export const chainedGradeSchema = z
  .object(chainedFields)
  .meta({ id: "ChainedGrade", description: "Outcome of a decision over one horizon, in the order in which grades were given." });

/** A grade in the payload of a webhook. */
export const gradedDecisionSchema = z
  .object({
    symbol: decision.symbol,
    action: decision.action,
    confidence: decision.confidence,
    paper: decision.paper,
    ...chainedFields,
  })
  .meta({ id: "GradedDecision", description: "Grade of a decision over one horizon." });
