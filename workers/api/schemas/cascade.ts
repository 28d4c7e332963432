import * as z from "zod";
import type { CascadeAdl } from "../../../src/adl/adl-history.ts";
import { CASCADE_CONSTANTS, type CascadeConstants, type CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { CASCADE_WINDOW_S } from "../../../src/cascade/settled-seconds.ts";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import type { CascadeEstimate } from "../../d1/cascade-estimates.ts";
import type { StoredCascade } from "../../d1/cascade-reads.ts";
import { gapSchema, timeMs } from "../http/answer.ts";
import { ADL_STATE_TEXT, adlState, insuranceFundCurrency } from "./adl.ts";
import { estimatedRangeSchema } from "./estimate.ts";
import type { FieldsOf } from "./fields-of.ts";

const constants = z
  .object({
    window_s: z.literal(CASCADE_WINDOW_S).meta({ description: "Length of the detection window, seconds." }),
    min_events: z.int().meta({ description: "Minimum number of events in the window." }),
    floor_usd: z
      .record(z.string(), z.number())
      .meta({ description: "Minimum USD in the window, by base asset; * stands for all others.", examples: [CASCADE_CONSTANTS.floor_usd] }),
    velocity_quantile: z.number().meta({ description: "Quantile of the last 7 days that the velocity must reach, 0 to 1." }),
    move_sigmas: z.number().meta({
      description:
        "Minimum move of the mark price over the window, in σ·√window with the σ of one-second returns in the 15 min before the flow began.",
    }),
    side_dominance: z.number().meta({ description: "Minimum share of this side in the USD of both sides over the window, 0 to 1." }),
    cooling_velocity_share: z
      .number()
      .meta({ description: "Share of the peak velocity below which an active cascade starts to cool, 0 to 1." }),
    cooling_s: z.number().meta({ description: "Time the velocity must stay below that share, seconds." }),
    end_s: z.number().meta({
      description: "Time without an event at which the window reaches its minimum USD, after which the cascade has ended, seconds.",
    }),
    market_wide_symbols: z.int().meta({ description: "Minimum number of base assets with an active cascade for a market-wide cascade." }),
    market_wide_s: z.number().meta({ description: "Time within which those cascades must have begun, seconds." }),
  } satisfies FieldsOf<CascadeConstants>)
  .meta({ id: "CascadeConstants", description: "Thresholds that the cascade was detected with.", examples: [CASCADE_CONSTANTS] });

const cascadeAdl = z
  .object({
    exchange: z.enum(EXCHANGES),
    instrument: z.string().meta({ description: "The venue's name of the contract.", examples: ["BTC-USDT-SWAP"] }),
    state: adlState.nullable().meta({
      description: `Most severe state during the cascade; null where the venue publishes none. ${ADL_STATE_TEXT}`,
      examples: ["warning"],
    }),
    insurance_fund_start: z
      .number()
      .nullable()
      .meta({
        description: "First balance of the insurance fund that was published during the cascade; null where none was.",
        examples: [280_784_384.9],
      }),
    insurance_fund_min: z
      .number()
      .nullable()
      .meta({ description: "Lowest of these balances; null where none was published.", examples: [279_904_112.4] }),
    insurance_fund_currency: insuranceFundCurrency,
  } satisfies FieldsOf<CascadeAdl>)
  .meta({ id: "CascadeAdl", description: "Auto-deleveraging of a contract during a cascade, as its venue published it." });

const cascadeFields = {
  cascade_id: z
    .string()
    .meta({ description: "Id of the cascade, as in cascade_id of its liquidations.", examples: ["BTC-long-1795251862000"] }),
  symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
  position_side: z.enum(POSITION_SIDES).meta({ description: "Side of the closed positions." }),
  state: z
    .enum(["building", "active", "cooling", "ended"])
    .meta({ description: "State of the cascade. Cascades that are still building are not listed.", examples: ["ended"] }),
  start_time: timeMs.meta({
    description:
      "Time of the event with which the flow of the cascade began, milliseconds since 1970 UTC. Liquidations that arrive late may move it until ten minutes after the end.",
    examples: [1_795_251_862_000],
  }),
  peak_time: timeMs.meta({
    description: "Time of the event that completed the second with the most USD, milliseconds since 1970 UTC.",
    examples: [1_795_251_903_000],
  }),
  end_time: timeMs.nullable().meta({
    description:
      "Time of the last event at which the window reached its minimum USD, milliseconds since 1970 UTC; null while the cascade runs.",
    examples: [1_795_251_951_000],
  }),
  events: z.int().meta({ description: "Number of liquidations.", examples: [143] }),
  usd: z.number().meta({
    description:
      "Sum of flow USD, notional_mark_usd where known, else usd_value. A lower bound, because the venues do not report every liquidation.",
    examples: [6_204_100],
  }),
  peak_usd_per_s: z.number().meta({
    description: "Most USD in any one second. Records from before 2026-11-28 have the highest average over a minute.",
    examples: [412_300],
  }),
  peak_5s_usd: z
    .number()
    .nullable()
    .meta({ description: "Most USD in any five seconds; null in records from before 2026-11-28.", examples: [1_204_700] }),
  first_exchange: z
    .enum(EXCHANGES)
    .nullable()
    .meta({
      description:
        "Venue whose own flow began first, of those connected; null where none is more likely than not to have begun more than half a second before the others.",
      examples: ["bybit"],
    }),
  first_exchange_probability: z
    .number()
    .nullable()
    .meta({
      description:
        "Probability of that, as of when the cascade became active; null with first_exchange, and in records from before 2026-11-28.",
      examples: [0.94],
    }),
  exchanges: z.array(z.enum(EXCHANGES)).meta({ description: "Venues with at least one event.", examples: [["bybit", "binance", "okx"]] }),
  start_mark: z
    .number()
    .nullable()
    .meta({
      description: "Mark price at the first event, from the venue whose mark price moved furthest; null where unknown.",
      examples: [84_120.4],
    }),
  extreme_mark: z
    .number()
    .nullable()
    .meta({ description: "Furthest mark price of the same venue at any event of the cascade; null where unknown.", examples: [83_010.9] }),
  move_bps: z
    .number()
    .nullable()
    .meta({
      description:
        "Move of the mark price from start_mark to extreme_mark, bps, positive in the direction of the forced flow; null where unknown.",
      examples: [131.9],
    }),
  severity: z.literal([1, 2, 3, 4, 5]).meta({
    description:
      "Severity, 1 to 5: 1, plus one each for at least 4 times the minimum USD, at least 16 times the minimum USD, a move at least twice the required one, and a market-wide cascade. It ranks size and is not a forecast.",
    override: { type: "integer" },
    examples: [2],
  }),
  market_wide: z.boolean().meta({ description: "True where cascades of several base assets ran at the same time.", examples: [false] }),
  gaps: z.array(gapSchema).meta({ description: "Periods within the cascade in which a venue was not connected." }),
  adl_states: z.array(cascadeAdl).nullable().meta({
    description:
      "State of the venues' auto-deleveraging of the base asset during the cascade, by contract, as they published it; empty where none did. Null in records from before 2026-11-29.",
  }),
  constants,
} satisfies FieldsOf<CascadeRecord>;

/** The path of what is about one cascade. */
export const cascadeParams = z.strictObject({
  id: z
    .string()
    .max(100, "must be at most 100 characters")
    .meta({ description: "Id of the cascade, as in `cascade_id`.", example: "BTC-long-1795251862000" }),
});

/** A cascade in the payload of a webhook. */
export const cascadeRecordSchema = z
  .object(cascadeFields)
  .meta({ id: "CascadeRecord", description: "A cascade, as of the time of the event." });

export const cascadeSchema = z
  .object({
    ...cascadeFields,
    updated_time: timeMs.meta({ description: "Time of the last update, milliseconds since 1970 UTC." }),
  } satisfies FieldsOf<StoredCascade>)
  .meta({ id: "Cascade", description: "A self-reinforcing run of liquidations of one base asset and side." });

const cascadeEstimateSchema = z
  .object({
    ...estimatedRangeSchema.shape,
    stored_time: timeMs.nullable().meta({
      description:
        "Time at which the estimate was stored with the cascade, some two hours after its end, milliseconds since 1970 UTC; null before.",
      examples: [1_795_259_100_000],
    }),
    fit_hash: z
      .string()
      .nullable()
      .meta({
        description:
          "SHA-256 of the fit whose parameters the estimate was made with, as in `GET /v1/estimates/methods` at that time; null until it is stored, and where there was no fit or a newer one came meanwhile.",
        examples: ["5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652"],
      }),
  } satisfies FieldsOf<CascadeEstimate>)
  .meta({
    id: "CascadeEstimate",
    description:
      "Liquidations of the base asset and side of a cascade, as reported and as estimated. It is an estimate by a model, not a measurement.",
  });

/** One cascade, with what its liquidations are estimated to come to. */
export const oneCascadeSchema = z
  .object({
    ...cascadeSchema.shape,
    estimate: cascadeEstimateSchema.meta({
      description:
        "Liquidations of the base asset and side as reported and as estimated, over the whole minutes from start_time to end_time as far as they are settled, some minutes ago; withheld where one of them could not be estimated. They may hold more than the cascade, so `reported_usd` is not `usd`.",
    }),
  })
  .meta({ id: "CascadeWithEstimate", description: "A cascade, with its liquidations as reported and as estimated." });
