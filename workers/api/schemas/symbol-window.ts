import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { SymbolWindow } from "../../../src/windows/symbol-window.ts";
import type { SideStatistics, WindowStatistics } from "../../../src/windows/window-statistics.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";
import { totalsFields } from "./totals.ts";

const windowStatistics = z
  .object({
    ...totalsFields,
    exchanges_active: z.int().meta({ description: "Number of venues with an event in the window.", examples: [3] }),
    previous_events: z.int().meta({ description: "Number of liquidations in the previous window.", examples: [11] }),
    previous_usd: z
      .number()
      .nullable()
      .meta({ description: "Value of usd in the previous window, USD; null where unknown.", examples: [402_600] }),
    change_pct: z
      .number()
      .nullable()
      .meta({
        description:
          "Change of usd against previous_usd, percent: 50 means half as much again; null where previous_usd is 0 or either is unknown.",
        examples: [200],
      }),
    percentile: z
      .number()
      .nullable()
      .meta({
        description:
          "Share of the windows of the same length in the last 7 days that have less USD, 0 to 1; null with less than 24 h of covered history, and for single venues.",
        examples: [0.97],
      }),
  } satisfies FieldsOf<WindowStatistics>)
  .meta({ id: "WindowStatistics", description: "Statistics of one window and of the previous window." });

export const sideStatisticsSchema = z
  .object({ long: windowStatistics, short: windowStatistics, total: windowStatistics } satisfies FieldsOf<SideStatistics>)
  .meta({ id: "WindowStatisticsBySide", description: "Window statistics of liquidated longs, liquidated shorts and both together." });

export const windowFields = {
  window: z.string().meta({ description: "Name of the window.", examples: ["15m"] }),
  start_time: timeMs.meta({ description: "Start of the window, inclusive, milliseconds since 1970 UTC." }),
  end_time: timeMs.meta({ description: "End of the window, exclusive, milliseconds since 1970 UTC: 5 s before the full minute." }),
  previous_start_time: timeMs.meta({
    description: "Start of the previous window, milliseconds since 1970 UTC. It is cut to a full minute where older events were deleted.",
  }),
  previous_end_time: timeMs.meta({ description: "End of the previous window, exclusive, milliseconds since 1970 UTC." }),
  uptime_share: z.number().meta({
    description: "Share of venue time that was connected during the window, 0 to 1. Below 1 the sums may miss liquidations.",
    examples: [1],
  }),
  previous_uptime_share: z
    .number()
    .meta({ description: "Share of venue time that was connected during the previous window, 0 to 1.", examples: [0.98] }),
  sides: sideStatisticsSchema,
};

export const windowExchangesSchema = z.partialRecord(z.enum(EXCHANGES), sideStatisticsSchema).meta({
  description:
    "Window statistics by venue: venues with events, and connected venues that publish liquidations. A venue that publishes none does not appear, because a zero would not be measured.",
});

export const symbolWindowSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    ...windowFields,
    as_of_time: timeMs.meta({ description: "Full minute that the statistics were computed for, milliseconds since 1970 UTC." }),
    exchanges: windowExchangesSchema,
  } satisfies FieldsOf<SymbolWindow>)
  .meta({ id: "SymbolWindow", description: "Statistics of one symbol's window and of the previous window, as the spike rule uses them." });
