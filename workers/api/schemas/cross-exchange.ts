import * as z from "zod";
import type { CrossExchange, VenueStanding } from "../../../src/cascade/cross-exchange.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const venueStanding = z
  .object({
    exchange: z.enum(EXCHANGES),
    events: z.int().meta({ description: "Liquidations.", examples: [310] }),
    usd: z
      .number()
      .nullable()
      .meta({ description: "Sum of usd_value; null where no event's value is known.", examples: [9_310_000] }),
    notional_mark_usd: z
      .number()
      .nullable()
      .meta({ description: "Sum of quantity × mark price, USD; null where none is known.", examples: [9_342_000] }),
    share: z
      .number()
      .nullable()
      .meta({ description: "Of the USD of all venues, 0 to 1; null where that is 0.", examples: [0.41] }),
    first_mover_count: z
      .int()
      .meta({ description: "Bursts over several venues in which this one was first; a tie goes to nobody.", examples: [12] }),
    followed_count: z.int().meta({ description: "Bursts that it joined after another.", examples: [19] }),
    median_lag_ms: z
      .number()
      .nullable()
      .meta({
        description: "Median of its first event minus the burst's first, ms, over the bursts it joined; null where there were none.",
        examples: [2_100],
      }),
    lag_resolution_ms: z
      .number()
      .nullable()
      .meta({ description: "What that median can resolve at best, ms: a lag below it is no lag.", examples: [1_500] }),
  } satisfies FieldsOf<VenueStanding>)
  .meta({ id: "VenueStanding", description: "How one venue stands to the others." });

const standing = {
  exchanges: z.array(venueStanding).meta({ description: "Venues with an event in the range." }),
  shared_bursts: z.int().meta({ description: "Bursts in which more than one venue had an event.", examples: [31] }),
  hhi: z
    .number()
    .nullable()
    .meta({ description: "Herfindahl–Hirschman index of the USD shares, 1/venues to 1; null without USD.", examples: [0.34] }),
  dominant_exchange: z
    .enum(EXCHANGES)
    .nullable()
    .meta({ description: "The venue with the most USD; null without USD.", examples: ["binance"] }),
} satisfies FieldsOf<CrossExchange>;

export const crossExchangeSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["ETH"] }),
    start_time: timeMs.meta({ description: "Of the range, milliseconds since 1970 UTC." }),
    end_time: timeMs.meta({ description: "Of the range, not in it, milliseconds since 1970 UTC." }),
    burst_quiet_ms: z.int().meta({ description: "Events of one side at most this far apart, ms, are one burst.", examples: [10_000] }),
    ...standing,
    concurrency: z
      .array(
        z.object({
          exchanges: z.int().meta({ description: "Venues with an event of the same side within 10 s.", examples: [2] }),
          events: z.int().meta({ description: "Events of which that was known.", examples: [87] }),
        }),
      )
      .meta({ description: "How many events saw how many venues at once, fewest venues first." }),
  })
  .meta({ id: "CrossExchange", description: "How the venues stand to each other." });
export type CrossExchangeAnswer = z.output<typeof crossExchangeSchema>;
