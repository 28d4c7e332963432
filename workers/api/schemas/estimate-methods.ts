import * as z from "zod";
import { ESTIMATE_STATUSES } from "../../../src/estimates/estimate.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";

const ratio = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [0.993] });
const status = z.enum(ESTIMATE_STATUSES).meta({ description: "Status of the estimates made with it.", examples: ["validated"] });
const reason = z
  .string()
  .nullable()
  .meta({ description: "Reason of the status: the failed test, or the lack of one; null where validated." });
const throttle = z.enum(["largest", "largest_by_side", "one"]).meta({
  description: "Share of a contract's second that the venue shows: the largest, the largest of each side, or any one.",
  examples: ["largest"],
});

const levelSchema = z.object({
  level: z.string().meta({ description: "Liquidations a second, as estimated.", examples: ["0.2-0.6/s"] }),
  minutes: z.int().meta({ description: "Minutes of a contract and side.", examples: [755] }),
  reported_to_true: ratio("USD that the throttle shows, over the truth."),
  calibrated_to_true: ratio("USD that is estimated, over the truth."),
  coverage: ratio("Share of the minutes whose truth lies in the interval."),
  allowed: z
    .array(z.number())
    .meta({ description: "Lowest and highest allowed coverage, given the number of minutes.", examples: [[0.7, 0.9]] }),
});

const sumsSchema = z.object({
  count: z.int().meta({ description: "Number of sums of a contract and side.", examples: [520] }),
  coverage: ratio("Share of them whose truth lies between the sums of the bounds."),
});

const testSchema = z
  .object({
    minutes: z.int().meta({ description: "Minutes of a contract and side.", examples: [6_900] }),
    reported_to_true: ratio("USD that the throttle shows, over the truth."),
    calibrated_to_true: ratio("USD that is estimated, over the truth; allowed: 0.95 to 1.05."),
    reported_events_to_true: ratio("The same of the number of liquidations, as shown."),
    calibrated_events_to_true: ratio("The same, as estimated."),
    levels: z.array(levelSchema).meta({ description: "By level of activity." }),
    hours: sumsSchema.meta({ description: "Sums over hours." }),
    days: sumsSchema.meta({ description: "Sums over days." }),
  })
  .meta({ id: "EstimateTest", description: "Comparison of estimates with the truth of a complete venue, throttled in software." });

/** What the estimates of a base asset rest on. */
export const estimateMethodSchema = z
  .object({
    symbol: z
      .string()
      .nullable()
      .meta({ description: "Base asset; null for all that have no fit of their own.", examples: ["BTC"] }),
    fitted_time: timeMs.meta({ description: "Time of the fit, milliseconds since 1970 UTC.", examples: [1_795_233_600_000] }),
    hash: z
      .string()
      .meta({ description: "SHA-256 of the parameters.", examples: ["5f2b8c1e9d3a47f0b6e2c4d81a95f3072e6b8d4c1f0a93e57b2d6c8e4f1a0b93"] }),
    start_time: timeMs.meta({ description: "Start of its first day, milliseconds since 1970 UTC.", examples: [1_794_009_600_000] }),
    end_time: timeMs.meta({ description: "End of its last day.", examples: [1_795_219_200_000] }),
    days: z.int().meta({ description: "Number of daily files in that time.", examples: [14] }),
    fit_exchange: z.enum(EXCHANGES).nullable().meta({ description: "The complete venue that it was fitted on." }),
    test_exchange: z.enum(EXCHANGES).nullable().meta({ description: "The complete venue that it was tested on." }),
    reason: z.string().nullable().meta({ description: "Reason why nothing was fitted; null where something was." }),
    throttles: z
      .array(
        z.object({
          throttle,
          status,
          reason,
          shape: z.number().meta({ description: "Shape r of the negative binomial; 1e6 is Poisson." }),
          test: testSchema.nullable(),
        }),
      )
      .meta({ description: "Fit and test of each throttle." }),
    venues: z
      .array(
        z.object({
          exchange: z.enum(EXCHANGES).meta({ description: "Name of the venue." }),
          throttle,
          status,
          reason,
          median_usd: z
            .number()
            .nullable()
            .meta({ description: "Median of its isolated liquidations, USD.", examples: [650] }),
          rate_share: z
            .number()
            .nullable()
            .meta({ description: "For one: its rate for each of the complete venues'.", examples: [null] }),
        }),
      )
      .meta({ description: "The throttled venues." }),
  })
  .meta({
    id: "EstimateMethod",
    description: "The fit of estimated totals of a base asset, its test and what was measured of the venues.",
  });
