import * as z from "zod";
import { COST_BPS, HORIZON_NAMES } from "../../../src/signals/grade.ts";
import type { SignalRecord } from "../../../src/signals/ledger.ts";
import { ACTIONS, ANALYSTS } from "../../../src/signals/verdict.ts";
import type { GradeRow } from "../../signals/grade-rows.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";
import { signalInputSchema } from "./signal-input.ts";

const sha256 = (description: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description, examples: ["5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652"] });

const decision = {
  sequence: z.int().meta({ description: "1 for the first, without a hole.", examples: [17] }),
  signal_id: z.string().meta({ description: "Of base asset, window and minute.", examples: ["BTC-15m-20261121T0905Z"] }),
  created_time: timeMs.meta({ description: "When it was decided, milliseconds since 1970 UTC.", examples: [1_795_251_904_120] }),
  minute: timeMs.meta({ description: "When it was due, milliseconds since 1970 UTC.", examples: [1_795_251_900_000] }),
  symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
  window: z.string().meta({ description: "The window that was compared.", examples: ["15m"] }),
  action: z.enum(ACTIONS).meta({ description: "Every failure is NOTHING.", examples: ["SELL"] }),
  confidence: z
    .number()
    .meta({ description: "0 to 100: the analyst's own word for how likely the action is to pay within the hour.", examples: [63] }),
  calibrated_probability: z
    .number()
    .nullable()
    .meta({
      description: "Share, 0 to 1, of graded decisions of like confidence that came true; null until 100 are graded, and for NOTHING.",
      examples: [null],
    }),
  paper: z.boolean().meta({ description: "True while the record does not show skill: not to be acted on.", examples: [true] }),
  reason: z.string().meta({ examples: ["Longs accelerate on three venues."] }),
  reason_code: z
    .string()
    .nullable()
    .meta({
      description:
        "Why the model did not decide: no_key, budget, timeout, network, http_<status>, parse_error, schema_error, truncated, unfinished, interrupted, internal. Null where it did. With no_key the rule model decided.",
      examples: [null],
    }),
  invalidation: z
    .string()
    .nullable()
    .meta({ description: "What would show the decision to be wrong; null where none was named.", examples: ["The mark recovers 84,100."] }),
  long_change_pct: z
    .number()
    .nullable()
    .meta({ description: "Rise of the window's liquidated longs, percent; null where there was nothing before.", examples: [212.4] }),
  short_change_pct: z
    .number()
    .nullable()
    .meta({ description: "Rise of the window's liquidated shorts, percent; null where there was nothing before.", examples: [-12.5] }),
  analyst: z.enum(ANALYSTS).meta({ description: "Who decided." }),
  model: z
    .string()
    .nullable()
    .meta({ description: "Of the analyst deepseek; else null.", examples: ["deepseek-flash"] }),
  prompt_version: z
    .string()
    .nullable()
    .meta({ description: "Version of the prompt the model answered; null where no model decided.", examples: ["v2"] }),
  rule_action: z.enum(ACTIONS).meta({ description: "What the rule model would have done.", examples: ["NOTHING"] }),
  input_hash: sha256("SHA-256 of the canonical JSON of statistics."),
  previous_hash: sha256("hash of the record before; 64 zeros in the first."),
  hash: sha256("SHA-256 of the canonical JSON of all other fields."),
} satisfies FieldsOf<Omit<SignalRecord, "statistics">>;

const statistics = signalInputSchema.nullable().meta({
  description:
    "The exact input, as it was sealed: inputs from before prompt version v2 say heard_share for uptime_share. Null only where the stored text is not valid JSON.",
});

/** A decision as the webhooks tell of it. */
export const decisionSchema = z.object(decision).meta({ id: "Decision", description: "A decision without its input." });

export const listedSignalSchema = z
  .object({
    ...decision,
    statistics: statistics.optional().meta({ description: "The exact input, where it was asked for by include=statistics." }),
  })
  .meta({ id: "Signal", description: "A decision as the ledger keeps it." });

const horizon = z.enum(HORIZON_NAMES).meta({ description: "How long after entry it is graded.", examples: ["1h"] });
const netBps = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}, bps after ${COST_BPS} bps of cost` });
const untilGraded = "null until it is graded, and where it cannot be.";

export const gradeFields = {
  graded_time: timeMs
    .nullable()
    .meta({ description: `Milliseconds since 1970 UTC; null until it is graded.`, examples: [1_795_255_680_000] }),
  problem: z
    .string()
    .nullable()
    .meta({ description: "Why it cannot be graded: no_entry_mark, no_exit_mark. Null where it can.", examples: [null] }),
  entry_time: timeMs.nullable().meta({ description: `Minute of the entry, ms; ${untilGraded}`, examples: [1_795_251_960_000] }),
  entry_price: z
    .number()
    .nullable()
    .meta({ description: `Mark price; ${untilGraded}`, examples: [83_540.1] }),
  exit_time: timeMs.nullable().meta({ description: `Minute of the exit, ms; ${untilGraded}`, examples: [1_795_255_560_000] }),
  exit_price: z
    .number()
    .nullable()
    .meta({ description: `Mark price; ${untilGraded}`, examples: [83_012.6] }),
  forward_return_bps: z
    .number()
    .nullable()
    .meta({ description: `Of the mark, whatever the action, bps; ${untilGraded}`, examples: [-63.1] }),
  best_excursion_bps: z
    .number()
    .nullable()
    .meta({ description: `The most the position was ahead, bps before cost; of NOTHING, of buying; ${untilGraded}`, examples: [88.2] }),
  worst_excursion_bps: z
    .number()
    .nullable()
    .meta({ description: `The least the position was ahead, bps before cost; of NOTHING, of buying; ${untilGraded}`, examples: [-9.4] }),
  net_return_bps: netBps("Of the action; null for NOTHING"),
  random_net_return_bps: netBps("The same action at a random time before; null for NOTHING and where marks are missing"),
  fade_net_return_bps: netBps("Against the forced flow at the same time; null where neither side dominated"),
  follow_net_return_bps: netBps("With the forced flow at the same time; null where neither side dominated"),
};

const gradeSchema = z
  .object({
    horizon,
    due_time: timeMs.meta({
      description: "When it is graded at the earliest, milliseconds since 1970 UTC.",
      examples: [1_795_255_680_000],
    }),
    ...gradeFields,
  } satisfies FieldsOf<Omit<GradeRow, "signal_id">>)
  .meta({ id: "Grade", description: "What became of a decision over one horizon." });

export const signalSchema = z
  .object({
    ...decision,
    statistics,
    grades: z.array(gradeSchema).meta({ description: "By horizon, those to come included." }),
  })
  .meta({ id: "SignalWithGrades", description: "A decision with its input and its grades." });

/** A grade as the webhooks tell of it. */
export const gradedDecisionSchema = z
  .object({
    signal_id: decision.signal_id,
    horizon,
    symbol: decision.symbol,
    action: decision.action,
    ...gradeFields,
  })
  .meta({ id: "GradedDecision", description: "A decision's grade at one horizon." });
