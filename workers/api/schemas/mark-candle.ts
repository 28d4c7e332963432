import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";

const price = (description: string, example: number) => z.number().meta({ description, examples: [example] });

/** The mark price of a venue's USDT contract over one step. */
export const markCandleSchema = z
  .object({
    time: timeMs.meta({ description: "Start of the step, milliseconds since 1970 UTC.", examples: [1_795_251_900_000] }),
    exchange: z.enum(EXCHANGES).meta({ description: "Venue whose mark prices these are." }),
    open: price("First mark price of the step.", 84_120.5),
    high: price("Highest mark price of the step.", 84_150),
    low: price("Lowest mark price of the step.", 84_001.2),
    close: price("Last mark price of the step.", 84_010),
    samples: z.int().meta({
      description: "Number of mark prices that arrived in the step: few mean a part of it.",
      examples: [188],
    }),
  })
  .meta({ id: "MarkCandle", description: "Mark prices of one venue over one step." });
export type MarkCandle = z.output<typeof markCandleSchema>;
