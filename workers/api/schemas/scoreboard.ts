import * as z from "zod";
import { BASELINES, type Baseline, type BaselineScore } from "../../../src/scoreboard/baselines.ts";
import { HEADLINE_HORIZON, HORIZON_NAMES, type Horizon } from "../../../src/grades/grade.ts";
import { MUTED_UNDER, type MutingStatus, UNMUTED_AT } from "../../../src/scoreboard/muting.ts";
import { type Difference, MIN_SHOWN, type ReturnScore } from "../../../src/scoreboard/return-score.ts";
import type { HorizonScore, RecordScore, ReliabilityBucket, ScoredRecord, Scoreboard } from "../../../src/scoreboard/scoreboard.ts";
import type { RecordKey } from "../../../src/scoreboard/track-record.ts";
import { ANALYSTS } from "../../../src/signals/verdict.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const figure = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}; null where the verdict is insufficient.`, examples: [null] });
const calibratedFigure = (description: string) =>
  z
    .number()
    .nullable()
    .meta({
      description: `${description}; null with fewer than ${MIN_SHOWN} of them, and at every other horizon than ${HEADLINE_HORIZON}.`,
      examples: [null],
    });
const bound = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}; null where the verdict is insufficient or the decisions span too few days.`, examples: [null] });
const episodes = z
  .int()
  .meta({ description: "Number of episodes: periods of 4 hours with a graded decision, whatever its symbol.", examples: [9] });

const returnScore = {
  verdict: z.enum(["sufficient", "insufficient"]).meta({
    description: `Verdict on the sample size: insufficient with fewer than ${MIN_SHOWN} graded decisions, and every figure is then null.`,
    examples: ["insufficient"],
  }),
  graded: z.int().meta({ description: "Number of graded decisions.", examples: [12] }),
  n_episodes: episodes,
  effective_n: figure("Number of independent decisions whose hit rate would be as certain"),
  hit_rate: figure("Share of decisions that earned more than their cost, 0 to 1"),
  hit_rate_low: bound("Lower end of the 95 % interval of hit_rate, clustered by episode, 0 to 1"),
  hit_rate_high: bound("Upper end of the same interval, 0 to 1"),
  mean_net_return_bps: figure("Mean return after cost, bps"),
  mean_net_return_low: bound("Lower end of the 95 % interval of mean_net_return_bps, clustered by episode, bps"),
  mean_net_return_high: bound("Upper end of the same interval, bps"),
  median_net_return_bps: figure("Median return after cost, bps"),
} satisfies FieldsOf<ReturnScore>;

const difference = z
  .object({
    graded: z.int().meta({ description: "Number of decisions of which both returns are known.", examples: [12] }),
    n_episodes: episodes,
    mean_bps: figure("Mean of what the decisions earned more than the baseline, bps; NOTHING earns 0"),
    low: bound("Lower end of the 95 % interval of mean_bps, clustered by episode, bps"),
    high: bound("Upper end of the same interval, bps"),
  } satisfies FieldsOf<Difference>)
  .meta({
    id: "Difference",
    description: `Difference to a baseline, decision by decision. Every figure is null with fewer than ${MIN_SHOWN} decisions.`,
  });

const BASELINE_TEXTS: Readonly<Record<Baseline, string>> = {
  nothing: "never trading",
  coin: "tossing a coin at the moment of each BUY and SELL, computed: a mean of minus the cost, and a hit in half of the moves larger than that",
  random:
    "the same actions at earlier times of the same hour of the week and volatility, mean over the draws; unknown until some five weeks of marks are stored, and for the rule model beside a language model",
  fade: "trading against the forced flow at every decision, including NOTHING",
  follow: "trading with it",
  rule: "the rule model's action on the same input",
};

const baselineScore = z
  .object({ ...returnScore, difference } satisfies FieldsOf<BaselineScore>)
  .meta({ id: "BaselineScore", description: "Returns of a baseline after cost, and what the decisions earned more." });
const baselineSchemas = Object.fromEntries(BASELINES.map((name) => [name, baselineScore])) as Record<Baseline, typeof baselineScore>;

const reliabilityBucket = z
  .object({
    from: z.int().meta({ description: "Lowest confidence of the bucket, inclusive.", examples: [60] }),
    to: z.int().meta({ description: "Highest confidence of the bucket, exclusive except for 100.", examples: [70] }),
    graded: z.int().meta({ description: "Number of graded decisions in the bucket.", examples: [31] }),
    n_episodes: episodes,
    mean_confidence: z.number().meta({ description: "Mean confidence, 0 to 100.", examples: [63.4] }),
    hit_rate: z.number().meta({ description: "Share of decisions that earned more than their cost, 0 to 1.", examples: [0.52] }),
    hit_rate_low: z
      .number()
      .nullable()
      .meta({
        description:
          "Lower end of the 95 % interval of hit_rate, clustered by episode, 0 to 1; null where the decisions span too few days.",
        examples: [0.35],
      }),
    hit_rate_high: z
      .number()
      .nullable()
      .meta({ description: "Upper end of the same interval, 0 to 1.", examples: [0.68] }),
  } satisfies FieldsOf<ReliabilityBucket>)
  .meta({ id: "ReliabilityBucket", description: "Hit rate of decisions with similar confidence." });

const elsewhere = `null at every other horizon than ${HEADLINE_HORIZON}, because the stated probability speaks of ${HEADLINE_HORIZON} alone`;

const horizonScore = z
  .object({
    ...returnScore,
    ungraded_cost: z.int().meta({
      description:
        "Number of BUY and SELL decisions whose cost is not fully known. They have no net return, so they count in no figure, not in calibration and not in muting.",
      examples: [0],
    }),
    role: z.enum(["registered", "exploratory"]).meta({
      description:
        "Role of the horizon: registered is the question that was fixed beforehand; an exploratory figure is one of several that were looked at, and needs its adjusted_p_value.",
      examples: ["registered"],
    }),
    p_value: bound("Two-sided p-value of the hypothesis that the mean return after cost is 0, clustered by episode"),
    adjusted_p_value: bound(
      "The same, corrected for the number of exploratory horizons by Holm's method (1979); equal to p_value at the registered horizon",
    ),
    brier_score: figure(`Mean squared error of the stated confidence as a probability (Brier 1950); ${elsewhere}`),
    brier_skill: figure(
      `Brier skill: 1 − Brier score ÷ Brier score of a constant forecast of the hit rate. Above 0 the stated confidence carries information; ${elsewhere}`,
    ),
    calibrated: z.int().meta({
      description: `Number of graded decisions with a calibrated_probability; 0 at every other horizon than ${HEADLINE_HORIZON}.`,
      examples: [0],
    }),
    brier_score_calibrated: calibratedFigure("Brier score of calibrated_probability, over the decisions that have one"),
    brier_skill_calibrated: calibratedFigure("Brier skill of calibrated_probability, over the same decisions"),
    reliability: z.array(reliabilityBucket).meta({
      description: `Hit rates by confidence; empty where the verdict is insufficient, and at every other horizon than ${HEADLINE_HORIZON}.`,
    }),
    baselines: z.object(baselineSchemas).meta({
      description: `Returns of six baselines. ${BASELINES.map((name) => `${name}: ${BASELINE_TEXTS[name]}`).join(". ")}.`,
    }),
  } satisfies FieldsOf<HorizonScore>)
  .meta({ id: "HorizonScore", description: "Outcomes of the decisions over one horizon, next to baselines." });

const recordKey = {
  analyst: z.enum(ANALYSTS).meta({ description: "Analyst: deepseek (a language model) or rules.", examples: ["rules"] }),
  model: z
    .string()
    .nullable()
    .meta({ description: "Language model, or version of the rule model; null in old records.", examples: ["rules-v1"] }),
  prompt_version: z
    .string()
    .nullable()
    .meta({ description: "Version of the prompt; null for rules.", examples: [null] }),
} satisfies FieldsOf<RecordKey>;

const muting = {
  paper: z.boolean().meta({ description: "True while its decisions are on paper only: do not act on them.", examples: [true] }),
  wealth: z.number().meta({
    description:
      "Wealth of a bettor who began with 1 and bet on the net returns of the record, one decision an episode. An analyst without an edge ever brings it to 20 with a chance of at most 1 in 20.",
    examples: [1.42],
  }),
  episodes: z.int().meta({ description: "Number of episodes that the wealth counts.", examples: [38] }),
  unmuted_at: z.literal(UNMUTED_AT).meta({ description: "Wealth at which paper ends." }),
  muted_under: z.literal(MUTED_UNDER).meta({ description: "Wealth under which paper begins again." }),
  missing_factor: z
    .number()
    .nullable()
    .meta({ description: "Factor by which the wealth has to grow until paper ends; null where it has ended.", examples: [14.1] }),
  missing_episodes: z
    .int()
    .nullable()
    .meta({
      description:
        "Number of further episodes like those before that would end paper; null where the past shows no growth, and where paper has ended.",
      examples: [null],
    }),
} satisfies FieldsOf<MutingStatus>;

const recordScore = z
  .object({
    ...recordKey,
    decisions: z.int().meta({ description: "Number of its decisions among those read.", examples: [120] }),
    trades: z.int().meta({ description: "Number of BUY and SELL decisions among them.", examples: [44] }),
    first_decision_time: timeMs.meta({
      description: "Time of the first decision read, milliseconds since 1970 UTC.",
      examples: [1_795_251_904_120],
    }),
    last_decision_time: timeMs.meta({ description: "Time of the last one, milliseconds since 1970 UTC.", examples: [1_795_855_680_000] }),
    muting: z.object(muting).meta({
      id: "Muting",
      description: "Wealth of the muting rule and the wealth at which paper ends, over the whole record and all symbols.",
    }),
    score: horizonScore.meta({ description: `Outcomes of the decisions read, over the registered horizon of ${HEADLINE_HORIZON}.` }),
  } satisfies FieldsOf<RecordScore>)
  .meta({
    id: "RecordScore",
    description: "Record of one analyst, model and version of the prompt. Another one of these starts a new record.",
  });

export const scoreboardSchema = z
  .object({
    registered_horizon: z.enum(HORIZON_NAMES).meta({
      description: "Horizon that confidence refers to and that was fixed beforehand. Every figure at another horizon is exploratory.",
      examples: [HEADLINE_HORIZON],
    }),
    decisions: z.int().meta({ description: "Number of decisions read: the latest ones, including NOTHING.", examples: [412] }),
    max_decisions: z.int().meta({ description: "Maximum number of decisions read.", examples: [2_000] }),
    serving: z
      .object({ ...recordKey, ...muting } satisfies FieldsOf<Scoreboard["serving"]>)
      .meta({ description: "Record that the next decision belongs to." }),
    horizons_of: z
      .object({
        ...recordKey,
        decisions: z.int().meta({ description: "Number of its decisions among those read.", examples: [120] }),
      } satisfies FieldsOf<ScoredRecord>)
      .nullable()
      .meta({
        description:
          "Record that horizons speaks of: the one of serving, or where analyst asks for another analyst, the one of that analyst that decided last; null where it has decided nothing.",
      }),
    horizons: z
      .object({ "5m": horizonScore, "15m": horizonScore, "1h": horizonScore, "4h": horizonScore, "24h": horizonScore } satisfies FieldsOf<
        Record<Horizon, HorizonScore>
      >)
      .meta({ description: "Outcomes of the decisions read of the record of horizons_of, by horizon. No figure mixes records." }),
    records: z
      .array(recordScore)
      .meta({ description: "Records of the analysts side by side, the one that decided last first; at most 10." }),
  } satisfies FieldsOf<Scoreboard>)
  .meta({ id: "Scoreboard", description: "Outcomes of the latest decisions." });
