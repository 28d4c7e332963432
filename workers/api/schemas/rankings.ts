import * as z from "zod";
import { timeMs } from "../http/answer.ts";
import { totalsFields, totalsSchema } from "./totals.ts";

const group = z
  .object({
    rank: z.int().meta({ description: "Place, from 1.", examples: [1] }),
    key: z.string().meta({ description: "Base asset, venue or side, as asked for in `by`.", examples: ["BTC"] }),
    share: z
      .number()
      .nullable()
      .meta({
        description:
          "Share in the total of the ranked value, 0 to 1; null where the value is unknown, the total is 0, or the rank is by max_usd.",
        examples: [0.62],
      }),
    ...totalsFields,
  })
  .meta({ id: "RankedGroup", description: "One group of a ranking, with its totals." });

const totals = (events: number, usd: number, notional: number, largest: number, quantity: number | null) => ({
  events,
  events_without_usd: 0,
  events_without_notional_mark: 0,
  usd,
  notional_mark_usd: notional,
  quantity,
  max_usd: largest,
});

export const rankingSchema = z
  .object({
    by: z.enum(["symbol", "exchange", "side"]).meta({ description: "Kind of the groups: base assets, venues or sides." }),
    rank: z.enum(["usd", "notional_mark_usd", "events", "max_usd"]).meta({ description: "Value that the groups are ranked by." }),
    start_time: timeMs.meta({
      description: "Start of the range, widened to a whole minute or hour, inclusive, milliseconds since 1970 UTC.",
    }),
    end_time: timeMs.meta({ description: "End of the range, widened to a whole minute or hour, exclusive, milliseconds since 1970 UTC." }),
    groups: z.int().meta({ description: "Number of groups with an event, including those that `limit` omits.", examples: [2] }),
    total: totalsSchema.meta({ description: "Totals over all groups, including those that `limit` omits." }),
    ranking: z.array(group).meta({ description: "Groups, the largest value first; groups of unknown value are last." }),
  })
  .meta({
    id: "Ranking",
    description: "Totals of a range by base asset, venue or side, ranked.",
    examples: [
      {
        by: "symbol",
        rank: "usd",
        start_time: 1_795_132_800_000,
        end_time: 1_795_219_200_000,
        groups: 2,
        total: totals(150, 2_000_000, 2_003_000, 211_400, null),
        ranking: [
          { rank: 1, key: "BTC", share: 0.75, ...totals(90, 1_500_000, 1_502_000, 211_400, 17.9) },
          { rank: 2, key: "ETH", share: 0.25, ...totals(60, 500_000, 501_000, 90_200, 180.5) },
        ],
      },
    ],
  });
export type Ranking = z.output<typeof rankingSchema>;
