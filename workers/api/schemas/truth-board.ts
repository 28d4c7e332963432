import * as z from "zod";
import type { VenueComparison } from "../../../src/aggregators/hour-comparison.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const usd = (description: string, example: number) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}, USD; null where no hour is compared.`, examples: [example] });

const venueComparison = z
  .object({
    exchange: z.enum(EXCHANGES),
    markets: z.int().meta({ description: "Number of contracts that both collect.", examples: [3] }),
    hours_reported: z.int().meta({ description: "Number of hours that the aggregator reported.", examples: [168] }),
    hours_compared: z
      .int()
      .meta({ description: "Number of those that were covered here from end to end: all sums are over them.", examples: [165] }),
    uptime_share: z
      .number()
      .nullable()
      .meta({
        description: "Share of the reported hours in which the venue was connected here, 0 to 1; null where there are none.",
        examples: [0.997],
      }),
    our_long_usd: usd("Our sum of liquidated longs, by the venue's prices", 41_200_000),
    our_short_usd: usd("Our sum of liquidated shorts, by the venue's prices", 18_900_000),
    aggregator_long_usd: usd("The aggregator's sum of liquidated longs", 40_700_000),
    aggregator_short_usd: usd("The aggregator's sum of liquidated shorts", 19_100_000),
    ratio: z
      .number()
      .nullable()
      .meta({
        description: "Our sum over the aggregator's, both sides; null with the reason where there is none.",
        examples: [1.005],
      }),
    reason: z
      .string()
      .nullable()
      .meta({ description: "Reason why there is no ratio; null where there is one.", examples: [null] }),
    error: z
      .string()
      .nullable()
      .meta({
        description: "Error of the last request for the venue, which is repeated in the next hour; null where it succeeded.",
        examples: [null],
      }),
  } satisfies FieldsOf<VenueComparison>)
  .meta({ id: "VenueComparison", description: "Our totals of a venue beside those of an aggregator." });

export const truthBoardSchema = z
  .object({
    aggregator: z.literal("coinalyze").meta({ description: "The aggregator, which collects the venues' public feeds as we do." }),
    state: z.enum(["on", "failing", "off"]).meta({
      description: "State of the comparison. failing: the last request failed and is repeated. off: no key is set.",
      examples: ["on"],
    }),
    reason: z
      .string()
      .nullable()
      .meta({ description: "Reason why it is failing or off; null while it is on.", examples: [null] }),
    note: z.string().meta({
      description: "Meaning of the comparison, and its limits.",
      examples: ["An aggregator is another collector of the same public feeds, not the truth."],
    }),
    success_time: timeMs
      .nullable()
      .meta({ description: "Time of the last successful request, milliseconds since 1970 UTC; null if there was none yet." }),
    next_attempt_time: timeMs.nullable().meta({
      description: "Time of the next attempt after a failure, milliseconds since 1970 UTC; null while it is on or off.",
      examples: [null],
    }),
    from_time: timeMs.meta({ description: "Start of the compared days, milliseconds since 1970 UTC." }),
    symbols: z.array(z.string()).meta({ description: "Base assets that are compared.", examples: [["BTC", "ETH", "SOL"]] }),
    exchanges: z.array(venueComparison).meta({ description: "Each configured venue." }),
  })
  .meta({ id: "TruthBoard", description: "Our totals by venue beside those of an aggregator." });
