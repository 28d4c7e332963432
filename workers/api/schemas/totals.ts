import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { Totals } from "../../../src/windows/totals.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

export const totalsFields = {
  events: z.int().meta({ description: "Number of liquidations.", examples: [23] }),
  events_without_usd: z
    .int()
    .meta({ description: "Number of liquidations that usd does not include, because their usd_value is unknown.", examples: [0] }),
  events_without_notional_mark: z.int().meta({
    description: "Number of liquidations that notional_mark_usd does not include, because their mark price is unknown.",
    examples: [1],
  }),
  usd: z
    .number()
    .nullable()
    .meta({
      description: "Sum of usd_value, USD; 0 without events, null where the value of every event is unknown.",
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
    .meta({ description: "Largest single usd_value, USD; null where there is none.", examples: [211_400] }),
} satisfies FieldsOf<Totals>;

export const totalsSchema = z
  .object(totalsFields)
  .meta({ id: "Totals", description: "Totals of liquidations. Without events they are a measured zero." });

const sides = z
  .object({ long: totalsSchema, short: totalsSchema })
  .meta({ id: "TotalsBySide", description: "Totals by the side of the closed positions." });

/** One step of a series. */
export const totalsPointSchema = z
  .object({
    time: timeMs.meta({ description: "Start of the step, milliseconds since 1970 UTC." }),
    sides,
    exchanges: z
      .partialRecord(z.enum(EXCHANGES), sides)
      .meta({ description: "Totals by venue, without venues that have no event in the step." }),
  })
  .meta({ id: "TotalsPoint", description: "Totals of one base asset, or of all, over one step." });
export type TotalsPoint = z.output<typeof totalsPointSchema>;
