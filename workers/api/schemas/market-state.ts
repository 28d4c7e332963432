import * as z from "zod";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { CORRELATED_DAYS, type LaggedCorrelation } from "../../../src/market-state/correlations.ts";
import { LAGS_MINUTES, MEASURES } from "../../../src/market-state/lags.ts";
import type { Squeeze } from "../../../src/market-state/squeeze.ts";
import type { VenueMarket } from "../../../src/signals/venue-now.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const known = (description: string, example?: number) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}; null where unknown or too old.`, ...(example === undefined ? {} : { examples: [example] }) });

export const squeezeSchema = z
  .object({
    reading: z
      .enum(["long_crowded", "short_crowded", "none"])
      .nullable()
      .meta({
        description:
          "`long_crowded` where funding is positive and its percentile at least 0.9, the percentile of open interest is at least 0.8, and the basis is positive; `short_crowded` where funding is negative and its percentile at most 0.1, that of open interest at least 0.8, and the basis negative; else none. It describes who pays for an unusually large position; nothing shows that a squeeze follows. null where one of the four is unknown.",
        examples: ["none"],
      }),
    funding_8h_bps: known("Funding rate for 8 h, bps, as are the following fields a mean over venues weighted by open interest", 0.8),
    funding_percentile: known("Percentile of the funding rate", 0.62),
    open_interest_percentile: known("Percentile of the open interest", 0.71),
    basis_bps: known("Mark price against the index price, bps", -1.2),
  } satisfies FieldsOf<Squeeze>)
  .meta({ id: "Squeeze", description: "Side that is crowded, by a stated rule." });

export const correlationSchema = z
  .object({
    measure: z.enum(MEASURES).meta({
      description:
        "Measure that the flow is compared with: the funding rate for 8 h, the change of open interest in contracts over 5 min, or the basis, over all venues.",
      examples: ["open_interest_change"],
    }),
    position_side: z.enum(POSITION_SIDES).meta({ description: "Side of the liquidated positions." }),
    lag_minutes: z.literal(LAGS_MINUTES).meta({
      description: "Minutes from the measure to the flow: positive where liquidations follow the market, negative where they lead it.",
      examples: [0],
    }),
    correlation: z
      .number()
      .nullable()
      .meta({ description: "Spearman's rank correlation; null where its interval includes 0.", examples: [-0.21] }),
    low: z.number().meta({ description: "Lower end of the simultaneous 95 % interval.", examples: [-0.3] }),
    high: z.number().meta({ description: "Upper end of the simultaneous 95 % interval.", examples: [-0.12] }),
    distinguishable: z.boolean().meta({ description: "False where the interval includes 0: not distinguishable from none." }),
    pairs: z.int().meta({ description: "Number of 5-minute steps.", examples: [4_032] }),
    effective_pairs: z.int().meta({ description: "Number of independent steps with the same standard error.", examples: [611] }),
    blocks: z.int().meta({ description: "Number of six-hour blocks.", examples: [56] }),
  } satisfies FieldsOf<LaggedCorrelation>)
  .meta({ id: "LaggedCorrelation", description: "Dependence of the flow of a side on one measure of the market at one lag." });

const venueMarket = z
  .object({
    funding_rate: known("Funding rate per funding interval", 0.0001),
    funding_interval_hours: known("Funding interval, hours", 8),
    funding_percentile: known("Share of the hours of the last 7 days with a lower funding rate, 0 to 1", 0.62),
    open_interest_usd: known("Open interest of one side, USD", 3_400_000_000),
    open_interest_change_5m_pct: known(
      "Change of the open interest over 5 min, percent of its USD, so that it moves with the price too",
      -0.2,
    ),
    open_interest_change_1h_pct: known(
      "Change of the open interest over 1 h, percent of its USD, so that it moves with the price too",
      0.8,
    ),
    open_interest_change_24h_pct: known(
      "Change of the open interest over 24 h, percent of its USD, so that it moves with the price too",
      3.1,
    ),
    open_interest_percentile: known("Share of the hours of the last 7 days with a lower open interest in contracts, 0 to 1", 0.71),
    basis_bps: known("Mark price against the index price, bps", -1.2),
  } satisfies FieldsOf<VenueMarket>)
  .meta({ id: "VenueMarket", description: "State of one venue's USDT contract at the end of the last minute." });

const correlations = z
  .object({
    status: z.enum(["published", "withheld"]),
    reason: z
      .string()
      .nullable()
      .meta({ description: "Reason for withholding them; null where they are published.", examples: [null] }),
    from_time: timeMs.nullable().meta({ description: "Start of the days they are computed over; null before the first computation." }),
    to_time: timeMs.nullable().meta({ description: "End of those days; null before the first computation." }),
    computed_time: timeMs.nullable().meta({ description: "Time of the last computation; null before the first one." }),
    entries: z.array(correlationSchema).meta({
      description: "Every measure, side and lag with enough blocks. Their intervals hold all at once in 95 of 100 base assets.",
    }),
  })
  .meta({
    id: "MarketCorrelations",
    description: `Spearman's correlations of the flow with the market over the last ${CORRELATED_DAYS} days that are stored, computed once a day.`,
  });

export const marketStateSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    time: timeMs.meta({ description: "End of the last whole minute, which the state is of." }),
    exchanges: z.partialRecord(z.enum(EXCHANGES), venueMarket),
    squeeze: squeezeSchema,
    correlations,
  })
  .meta({ id: "MarketState", description: "Funding, open interest and basis of a base asset, and how liquidations went with them." });
