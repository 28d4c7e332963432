import * as z from "zod";
import { HEADLINE_HORIZON, HORIZON_NAMES, type Horizon } from "../../../src/signals/grade.ts";
import { type HorizonScore, LEAST_SHOWN, type ReliabilityBucket, type ReturnScore } from "../../../src/signals/scoreboard.ts";
import { ANALYSTS } from "../../../src/signals/verdict.ts";
import type { FieldsOf } from "./fields-of.ts";

const figure = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}; null where insufficient.`, examples: [null] });

const returnScore = {
  verdict: z
    .enum(["sufficient", "insufficient"])
    .meta({ description: `insufficient: fewer than ${LEAST_SHOWN} graded, and every figure null.`, examples: ["insufficient"] }),
  graded: z.int().meta({ description: "Decisions graded.", examples: [12] }),
  hit_rate: figure("Share that earned more than its cost, 0 to 1"),
  hit_rate_low: figure("Lower end of its 95 % interval (Wilson), which takes decisions for independent"),
  hit_rate_high: figure("Upper end of that interval"),
  mean_net_return_bps: figure("Mean return after cost, bps"),
  median_net_return_bps: figure("Median return after cost, bps"),
} satisfies FieldsOf<ReturnScore>;

const returnScoreSchema = z.object(returnScore).meta({ id: "ReturnScore", description: "Returns after cost." });

const reliabilityBucket = z
  .object({
    from: z.int().meta({ description: "Confidence from, in it.", examples: [60] }),
    to: z.int().meta({ description: "Confidence to, not in it, save 100.", examples: [70] }),
    graded: z.int().meta({ description: "Decisions of such confidence.", examples: [31] }),
    mean_confidence: z.number().meta({ description: "0 to 100.", examples: [63.4] }),
    hit_rate: z.number().meta({ description: "Share that earned more than its cost, 0 to 1.", examples: [0.52] }),
    hit_rate_low: z.number().meta({ description: "Lower end of its 95 % interval.", examples: [0.35] }),
    hit_rate_high: z.number().meta({ description: "Upper end of that interval.", examples: [0.68] }),
  } satisfies FieldsOf<ReliabilityBucket>)
  .meta({ id: "ReliabilityBucket", description: "How often decisions of like confidence came true." });

const horizonScore = z
  .object({
    ...returnScore,
    brier_score: figure("Mean squared error of the probabilities (Brier 1950)"),
    brier_skill: figure("1 − Brier score ÷ that of always giving the hit rate: above 0 they know more than it"),
    reliability: z.array(reliabilityBucket).meta({ description: "By confidence; empty where insufficient." }),
    baselines: z
      .object({ nothing: returnScoreSchema, random: returnScoreSchema, fade: returnScoreSchema, follow: returnScoreSchema })
      .meta({
        description:
          "nothing: never trading; random: the same actions at random times before; fade and follow: every decision's spike, NOTHING included.",
      }),
  } satisfies FieldsOf<HorizonScore>)
  .meta({ id: "HorizonScore", description: "How the decisions came out over one horizon, next to trading without them." });

export const scoreboardSchema = z
  .object({
    headline_horizon: z.enum(HORIZON_NAMES).meta({ description: "The one that confidence speaks of.", examples: [HEADLINE_HORIZON] }),
    serving: z
      .object({
        analyst: z.enum(ANALYSTS),
        paper: z.boolean().meta({ description: "Whether its decisions are not to be acted on.", examples: [true] }),
        brier_skill_last_100: z
          .number()
          .nullable()
          .meta({ description: "Over its last 100 graded; null while there are fewer, or where it is undefined.", examples: [null] }),
      })
      .meta({ description: "Who decides now." }),
    horizons: z
      .object({ "5m": horizonScore, "15m": horizonScore, "1h": horizonScore, "4h": horizonScore, "24h": horizonScore } satisfies FieldsOf<
        Record<Horizon, HorizonScore>
      >)
      .meta({ description: "By horizon." }),
  })
  .meta({ id: "Scoreboard", description: "How the latest decisions came out." });
