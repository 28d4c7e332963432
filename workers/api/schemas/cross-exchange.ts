import * as z from "zod";
import type { CrossExchange, VenueStanding } from "../../../src/cascade/cross-exchange.ts";
import type { VenuePair } from "../../../src/cascade/venue-pairs.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";
import { ESTIMATE_EXAMPLE, estimateSchema, estimatedRangeSchema } from "./estimate.ts";
import type { FieldsOf } from "./fields-of.ts";

const standingFields = {
  exchange: z.enum(EXCHANGES),
  events: z.int().meta({ description: "Number of liquidations.", examples: [310] }),
  events_without_notional_mark: z.int().meta({
    description: "Number of liquidations that notional_mark_usd does not include, because their mark price is unknown.",
    examples: [0],
  }),
  usd: z
    .number()
    .nullable()
    .meta({
      description: "Sum of flow USD, notional_mark_usd where known, else usd_value; null where it is unknown for every event.",
      examples: [9_310_000],
    }),
  notional_mark_usd: z
    .number()
    .nullable()
    .meta({ description: "Sum of quantity × mark price, USD; null where it is unknown for every event.", examples: [9_342_000] }),
  share: z
    .number()
    .nullable()
    .meta({
      description: "Share in the notional_mark_usd of all venues, 0 to 1; null where it is unknown for every event, or their sum is 0.",
      examples: [0.41],
    }),
  first_mover_count: z
    .int()
    .meta({ description: "Number of shared bursts in which this venue was first. A tie counts for no venue.", examples: [12] }),
  followed_count: z.int().meta({ description: "Number of shared bursts that this venue joined after another one.", examples: [19] }),
  median_lag_ms: z
    .number()
    .nullable()
    .meta({
      description:
        "Median over the shared bursts of the venue's first event minus the first event elsewhere, ms: negative where the venue mostly led; null where it shared none.",
      examples: [1_100],
    }),
  lag_resolution_ms: z
    .number()
    .nullable()
    .meta({
      description:
        "Resolution of median_lag_ms, ms. A lag of this size or less, of either sign, is indistinguishable from zero; null where unknown.",
      examples: [1_500],
    }),
} satisfies FieldsOf<VenueStanding>;

const venueStanding = z
  .object({
    ...standingFields,
    estimate: estimateSchema.meta({
      description:
        "Liquidations that the venue reported over the settled minutes of the top-level estimate, and what all its liquidations are estimated to come to: an estimate by a model, not a measurement.",
    }),
  })
  .meta({ id: "VenueStanding", description: "One venue, compared with the others." });

const venuePair = z
  .object({
    exchange: z.enum(EXCHANGES).meta({ description: "Venue whose lag is given." }),
    other_exchange: z.enum(EXCHANGES).meta({ description: "Venue that it is compared with." }),
    shared_bursts: z
      .int()
      .meta({ description: "Number of bursts that both venues joined, while all listed venues were connected.", examples: [24] }),
    first_count: z.int().meta({
      description: "Number of these bursts that exchange joined before other_exchange. A tie counts for neither.",
      examples: [17],
    }),
    other_first_count: z.int().meta({ description: "Number of these bursts that other_exchange joined before exchange.", examples: [7] }),
    median_lag_ms: z.number().meta({
      description: "Median of the first event of exchange minus that of other_exchange, ms: negative where exchange mostly led.",
      examples: [-1_100],
    }),
    lag_resolution_ms: z.number().meta({
      description: "Resolution of median_lag_ms, ms. A lag of this size or less, of either sign, is indistinguishable from zero.",
      examples: [1_500],
    }),
  } satisfies FieldsOf<VenuePair>)
  .meta({ id: "VenuePair", description: "A pair of venues, over the bursts that both joined." });

const standing = {
  exchanges: z.array(venueStanding).meta({ description: "Venues with an event in the range." }),
  pairs: z.array(venuePair).meta({ description: "Each pair of these venues that joined a burst together, once." }),
  shared_bursts: z
    .int()
    .meta({ description: "Number of bursts with events on more than one venue, while all listed venues were connected.", examples: [31] }),
  bursts_not_covered: z.int().meta({
    description: "Number of further bursts across venues in which a listed venue was not connected: which one was first is unknown.",
    examples: [0],
  }),
  hhi: z
    .number()
    .nullable()
    .meta({
      description: "Herfindahl–Hirschman index of the shares, from 1/venues to 1; null where a share is unknown.",
      examples: [0.34],
    }),
  dominant_exchange: z
    .enum(EXCHANGES)
    .nullable()
    .meta({ description: "Venue with the largest share; null where a share is unknown.", examples: ["binance"] }),
} satisfies FieldsOf<CrossExchange>;

function venueExample(
  exchange: string,
  [events, usd, notional_mark_usd, share]: readonly [number, number, number, number],
  [first_mover_count, followed_count, median_lag_ms]: readonly [number, number, number],
) {
  const totals = { exchange, events, events_without_notional_mark: 0, usd, notional_mark_usd, share };
  return { ...totals, first_mover_count, followed_count, median_lag_ms, lag_resolution_ms: 1_500, estimate: ESTIMATE_EXAMPLE };
}

export const crossExchangeSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["ETH"] }),
    start_time: timeMs.meta({ description: "Start of the range, inclusive, milliseconds since 1970 UTC." }),
    end_time: timeMs.meta({ description: "End of the range, exclusive, milliseconds since 1970 UTC." }),
    burst_quiet_ms: z.int().meta({ description: "Maximum time between two events of one burst, ms.", examples: [10_000] }),
    ...standing,
    estimate: estimatedRangeSchema.meta({
      description:
        "Liquidations over all venues as reported and as estimated, over the newest settled minutes, as many as the range has. They end some minutes before the range does, so `reported_usd` is not the sum of `usd`.",
    }),
    concurrency: z
      .array(
        z.object({
          exchanges: z.int().meta({ description: "Number of venues with an event of the same side within 10 s.", examples: [2] }),
          events: z.int().meta({ description: "Number of events.", examples: [87] }),
        }),
      )
      .meta({
        description:
          "Histogram of concurrent venues: number of events by number of venues, in ascending order. Events without a known number are not included.",
      }),
  })
  .meta({
    id: "CrossExchange",
    description: "Comparison of the venues.",
    examples: [
      {
        symbol: "ETH",
        start_time: 1_795_165_500_000,
        end_time: 1_795_251_900_000,
        burst_quiet_ms: 10_000,
        exchanges: [
          venueExample(EXCHANGES[0], [310, 9_310_000, 9_000_000, 0.75], [20, 11, -1_100]),
          venueExample(EXCHANGES[1], [120, 2_990_000, 3_000_000, 0.25], [10, 20, 1_100]),
        ],
        pairs: [
          {
            exchange: EXCHANGES[0],
            other_exchange: EXCHANGES[1],
            shared_bursts: 31,
            first_count: 20,
            other_first_count: 10,
            median_lag_ms: -1_100,
            lag_resolution_ms: 1_500,
          },
        ],
        shared_bursts: 31,
        bursts_not_covered: 2,
        hhi: 0.625,
        dominant_exchange: EXCHANGES[0],
        estimate: { start_time: 1_795_165_200_000, end_time: 1_795_251_600_000, total: ESTIMATE_EXAMPLE },
        concurrency: [
          { exchanges: 1, events: 343 },
          { exchanges: 2, events: 87 },
        ],
      },
    ],
  });
export type CrossExchangeAnswer = z.output<typeof crossExchangeSchema>;
