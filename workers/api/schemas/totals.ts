import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { Totals } from "../../../src/windows/totals.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

export const totalsFields = {
  events: z.int().meta({ description: "Liquidations.", examples: [23] }),
  events_without_usd: z.int().meta({ description: "How many of them the sum of usd lacks.", examples: [0] }),
  events_without_notional_mark: z.int().meta({ description: "How many of them the sum of notional_mark_usd lacks.", examples: [1] }),
  usd: z
    .number()
    .nullable()
    .meta({ description: "Sum of usd_value, USD; null where there are events and no event's value is known.", examples: [1_207_800] }),
  notional_mark_usd: z
    .number()
    .nullable()
    .meta({
      description: "Sum of quantity × mark price, USD, comparable between venues; null as for usd.",
      examples: [1_209_150.5],
    }),
  quantity: z
    .number()
    .nullable()
    .meta({ description: "Sum in base units; null as for usd.", examples: [14.45] }),
  max_usd: z
    .number()
    .nullable()
    .meta({ description: "The largest single usd_value; null where there is none.", examples: [211_400] }),
} satisfies FieldsOf<Totals>;

export const totalsSchema = z
  .object(totalsFields)
  .meta({ id: "Totals", description: "What is summed over liquidations; without an event it is a measured zero." });

const sides = z
  .object({ long: totalsSchema, short: totalsSchema })
  .meta({ id: "TotalsBySide", description: "By the side whose positions were closed." });

/** One step of a series. */
export const totalsPointSchema = z
  .object({
    time: timeMs.meta({ description: "When the step begins, milliseconds since 1970 UTC." }),
    sides,
    exchanges: z
      .partialRecord(z.enum(EXCHANGES), sides)
      .meta({ description: "The same by venue; a venue without an event in the step is left out." }),
  })
  .meta({ id: "TotalsPoint", description: "A symbol's totals over one step." });
export type TotalsPoint = z.output<typeof totalsPointSchema>;
