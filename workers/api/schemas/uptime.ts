import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { timeMs } from "../http/answer.ts";
import { listedGapSchema } from "./listed-gap.ts";

/** Each venue's uptime by hour or day, for a calendar. */
export const uptimeSchema = z
  .object({
    interval: z.enum(["1h", "1d"]),
    start_time: timeMs.meta({ description: "Start of the first step, milliseconds since 1970 UTC.", examples: [1_795_244_400_000] }),
    end_time: timeMs.meta({ description: "End of the last step, milliseconds since 1970 UTC.", examples: [1_795_255_200_000] }),
    step_ms: z.int().meta({ description: "Length of a step, ms.", examples: [3_600_000] }),
    exchanges: z.partialRecord(z.enum(EXCHANGES), z.array(z.number().min(0).max(1).nullable())).meta({
      description:
        "Share of each step in which the venue was connected, 0 to 1, oldest step first, for each configured venue that publishes liquidations; null where it is unknown, because the step has not begun or its gaps were deleted.",
      examples: [{ bybit: [1, 0.9831, null] }],
    }),
    contract_gaps: z.array(listedGapSchema).meta({
      description:
        "Periods inside the range in which a connected venue was not subscribed to a single contract, or sent none of a base asset for longer than the other venues explain, newest first, at most 1,000. They are not in the shares of `exchanges`.",
      examples: [[]],
    }),
  })
  .meta({ id: "Uptime", description: "Share of time in which each venue was connected, by step." });
