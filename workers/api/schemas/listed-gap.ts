import * as z from "zod";
import { gapSchema } from "../http/answer.ts";

/** A gap of a venue, or of a single contract or base asset of it. */
export const listedGapSchema = gapSchema
  .extend({
    filled_events: z
      .int()
      .min(0)
      .optional()
      .meta({
        description:
          "Number of liquidations of this period that the venue's history named later, or while the gap lasted; absent for a gap of a single contract or base asset. They are stored with the source backfill. A venue may not name all of them.",
        examples: [3],
      }),
    contract: z
      .string()
      .optional()
      .meta({
        description:
          "The venue's name of the contract, where only its liquidations were not received; absent for a gap of the whole venue.",
        examples: ["LUNAUSDT"],
      }),
    symbol: z
      .string()
      .optional()
      .meta({
        description:
          "Base asset, where the venue delivered others and only this one was silent for longer than the other venues explain (reason suspect); absent for other gaps.",
        examples: ["BTC"],
      }),
  })
  .meta({
    id: "ListedGap",
    description: "A period in which the liquidations of a venue, or of a single contract or base asset of it, were not received.",
    examples: [{ exchange: "bybit", from_time: 1_795_250_100_000, to_time: null, reason: "not_subscribed", contract: "LUNAUSDT" }],
  });
