import * as z from "zod";
import { COST_BPS, type GradeRow, HORIZON_NAMES } from "../../../src/signals/grade.ts";
import type { SignalRecord } from "../../../src/signals/ledger.ts";
import { ACTIONS, ANALYSTS } from "../../../src/signals/verdict.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";
import { signalInputSchema } from "./signal-input.ts";

const sha256 = (description: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description, examples: ["5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652"] });

const decision = {
  sequence: z.int().meta({ description: "Place of the record in the ledger: 1 for the first, without holes.", examples: [17] }),
  signal_id: z.string().meta({ description: "Id of the signal: base asset, window and minute.", examples: ["BTC-15m-20261121T0905Z"] }),
  created_time: timeMs.meta({ description: "Time of the decision, milliseconds since 1970 UTC.", examples: [1_795_251_904_120] }),
  minute: timeMs.meta({ description: "Scheduled minute of the decision, milliseconds since 1970 UTC.", examples: [1_795_251_900_000] }),
  symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
  window: z.string().meta({ description: "Name of the compared window.", examples: ["15m"] }),
  action: z.enum(ACTIONS).meta({ description: "Action that was decided. Any failure results in NOTHING.", examples: ["SELL"] }),
  confidence: z.number().meta({
    description: "Probability in percent, 0 to 100, that the action earns more than its cost within one hour, as stated by the analyst.",
    examples: [63],
  }),
  calibrated_probability: z
    .number()
    .nullable()
    .meta({
      description:
        "Share of graded decisions with similar confidence that earned more than their cost, 0 to 1; null until 100 decisions are graded, and for NOTHING.",
      examples: [null],
    }),
  paper: z.boolean().meta({ description: "True while the track record does not show skill: do not act on the signal.", examples: [true] }),
  reason: z.string().meta({ description: "Reason given by the analyst.", examples: ["Longs accelerate on three venues."] }),
  reason_code: z
    .string()
    .nullable()
    .meta({
      description:
        "Reason why the model did not decide: no_key, budget, timeout, network, http_<status>, parse_error, schema_error, too_long, truncated, unfinished, interrupted, late or internal; null where it did. With no_key the rule model decided. Decisions that are late or interrupted are recorded but not published.",
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
    .meta({ description: "Language model of the analyst deepseek; null for rules.", examples: ["deepseek-flash"] }),
  prompt_version: z
    .string()
    .nullable()
    .meta({ description: "Version of the prompt the model answered; null where no model decided.", examples: ["v2"] }),
  rule_action: z.enum(ACTIONS).meta({ description: "Action that the rule model would have decided.", examples: ["NOTHING"] }),
  input_hash: sha256("SHA-256 of the canonical JSON of statistics."),
  previous_hash: sha256("Hash of the previous record; 64 zeros in the first one."),
  hash: sha256("SHA-256 of the canonical JSON of all other fields of the record."),
} satisfies FieldsOf<Omit<SignalRecord, "statistics">>;

const statistics = signalInputSchema.nullable().meta({
  description:
    "Exact input of the decision, as it was hashed. In older records uptime_share has its former name heard_share. Null only where the stored text is not valid JSON.",
});

/** A decision in the payload of a webhook. */
export const decisionSchema = z.object(decision).meta({ id: "Decision", description: "A decision without its input." });

export const listedSignalSchema = z
  .object({
    ...decision,
    statistics: statistics.optional().meta({ description: "Exact input of the decision; present only with include=statistics." }),
  })
  .meta({ id: "Signal", description: "A decision in the ledger." });

const horizon = z.enum(HORIZON_NAMES).meta({ description: "Time between entry and grading.", examples: ["1h"] });
const netBps = (description: string, missing: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}, bps after ${COST_BPS} bps of cost; null ${missing}.` });
const untilGraded = "null until the decision is graded, and where it cannot be.";

export const gradeFields = {
  graded_time: timeMs.nullable().meta({
    description: `Time of the grading, milliseconds since 1970 UTC; null until the decision is graded.`,
    examples: [1_795_255_680_000],
  }),
  problem: z
    .string()
    .nullable()
    .meta({
      description: "Reason why the decision cannot be graded: no_entry_mark or no_exit_mark; null where it can be.",
      examples: [null],
    }),
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
  forward_return_bps: z
    .number()
    .nullable()
    .meta({ description: `Return of the mark price, whatever the action, bps; ${untilGraded}`, examples: [-63.1] }),
  best_excursion_bps: z
    .number()
    .nullable()
    .meta({
      description: `Largest gain of the position along the way, bps before cost; for NOTHING, of a bought position; ${untilGraded}`,
      examples: [88.2],
    }),
  worst_excursion_bps: z
    .number()
    .nullable()
    .meta({
      description: `Smallest gain, or largest loss, of the position along the way, bps before cost; for NOTHING, of a bought position; ${untilGraded}`,
      examples: [-9.4],
    }),
  net_return_bps: netBps("Return of the action", "for NOTHING"),
  random_net_return_bps: netBps("Return of the same action at an earlier random time", "for NOTHING and where mark prices are missing"),
  fade_net_return_bps: netBps("Return of trading against the forced flow at the same time", "where neither side dominated"),
  follow_net_return_bps: netBps("Return of trading with the forced flow at the same time", "where neither side dominated"),
};

const gradeSchema = z
  .object({
    horizon,
    due_time: timeMs.meta({
      description: "Earliest time of the grading, milliseconds since 1970 UTC.",
      examples: [1_795_255_680_000],
    }),
    ...gradeFields,
  } satisfies FieldsOf<Omit<GradeRow, "signal_id">>)
  .meta({ id: "Grade", description: "Outcome of a decision over one horizon." });

export const signalSchema = z
  .object({
    ...decision,
    statistics,
    grades: z.array(gradeSchema).meta({ description: "Grades by horizon, including those still pending." }),
  })
  .meta({ id: "SignalWithGrades", description: "A decision, with its input and grades." });

/** A grade in the payload of a webhook. */
export const gradedDecisionSchema = z
  .object({
    signal_id: decision.signal_id,
    horizon,
    symbol: decision.symbol,
    action: decision.action,
    ...gradeFields,
  })
  .meta({ id: "GradedDecision", description: "Grade of a decision over one horizon." });
