import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { WindowReading } from "../../../src/windows/window-reading.ts";
import type { SideStatistics, WindowStatistics } from "../../../src/windows/window-statistics.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";
import { totalsFields } from "./totals.ts";

const windowStatistics = z
  .object({
    ...totalsFields,
    exchanges_active: z.int().meta({ description: "Venues with an event in the window.", examples: [3] }),
    previous_events: z.int().meta({ description: "Liquidations in the window before.", examples: [11] }),
    previous_usd: z
      .number()
      .nullable()
      .meta({ description: "usd of the window before.", examples: [402_600] }),
    change_pct: z
      .number()
      .nullable()
      .meta({
        description:
          "Of usd against previous_usd, in percent: 50 is half as much again. Null where there was nothing before, or either is unknown.",
        examples: [200],
      }),
    percentile: z
      .number()
      .nullable()
      .meta({
        description:
          "Share, 0 to 1, of the windows of the same length in the last 7 days with less USD. Null under 24 h of heard history, and by venue.",
        examples: [0.97],
      }),
  } satisfies FieldsOf<WindowStatistics>)
  .meta({ id: "WindowStatistics", description: "A window against the one before it." });

export const sideStatisticsSchema = z
  .object({ long: windowStatistics, short: windowStatistics, total: windowStatistics } satisfies FieldsOf<SideStatistics>)
  .meta({ id: "WindowStatisticsBySide", description: "Closed longs, closed shorts, and both together." });

export const windowFields = {
  window: z.string().meta({ description: "The window's name.", examples: ["15m"] }),
  start_time: timeMs.meta({ description: "When the window begins, milliseconds since 1970 UTC." }),
  end_time: timeMs.meta({ description: "When it ends, not in it: 5 s before as_of_time, milliseconds since 1970 UTC." }),
  previous_start_time: timeMs.meta({
    description: "When the window before begins, ms; later than a whole length before where older events are no longer kept.",
  }),
  previous_end_time: timeMs.meta({ description: "When the window before ends, milliseconds since 1970 UTC." }),
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
  description: "By venue: those with events and those that could have had some. A venue that publishes none has no zero to show.",
});

export const windowReadingSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    ...windowFields,
    as_of_time: timeMs.meta({ description: "The minute the window is of, milliseconds since 1970 UTC." }),
    exchanges: windowExchangesSchema,
  } satisfies FieldsOf<WindowReading>)
  .meta({ id: "WindowReading", description: "One symbol's window against the one before it: the numbers the spike rule sees." });
