import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { Totals } from "../../../src/windows/totals.ts";
import { timeMs } from "../http/answer.ts";
import { estimateBySideSchema, estimateSchema } from "./estimate.ts";
import type { FieldsOf } from "./fields-of.ts";

export const totalsFields = {
  events: z.int().meta({ description: "Number of liquidations.", examples: [23] }),
  events_without_usd: z.int().meta({
    description: "Number of liquidations that usd does not include, because both their notional_mark_usd and their usd_value are unknown.",
    examples: [0],
  }),
  events_without_notional_mark: z.int().meta({
    description: "Number of liquidations that notional_mark_usd does not include, because their mark price is unknown.",
    examples: [1],
  }),
  usd: z
    .number()
    .nullable()
    .meta({
      description:
        "Sum of flow USD, notional_mark_usd where known, else usd_value; 0 without events, null where the value of every event is unknown.",
      examples: [1_207_800],
    }),
  notional_mark_usd: z
    .number()
    .nullable()
    .meta({
      description:
        "Sum of quantity × mark price, USD, comparable between venues; 0 without events, null where it is unknown for every event.",
      examples: [1_209_150.5],
    }),
  quantity: z
    .number()
    .nullable()
    .meta({
      description: "Sum of quantity, base units; 0 without events, null where it is unknown for every event, and over several base assets.",
      examples: [14.45],
    }),
  max_usd: z
    .number()
    .nullable()
    .meta({ description: "Largest single flow USD of a liquidation; null where there is none.", examples: [211_400] }),
} satisfies FieldsOf<Totals>;

export const totalsSchema = z
  .object(totalsFields)
  .meta({ id: "Totals", description: "Totals of liquidations. Without events they are a measured zero." });

const sides = z
  .object({ long: totalsSchema, short: totalsSchema })
  .meta({ id: "TotalsBySide", description: "Totals by the side of the closed positions." });

const estimatedStepSchema = z
  .object({
    sides: estimateBySideSchema,
    exchanges: z
      .partialRecord(z.enum(EXCHANGES), estimateSchema)
      .meta({ description: "Estimates by venue, of those with a liquidation in the step and of those that have none." }),
  })
  .meta({ id: "EstimatedStep", description: "The liquidations of a step, reported or not, as estimated by a model: not measured." });
export type EstimatedStep = z.output<typeof estimatedStepSchema>;

/** One step of a series. */
export const totalsPointSchema = z
  .object({
    time: timeMs.meta({ description: "Start of the step, milliseconds since 1970 UTC." }),
    sides,
    exchanges: z
      .partialRecord(z.enum(EXCHANGES), sides)
      .meta({ description: "Totals by venue, without venues that have no event in the step." }),
    estimate: estimatedStepSchema.optional().meta({ description: "With `estimate=true` only." }),
  })
  .meta({ id: "TotalsPoint", description: "Totals of one base asset, or of all, over one step." });
export type TotalsPoint = z.output<typeof totalsPointSchema>;
