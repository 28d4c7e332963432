import * as z from "zod";
import {
  type Contagion,
  type ContagionEffect,
  type ContagionEntry,
  type ContagionVenue,
  LEFT_OUT_REASONS,
  WITHHELD_REASONS,
} from "../../../src/contagion/contagion.ts";
import { COVERAGES, EXCHANGES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const estimate = (description: string, example: number) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [example] });

const effect = {
  reason: z
    .enum(["not_beyond_chance"])
    .nullable()
    .meta({
      description: "Reason of null estimates: not_beyond_chance where the entry does not beat its null. Null where they are given.",
      examples: [null],
    }),
  p_value: z.number().meta({
    description:
      "Chance of such a score without excitement, raised for the number of entries tested between venues, or from venues to themselves (Holm); from_btc is not raised over base assets. Estimates need at most 0.05.",
    examples: [0.006],
  }),
  ratio: estimate("Mean number of the target's liquidations that one of the source's triggers directly, beyond the floor.", 0.21),
  ratio_low: estimate("Lower end of the 95 % interval of ratio.", 0.18),
  ratio_high: estimate("Upper end of the 95 % interval of ratio.", 0.24),
  share_of_events: estimate("Share of the target's liquidations that the source triggered directly, 0 to 1.", 0.15),
  share_low: estimate("Lower end of the 95 % interval of share_of_events.", 0.13),
  share_high: estimate("Upper end of the 95 % interval of share_of_events.", 0.17),
  delay_s: estimate("Mean time from a liquidation to one that it triggers, including the floor, s.", 6.4),
  floor_ms: z
    .number()
    .nullable()
    .meta({
      description:
        "Lags up to this one are neither counted nor claimed, ms: the resolutions of both feeds, added. Null from a venue to itself.",
      examples: [1_500],
    }),
  outweighs_reverse: z
    .boolean()
    .nullable()
    .meta({
      description:
        "True where the source triggers more liquidations in the target than the target in the source, by the 95 % interval of the difference. Null where the entry is null, and from a venue to itself.",
      examples: [true],
    }),
} satisfies FieldsOf<ContagionEffect>;

const contagionEffect = z
  .object(effect)
  .meta({ id: "ContagionEffect", description: "Liquidations that those of one stream trigger directly in another one." });

const contagionEntry = z
  .object({
    from_exchange: z.enum(EXCHANGES).meta({ description: "Venue whose liquidations come first." }),
    to_exchange: z.enum(EXCHANGES).meta({ description: "Venue whose liquidations they trigger." }),
    ...effect,
  } satisfies FieldsOf<ContagionEntry>)
  .meta({ id: "ContagionEntry", description: "Effect of liquidations of one venue on another one, or on itself." });

const contagionVenue = z
  .object({
    exchange: z.enum(EXCHANGES),
    coverage: z.enum(COVERAGES).meta({ description: "Share of the venue's liquidations that its feed carries." }),
    throttled: z.boolean().meta({
      description:
        "True where the feed does not carry all liquidations. Ratios from such a venue are too high, because its hidden liquidations trigger events too; ratios to it are too low; and what it hides of a common cause may read as another venue's effect.",
      examples: [false],
    }),
    events: z.int().meta({ description: "Number of its liquidations in the window.", examples: [9_214] }),
    covered_share: z.number().meta({ description: "Share of the window in which it was covered, 0 to 1.", examples: [0.998] }),
    resolution_ms: z.number().meta({ description: "Time resolution of its feed, ms.", examples: [500] }),
    left_out: z
      .enum(LEFT_OUT_REASONS)
      .nullable()
      .meta({
        description:
          "Reason why it is not compared: too_few_events (under 200), or gaps (it, or all venues with it, were covered for too little of the window). Null where it is compared.",
        examples: [null],
      }),
  } satisfies FieldsOf<ContagionVenue>)
  .meta({ id: "ContagionVenue", description: "A venue with liquidations of the base asset in the window." });

const [first, second] = EXCHANGES;
const nothing = {
  ratio: null,
  ratio_low: null,
  ratio_high: null,
  share_of_events: null,
  share_low: null,
  share_high: null,
  delay_s: null,
  outweighs_reverse: null,
};
const found = {
  reason: null,
  p_value: 0.006,
  ratio: 0.21,
  ratio_low: 0.18,
  ratio_high: 0.24,
  share_of_events: 0.15,
  share_low: 0.13,
  share_high: 0.17,
  delay_s: 6.4,
  floor_ms: 1_500,
  outweighs_reverse: true,
};

export const contagionSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["ETH"] }),
    start_time: timeMs.meta({ description: "Start of the window, inclusive, milliseconds since 1970 UTC." }),
    end_time: timeMs.meta({ description: "End of the window, exclusive, milliseconds since 1970 UTC." }),
    method: z.string().meta({ description: "Version of the method.", examples: ["hawkes-em-1"] }),
    withheld: z
      .object({
        reason: z.enum(WITHHELD_REASONS).meta({
          description:
            "Kind of the reason. not_fitted: no fit of the last days is stored, or it failed. days_missing: a day of the 14 has no complete daily file. too_few_venues: at most one venue has 200 liquidations and is covered for 90 % of the window. gaps: the venues were covered together for under 80 % of the window.",
        }),
        detail: z.string(),
      })
      .nullable()
      .meta({ description: "Reason why there is no matrix; null where there is one.", examples: [null] }),
    venues: z.array(contagionVenue).meta({ description: "Venues with liquidations of the base asset in the window." }),
    covered_share: z
      .number()
      .nullable()
      .meta({ description: "Share of the window in which all compared venues were covered; null without a matrix.", examples: [0.982] }),
    entries: z
      .array(contagionEntry)
      .meta({ description: "From every compared venue to every compared venue, itself included; empty without a matrix." }),
    spectral_radius: z
      .object({ estimate: z.number(), low: z.number(), high: z.number() })
      .nullable()
      .meta({
        description:
          "Largest eigenvalue of the matrix of ratios, in which null entries count as 0, with its 95 % interval: liquidations trigger that many others, in the long run, one generation after the other. From 1 on, a cascade would never end by itself. Null without a matrix, and where no entry was found.",
        examples: [{ estimate: 0.46, low: 0.43, high: 0.49 }],
      }),
    nulls: z
      .int()
      .nullable()
      .meta({ description: "Number of time-shifted nulls for each entry between venues; null without a matrix.", examples: [1_000] }),
    from_btc: contagionEffect.nullable().meta({
      description:
        "Effect of liquidations of BTC on those of this base asset, both on all compared venues together; null for BTC itself, without a matrix, and where either has under 200 liquidations.",
      examples: [{ ...found, p_value: 0.002, ratio: 0.08, ratio_low: 0.06, ratio_high: 0.1, floor_ms: 2_000 }],
    }),
  } satisfies FieldsOf<Contagion>)
  .meta({
    id: "Contagion",
    description: "Matrix of who triggers whom over the venues of a base asset.",
    examples: [
      {
        symbol: "ETH",
        start_time: 1_793_923_200_000,
        end_time: 1_795_132_800_000,
        method: "hawkes-em-1",
        withheld: null,
        venues: [
          {
            exchange: first,
            coverage: "largest_per_second",
            throttled: true,
            events: 9_214,
            covered_share: 0.998,
            resolution_ms: 1_000,
            left_out: null,
          },
          {
            exchange: second,
            coverage: "all_reported",
            throttled: false,
            events: 12_871,
            covered_share: 0.984,
            resolution_ms: 500,
            left_out: null,
          },
        ],
        covered_share: 0.982,
        entries: [
          { from_exchange: first, to_exchange: first, reason: "not_beyond_chance", p_value: 0.41, ...nothing, floor_ms: null },
          { from_exchange: first, to_exchange: second, ...found },
          { from_exchange: second, to_exchange: first, reason: "not_beyond_chance", p_value: 0.62, ...nothing, floor_ms: 1_500 },
          {
            from_exchange: second,
            to_exchange: second,
            ...found,
            p_value: 0.0001,
            ratio: 0.46,
            ratio_low: 0.43,
            ratio_high: 0.49,
            floor_ms: null,
            outweighs_reverse: null,
          },
        ],
        spectral_radius: { estimate: 0.46, low: 0.43, high: 0.49 },
        nulls: 1_000,
        from_btc: { ...found, p_value: 0.002, ratio: 0.08, ratio_low: 0.06, ratio_high: 0.1, floor_ms: 2_000 },
      },
    ],
  });
