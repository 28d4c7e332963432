import * as z from "zod";
import { HEADLINE_HORIZON, HORIZON_NAMES, type Horizon } from "../../../src/signals/grade.ts";
import { type HorizonScore, MIN_SHOWN, type ReliabilityBucket, type ReturnScore } from "../../../src/signals/scoreboard.ts";
import { ANALYSTS } from "../../../src/signals/verdict.ts";
import type { FieldsOf } from "./fields-of.ts";

const figure = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}; null where the verdict is insufficient.`, examples: [null] });

const returnScore = {
  verdict: z.enum(["sufficient", "insufficient"]).meta({
    description: `Verdict on the sample size: insufficient with fewer than ${MIN_SHOWN} graded decisions, and every figure is then null.`,
    examples: ["insufficient"],
  }),
  graded: z.int().meta({ description: "Number of graded decisions.", examples: [12] }),
  hit_rate: figure("Share of decisions that earned more than their cost, 0 to 1"),
  hit_rate_low: figure("Lower end of the 95 % Wilson interval of hit_rate, which assumes independent decisions, 0 to 1"),
  hit_rate_high: figure("Upper end of the same interval, 0 to 1"),
  mean_net_return_bps: figure("Mean return after cost, bps"),
  median_net_return_bps: figure("Median return after cost, bps"),
} satisfies FieldsOf<ReturnScore>;

const returnScoreSchema = z.object(returnScore).meta({ id: "ReturnScore", description: "Returns after cost." });

const reliabilityBucket = z
  .object({
    from: z.int().meta({ description: "Lowest confidence of the bucket, inclusive.", examples: [60] }),
    to: z.int().meta({ description: "Highest confidence of the bucket, exclusive except for 100.", examples: [70] }),
    graded: z.int().meta({ description: "Number of graded decisions in the bucket.", examples: [31] }),
    mean_confidence: z.number().meta({ description: "Mean confidence, 0 to 100.", examples: [63.4] }),
    hit_rate: z.number().meta({ description: "Share of decisions that earned more than their cost, 0 to 1.", examples: [0.52] }),
    hit_rate_low: z.number().meta({ description: "Lower end of the 95 % Wilson interval of hit_rate, 0 to 1.", examples: [0.35] }),
    hit_rate_high: z.number().meta({ description: "Upper end of the same interval, 0 to 1.", examples: [0.68] }),
  } satisfies FieldsOf<ReliabilityBucket>)
  .meta({ id: "ReliabilityBucket", description: "Hit rate of decisions with similar confidence." });

const horizonScore = z
  .object({
    ...returnScore,
    brier_score: figure("Mean squared error of the stated probabilities (Brier 1950)"),
    brier_skill: figure(
      "Brier skill: 1 − Brier score ÷ Brier score of a constant forecast of the hit rate. Above 0 the stated probabilities carry information",
    ),
    reliability: z.array(reliabilityBucket).meta({ description: "Hit rates by confidence; empty where the verdict is insufficient." }),
    baselines: z
      .object({ nothing: returnScoreSchema, random: returnScoreSchema, fade: returnScoreSchema, follow: returnScoreSchema })
      .meta({
        description:
          "Returns of four baselines. nothing: never trading. random: the same actions at earlier random times. fade and follow: trading against and with the forced flow at every decision, including NOTHING.",
      }),
  } satisfies FieldsOf<HorizonScore>)
  .meta({ id: "HorizonScore", description: "Outcomes of the decisions over one horizon, next to baselines." });

export const scoreboardSchema = z
  .object({
    headline_horizon: z.enum(HORIZON_NAMES).meta({ description: "Horizon that confidence refers to.", examples: [HEADLINE_HORIZON] }),
    serving: z
      .object({
        analyst: z.enum(ANALYSTS),
        paper: z.boolean().meta({ description: "True while its decisions are on paper only: do not act on them.", examples: [true] }),
        brier_skill_last_100: z
          .number()
          .nullable()
          .meta({
            description: "Brier skill over its last 100 graded decisions; null while there are fewer, or where it is undefined.",
            examples: [null],
          }),
      })
      .meta({ description: "Analyst that makes the decisions now." }),
    horizons: z
      .object({ "5m": horizonScore, "15m": horizonScore, "1h": horizonScore, "4h": horizonScore, "24h": horizonScore } satisfies FieldsOf<
        Record<Horizon, HorizonScore>
      >)
      .meta({ description: "Outcomes by horizon." }),
  })
  .meta({ id: "Scoreboard", description: "Outcomes of the latest decisions." });
