import * as z from "zod";
import type { ForecastFold, ForecastModelFile, ForecastTest } from "../../../src/cascade-forecast/forecast-model-file.ts";
import type { GradedAlarm } from "../../../src/cascade-forecast/graded-day.ts";
import type { LeadTimes } from "../../../src/cascade-forecast/lead-times.ts";
import { GRADED_EVERY_S, type LiveRecord } from "../../../src/cascade-forecast/live-record.ts";
import type { ReliabilityBin } from "../../../src/cascade-forecast/reliability.ts";
import { POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const symbol = z.string().meta({ description: "Base asset.", examples: ["BTC"] });
const side = z.enum(POSITION_SIDES).meta({ description: "Side of the positions that would be closed." });
const hash = z.string().meta({
  description: "SHA-256 of the model that made the forecast.",
  examples: ["5f2b8c1e0d7a4936b1c2d3e4f5061728394a5b6c7d8e9f00112233445566778a"],
});
const share = (description: string, example: number) => z.number().meta({ description, examples: [example] });
const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });
const seconds = (quantile: string) =>
  z
    .number()
    .nullable()
    .meta({
      description: `${quantile} of the time from the first of these alarms to the cascade, seconds; null where none was led.`,
      examples: [12.4],
    });

const reliabilityBin = z
  .object({
    from: share("Lowest probability of the bin.", 0.05),
    to: share("Probability at which the next bin begins.", 0.1),
    forecasts: count("Forecasts with such a probability.", 412),
    mean_probability: share("Their mean probability; null without one.", 0.07).nullable(),
    followed_share: share("Share of them that a cascade followed within the horizon; null without one.", 0.068).nullable(),
  } satisfies FieldsOf<ReliabilityBin>)
  .meta({ id: "ReliabilityBin", description: "Forecasts of about the same probability, and how often they came true." });

const leads = z
  .object({
    cascades: count("Cascades that became active.", 412),
    led: count("Those that an alarm of at most 5 minutes before led.", 371),
    p10_s: seconds("The 10th percentile"),
    p50_s: seconds("Median"),
    p90_s: seconds("The 90th percentile"),
  } satisfies FieldsOf<LeadTimes>)
  .meta({ id: "ForecastLeadTimes", description: "Times from the model's alarm to the cascades that it led." });

const fold = z
  .object({
    from: timeMs,
    to: timeMs,
    training_cascades: count("Cascades that its model was trained on, all an hour or more before `from`.", 640),
    cascades: count("Cascades that it was tested on.", 84),
    pr_auc: share("Area under precision and recall of the model.", 0.31),
    velocity_pr_auc: share("The same of the velocity.", 0.23),
  } satisfies FieldsOf<ForecastFold>)
  .meta({ id: "ForecastFold", description: "One part of the test." });

const test = z
  .object({
    folds: z.array(fold),
    from: timeMs.meta({ description: "Start of the tested days, milliseconds since 1970 UTC." }),
    to: timeMs.meta({ description: "Their end, milliseconds since 1970 UTC." }),
    forecasts: count("Forecasts tested.", 61_200),
    cascades: count("Cascades that followed them; 300 are needed.", 412),
    days: count("Tested days with a cascade; 14 are needed.", 30),
    base_rate: share("Share of the forecasts that a cascade followed: the area that chance reaches.", 0.017),
    pr_auc: share("Area under precision and recall of the model, on days that it was not trained on.", 0.31),
    velocity_pr_auc: share("The same of ln(velocity ÷ its 99th percentile), at the same liquidations.", 0.23),
    gain: share("Difference pr_auc − velocity_pr_auc.", 0.08),
    gain_low: share("Lower end of its 95 % interval by a bootstrap of whole days; above 0, or the model is not served.", 0.05),
    gain_high: share("Upper end.", 0.11),
    pr_auc_within: share("Areas of the model within base assets, averaged by their cascades.", 0.3),
    velocity_pr_auc_within: share("The same of the velocity; below the model's, or the model is not served.", 0.24),
    usd_pr_auc: share("Area of the USD of 90 s over the minimum of a cascade; below the model's, or the model is not served.", 0.25),
    calibration_slope: share(
      "Slope of the outcomes on the logit of the forecasts: 1 where they are as sure as they should be, under 1 where they are too sure. Within a factor of 1.5 of 1, or the model is not served.",
      0.96,
    ),
    mean_probability: share("Mean probability forecast; within a factor of 1.5 of base_rate, or the model is not served.", 0.018),
    reliability: z.array(reliabilityBin),
    alarm_probability: share("The alarm: the probability that the highest hundredth of the forecasts reached.", 0.12),
    alarm_precision: share("Share of the alarms that a cascade followed within the horizon.", 0.43),
    lead_times: leads,
  } satisfies FieldsOf<ForecastTest>)
  .meta({ id: "ForecastTest", description: "The test on days after those that the model in question was trained on." });

const model = z
  .object({
    hash,
    features_version: count("Version of the list of features.", 1),
    trained_from: timeMs.meta({ description: "Receipt of the first liquidation that it was trained on, milliseconds since 1970 UTC." }),
    trained_to: timeMs.meta({ description: "Receipt of the last one, milliseconds since 1970 UTC." }),
    forecasts: count("Liquidations that it was trained on.", 128_000),
    cascades: count("Cascades that it was trained on.", 870),
    symbols: z
      .array(z.string())
      .meta({ description: "Base assets that it was trained on; of others it says nothing.", examples: [["BTC", "ETH"]] }),
    test,
  } satisfies Partial<FieldsOf<ForecastModelFile>>)
  .meta({ id: "ForecastModel", description: "The model that forecasts, and its test." });

const alarm = z
  .object({
    symbol,
    position_side: side,
    time: timeMs.meta({ description: "Receipt of the liquidation at which the alarm was reached, milliseconds since 1970 UTC." }),
    probability: share("Probability that was forecast.", 0.31),
    cascade_time: timeMs
      .nullable()
      .meta({ description: "Time at which the cascade became active; null where none did within the horizon." }),
  } satisfies FieldsOf<GradedAlarm>)
  .meta({ id: "ForecastAlarm", description: "A live forecast that reached the alarm, with its outcome." });

const live = z
  .object({
    from: timeMs.meta({
      description: "Start of the first day with graded forecasts of this model, of the last 30, milliseconds since 1970 UTC.",
    }),
    forecasts: count(`Graded forecasts, at most one in ${GRADED_EVERY_S} s of each base asset and side.`, 3_210),
    mean_probability: share("Their mean probability; null without one.", 0.018).nullable(),
    followed_share: share("Share of them that a cascade followed; null without one.", 0.017).nullable(),
    reliability: z.array(reliabilityBin),
    lead_times: leads,
    not_covered: count("Forecasts without a grade, because too few venues were connected in the 5 minutes after them.", 0),
    alarms: z.array(alarm).meta({ description: "The 20 newest graded alarms, newest first." }),
  } satisfies FieldsOf<LiveRecord>)
  .meta({ id: "ForecastLiveRecord", description: "Outcomes of the forecasts that were made live." });

export const forecastSchema = z
  .object({
    symbol,
    position_side: side,
    probability: share(
      "Probability that a cascade becomes active within horizon_s after the liquidation; null with withheld.",
      0.031,
    ).nullable(),
    withheld: z
      .string()
      .nullable()
      .meta({ description: "Reason why there is no probability; null where there is one.", examples: [null] }),
    event_time: timeMs
      .nullable()
      .meta({ description: "Time of the liquidation that it was made at, milliseconds since 1970 UTC; null without one." }),
    age_ms: z
      .int()
      .nullable()
      .meta({
        description: "Time since that liquidation was received, ms; so much of the horizon is over. Null without one.",
        examples: [4_120],
      }),
    is_alarm: z
      .boolean()
      .nullable()
      .meta({ description: "True where the probability reaches the model's alarm; null without a probability.", examples: [false] }),
    model_hash: hash.nullable(),
  })
  .meta({ id: "CascadeForecast", description: "The forecast of one base asset and side." });

export const cascadeForecastSchema = z
  .object({
    time: timeMs.meta({ description: "Time that the ages are counted to, milliseconds since 1970 UTC." }),
    horizon_s: count("The time that a forecast speaks of, seconds.", 300),
    score_kind: z
      .literal("calibrated")
      .nullable()
      .meta({
        description: "Set to calibrated where a model that passed its test forecasts; null where all is withheld.",
        examples: ["calibrated"],
      }),
    withheld: z
      .string()
      .nullable()
      .meta({
        description: "Reason why nothing is forecast; null where something is.",
        examples: ["no model is installed under models/cascade-forecast.json"],
      }),
    forecasts: z.array(forecastSchema).meta({
      description:
        "Both sides of the base asset, or, without symbol, the forecasts that hold now, highest first. Empty where all is withheld.",
    }),
    model: model.nullable(),
    live: live.nullable().meta({ description: "Outcomes of live forecasts; null while none of this model's forecasts is graded." }),
  })
  .meta({ id: "CascadeForecasts", description: "Probabilities of cascades, with the record of the model that they come from." });

export type CascadeForecasts = z.output<typeof cascadeForecastSchema>;
