import * as z from "zod";
import { CASCADE_CONSTANTS, type CascadeConstants, type CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { CASCADE_WINDOW_S } from "../../../src/cascade/flow-pass.ts";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import type { StoredCascade } from "../../d1/cascade-reads.ts";
import { gapSchema, timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const constants = z
  .object({
    window_s: z.literal(CASCADE_WINDOW_S).meta({ description: "The window of the sums, seconds." }),
    least_events: z.int().meta({ description: "Events the window has at least." }),
    floor_usd: z
      .record(z.string(), z.number())
      .meta({ description: "USD the window has at least, by base asset; * for all others.", examples: [CASCADE_CONSTANTS.floor_usd] }),
    velocity_quantile: z.number().meta({ description: "Velocity must reach this quantile of its own last 7 days." }),
    move_sigmas: z.number().meta({ description: "The mark must have moved by this many σ·√window, σ of one-second returns." }),
    side_dominance: z.number().meta({ description: "Least share of this side in the USD of both over the window." }),
    cooling_velocity_share: z.number().meta({ description: "It cools once velocity is under this share of its peak …" }),
    cooling_s: z.number().meta({ description: "… for this many seconds." }),
    end_s: z.number().meta({ description: "It has ended after this many seconds without an event at which the window holds the floor." }),
    market_wide_symbols: z.int().meta({ description: "Base assets that have to run at once for a market-wide cascade …" }),
    market_wide_s: z.number().meta({ description: "… having begun within this many seconds." }),
  } satisfies FieldsOf<CascadeConstants>)
  .meta({ id: "CascadeConstants", description: "Every threshold a cascade was found with.", examples: [CASCADE_CONSTANTS] });

const cascadeFields = {
  cascade_id: z.string().meta({ description: "The one in cascade_id of its liquidations.", examples: ["BTC-long-1795251862000"] }),
  symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
  position_side: z.enum(POSITION_SIDES).meta({ description: "Whose positions are closed." }),
  state: z
    .enum(["building", "active", "cooling", "ended"])
    .meta({ description: "One that only builds is not listed.", examples: ["ended"] }),
  start_time: timeMs.meta({
    description: "The first event of the window in which it began to build, milliseconds since 1970 UTC.",
    examples: [1_795_251_862_000],
  }),
  peak_time: timeMs.meta({ description: "When its velocity was highest, milliseconds since 1970 UTC.", examples: [1_795_251_903_000] }),
  end_time: timeMs.nullable().meta({
    description: "The last event at which the window held the floor, milliseconds since 1970 UTC; null while it runs.",
    examples: [1_795_251_951_000],
  }),
  events: z.int().meta({ description: "Liquidations in it.", examples: [143] }),
  usd: z.number().meta({ description: "Sum of their usd_value. A floor, as the venues' coverage is.", examples: [6_204_100] }),
  peak_usd_per_s: z.number().meta({ description: "Highest velocity, USD per second.", examples: [61_300] }),
  first_exchange: z.enum(EXCHANGES).meta({ description: "The venue of its first event.", examples: ["bybit"] }),
  exchanges: z.array(z.enum(EXCHANGES)).meta({ description: "Venues with an event in it.", examples: [["bybit", "binance", "okx"]] }),
  start_mark: z
    .number()
    .nullable()
    .meta({
      description: "Mark price at its first event, of the venue whose mark moved furthest; null where unknown.",
      examples: [84_120.4],
    }),
  extreme_mark: z
    .number()
    .nullable()
    .meta({ description: "The same venue's furthest mark price at an event of it; null where unknown.", examples: [83_010.9] }),
  move_bps: z
    .number()
    .nullable()
    .meta({ description: "From start to extreme in bps, positive in the direction of the forced flow.", examples: [131.9] }),
  severity: z.literal([1, 2, 3, 4, 5]).meta({
    description:
      "1, and one more for each: USD at least 4 floors; at least 16 floors; a move of at least twice what made it active; market-wide. An order of size, not a forecast.",
    override: { type: "integer" },
    examples: [2],
  }),
  market_wide: z.boolean().meta({ description: "Whether several base assets ran at once.", examples: [false] }),
  gaps: z.array(gapSchema).meta({ description: "Stretches within it in which a venue was not heard." }),
  constants,
} satisfies FieldsOf<CascadeRecord>;

/** A cascade as the webhooks tell of it. */
export const cascadeRecordSchema = z
  .object(cascadeFields)
  .meta({ id: "CascadeRecord", description: "A cascade as it stood when the event was issued." });

export const cascadeSchema = z
  .object({
    ...cascadeFields,
    updated_time: timeMs.meta({ description: "As of when this is, milliseconds since 1970 UTC." }),
  } satisfies FieldsOf<StoredCascade>)
  .meta({ id: "Cascade", description: "A run of liquidations of one base asset and side that feeds itself." });
