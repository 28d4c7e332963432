import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { ComparedUsd, Comparison } from "../../../src/windows/comparison.ts";
import type { BySide } from "../../../src/windows/percentile.ts";
import type { SymbolWindow } from "../../../src/windows/symbol-window.ts";
import type { SideStatistics, WindowStatistics } from "../../../src/windows/window-statistics.ts";
import { timeMs } from "../http/answer.ts";
import { estimateBySideSchema, estimateSchema, estimatedRangeFields } from "./estimate.ts";
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
          "Change of the USD against the previous window over the compared venues, percent: 50 means half as much again; null where the previous window has none or either is unknown.",
        examples: [200],
      }),
    percentile: z
      .number()
      .nullable()
      .meta({
        description:
          "Share of the earlier windows of the same length and the same hour of the week (± 1 h, last 4 weeks) that have less USD, 0 to 1, on a log scale; with less than 4 weeks of history, of the same hour of any day. Null with less than 24 h of covered history, where the length is no multiple of 15 min, and for single venues.",
        examples: [0.97],
      }),
  } satisfies FieldsOf<WindowStatistics>)
  .meta({ id: "WindowStatistics", description: "Statistics of one window and of the previous window." });

/** Long and short add up to total. */
const SIDES_EXAMPLE = {
  long: sideExample([18, 1, 1_000_000, 1_001_150.5, 11.95, 211_400], [8, 250_000, 300, 0.98]),
  short: sideExample([5, 0, 207_800, 208_000, 2.5, 90_100], [3, 152_600, 36.2, 0.71]),
  total: sideExample([23, 1, 1_207_800, 1_209_150.5, 14.45, 211_400], [11, 402_600, 200, 0.97]),
};

function sideExample(now: readonly [number, number, number, number, number, number], before: readonly [number, number, number, number]) {
  const [events, events_without_notional_mark, usd, notional_mark_usd, quantity, max_usd] = now;
  const [previous_events, previous_usd, change_pct, percentile] = before;
  const totals = { events, events_without_usd: 0, events_without_notional_mark, usd, notional_mark_usd, quantity, max_usd };
  return { ...totals, exchanges_active: 1, previous_events, previous_usd, change_pct, percentile };
}

export const sideStatisticsSchema = z
  .object({ long: windowStatistics, short: windowStatistics, total: windowStatistics } satisfies FieldsOf<SideStatistics>)
  .meta({
    id: "WindowStatisticsBySide",
    description: "Window statistics of liquidated longs, liquidated shorts and both together.",
    examples: [SIDES_EXAMPLE],
  });

const comparedUsd = z
  .object({
    usd: z
      .number()
      .nullable()
      .meta({ description: "USD of the window over the compared venues; null where unknown.", examples: [1_150_000] }),
    previous_usd: z
      .number()
      .nullable()
      .meta({ description: "USD of the previous window over the compared venues; null where unknown.", examples: [380_500] }),
  } satisfies FieldsOf<ComparedUsd>)
  .meta({ id: "ComparedUsd", description: "USD of a window and of the previous one over the compared venues." });

const comparisonSchema = z
  .object({
    exchanges: z.array(z.enum(EXCHANGES)).meta({
      description: "Compared venues: those that were connected for at least 90 % of each of the two windows.",
      examples: [["binance", "bybit", "okx"]],
    }),
    share: z.number().meta({
      description:
        "Share of the compared venues in the USD that all venues published in the last 7 days, 0 to 1. Below 0.9 no rise counts as a spike.",
      examples: [0.96],
    }),
    long: comparedUsd,
    short: comparedUsd,
    total: comparedUsd,
  } satisfies FieldsOf<Comparison>)
  .meta({
    id: "WindowComparison",
    description: "Venues and sums that change_pct compares: only venues that were covered in both windows.",
    examples: [
      {
        exchanges: EXCHANGES.slice(0, 3),
        share: 0.96,
        long: { usd: 1_000_000, previous_usd: 250_000 },
        short: { usd: 207_800, previous_usd: 152_600 },
        total: { usd: 1_207_800, previous_usd: 402_600 },
      },
    ],
  });

const percentile = z
  .number()
  .nullable()
  .meta({ description: "Percentile, 0 to 1; null where unknown.", examples: [0.93] });

const medianUsd = z
  .number()
  .nullable()
  .meta({ description: "Median, USD; null where the window has no percentile.", examples: [196_000] });

const medianUsdBySide = z.object({ long: medianUsd, short: medianUsd, total: medianUsd } satisfies FieldsOf<BySide<number | null>>).meta({
  id: "MedianUsd",
  description: "Median USD of the earlier windows that percentile is a rank among: what is usual at this hour.",
});

const percentileWithoutLargest = z
  .object({ long: percentile, short: percentile, total: percentile } satisfies FieldsOf<BySide<number | null>>)
  .meta({
    id: "PercentileWithoutLargest",
    description: "The percentile that each side would have without its largest liquidation.",
  });

export const windowFields = {
  window: z.string().meta({ description: "Name of the window.", examples: ["15m"] }),
  start_time: timeMs.meta({ description: "Start of the window, inclusive, milliseconds since 1970 UTC.", examples: [1_795_250_995_000] }),
  end_time: timeMs.meta({
    description: "End of the window, exclusive, milliseconds since 1970 UTC: 5 s before the full minute.",
    examples: [1_795_251_895_000],
  }),
  previous_start_time: timeMs.meta({
    description: "Start of the previous window, milliseconds since 1970 UTC. It is cut to a full minute where older events were deleted.",
    examples: [1_795_250_095_000],
  }),
  previous_end_time: timeMs.meta({
    description: "End of the previous window, exclusive, milliseconds since 1970 UTC.",
    examples: [1_795_250_995_000],
  }),
  uptime_share: z.number().meta({
    description:
      "Share of venue time that was connected during the window, weighted by the venues' USD of the last 7 days, 0 to 1. Below 1 the sums may miss liquidations.",
    examples: [1],
  }),
  previous_uptime_share: z
    .number()
    .meta({ description: "Share of venue time that was connected during the previous window, weighted alike, 0 to 1.", examples: [0.98] }),
  comparison: comparisonSchema,
  median_usd: medianUsdBySide,
  percentile_without_largest: percentileWithoutLargest,
  sides: sideStatisticsSchema,
};

export const windowExchangesSchema = z.partialRecord(z.enum(EXCHANGES), sideStatisticsSchema).meta({
  description:
    "Window statistics by venue: venues with events, and connected venues that publish liquidations. A venue that publishes none does not appear, because a zero would not be measured.",
});

const estimatedWindow = z
  .object({
    ...estimatedRangeFields,
    sides: estimateBySideSchema,
    exchanges: z
      .partialRecord(z.enum(EXCHANGES), estimateSchema)
      .meta({ description: "Estimates by venue: venues that reported something, and those without an estimate." }),
  })
  .meta({
    id: "EstimatedWindow",
    description:
      "Reported liquidations, and what all liquidations are estimated to come to, over the newest settled minutes, as many as the window has. They end some minutes before the window does, so `reported_usd` is not the window's `usd`.",
  });

export const symbolWindowSchema = z
  .object({
    ...({
      symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
      ...windowFields,
      as_of_time: timeMs.meta({ description: "Full minute that the statistics were computed for, milliseconds since 1970 UTC." }),
      exchanges: windowExchangesSchema,
    } satisfies FieldsOf<SymbolWindow>),
    estimate: estimatedWindow,
  })
  .meta({ id: "SymbolWindow", description: "Statistics of one symbol's window and of the previous window, as the spike rule uses them." });
