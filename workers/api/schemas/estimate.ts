import * as z from "zod";
import { ESTIMATE_STATUSES, type Estimate, type VenueSideEstimate } from "../../../src/estimates/estimate.ts";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";
import type { EstimateBySide } from "../../../src/estimates/estimate-by-side.ts";
import type { EstimatedMinute } from "../../../src/estimates/estimated-minute.ts";
import type { FieldsOf } from "./fields-of.ts";

const WITHHELD = "null where withheld";

const estimateFields = {
  reported_usd: z
    .number()
    .meta({ description: "Flow USD of what was reported in the settled minutes: a lower bound.", examples: [812_400] }),
  estimated_usd: z
    .number()
    .nullable()
    .meta({ description: `Estimated flow USD of all liquidations, reported or not; ${WITHHELD}.`, examples: [1_034_700] }),
  low_usd: z
    .number()
    .nullable()
    .meta({
      description: `Lower end of the interval of estimated_usd: 80 % for a minute of a venue and side; the ends of a sum are added, and are tested over hours and days of a contract; ${WITHHELD}.`,
      examples: [921_300],
    }),
  high_usd: z
    .number()
    .nullable()
    .meta({ description: `Upper end of the same interval; ${WITHHELD}.`, examples: [1_268_900] }),
  reported_events: z.int().meta({ description: "Number of liquidations that were reported.", examples: [61] }),
  estimated_events: z
    .number()
    .nullable()
    .meta({ description: `Estimated number of all liquidations, an expectation and so no whole number; ${WITHHELD}.`, examples: [118.4] }),
  method: z.string().meta({
    description: "Name and version of the method; those of a sum are joined by +.",
    examples: ["complete.v1+largest_per_second.v1"],
  }),
  status: z.enum(ESTIMATE_STATUSES).meta({
    description:
      "Status of the method. validated: it passed its test on a venue that it was not fitted on. experimental: such a test was not possible, or it had too little data. withheld: no number is given.",
    examples: ["experimental"],
  }),
  reason: z
    .string()
    .nullable()
    .meta({
      description: "Reason for which it is withheld or experimental; null where validated.",
      examples: ["fewer than 14 days were fitted"],
    }),
} satisfies FieldsOf<Estimate>;

export const estimateSchema = z.object(estimateFields).meta({
  id: "Estimate",
  description:
    "Reported liquidations, and an estimate of all liquidations, which are more where a venue does not report each. It is an estimate by a model, not a measurement.",
});

export const estimateBySideSchema = z
  .object({ long: estimateSchema, short: estimateSchema, total: estimateSchema } satisfies FieldsOf<EstimateBySide>)
  .meta({ id: "EstimateBySide", description: "Estimates of liquidated longs, liquidated shorts and both together." });

export const venueSideEstimateSchema = z
  .object({ exchange: z.enum(EXCHANGES), position_side: z.enum(POSITION_SIDES), ...estimateFields } satisfies FieldsOf<VenueSideEstimate>)
  .meta({ id: "VenueSideEstimate", description: "The estimate of one venue and side." });

/** The times of the minutes that an estimate is of. */
export const estimatedRangeFields = {
  start_time: timeMs.nullable().meta({
    description:
      "Start of the settled minutes that the estimate is of, milliseconds since 1970 UTC: later than asked for where estimates began later, or earlier minutes could not be estimated or are deleted; null where none is settled, or none of late could be estimated: a `reported_usd` of 0 beside it was not measured.",
    examples: [1_795_250_700_000],
  }),
  end_time: timeMs.nullable().meta({
    description:
      "Their end, exclusive, some minutes ago, because late liquidations still arrive, or earlier where the last minutes could not be estimated; null where `start_time` is.",
    examples: [1_795_251_600_000],
  }),
};

export const estimatedRangeSchema = z.object({ ...estimatedRangeFields, total: estimateSchema }).meta({
  id: "EstimatedRange",
  description: "Liquidations as reported and as estimated, over whole settled minutes. It is an estimate by a model, not a measurement.",
});

export const estimatedMinuteSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    time: timeMs.meta({ description: "Start of the minute, milliseconds since 1970 UTC.", examples: [1_795_251_540_000] }),
    sides: estimateBySideSchema,
    exchanges: z.array(venueSideEstimateSchema).meta({
      description: "Estimates by venue and side, of those with a liquidation in the minute and of venues that were not connected.",
    }),
  } satisfies FieldsOf<EstimatedMinute>)
  .meta({ id: "EstimatedMinute", description: "Estimates of one base asset in a settled minute: by a model, not measured." });

/** An estimate for examples: half as much again was hidden. */
export const ESTIMATE_EXAMPLE = {
  reported_usd: 812_400,
  estimated_usd: 1_034_700,
  low_usd: 921_300,
  high_usd: 1_268_900,
  reported_events: 61,
  estimated_events: 118.4,
  method: "largest_per_second.v1",
  status: "experimental",
  reason: "no second complete venue to test it on",
} as const;
