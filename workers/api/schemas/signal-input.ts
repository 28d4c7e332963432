import * as z from "zod";
import type { WindowEstimate } from "../../../src/estimates/window-estimate.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { SHOWN_CORRELATIONS } from "../../../src/market-state/correlations.ts";
import { MAX_PAST_SPIKES } from "../../../src/signals/past-spikes.ts";
import type {
  Absorption,
  BaseRates,
  Breadth,
  CascadeNow,
  FlowMinute,
  FlowSize,
  MarketNow,
  MarketState,
  NearSpike,
  Past,
  PastDecision,
  PricePath,
  SideFlow,
  SignalInput,
  VenueNow,
  WindowSummary,
} from "../../../src/signals/signal-input.ts";
import { TRIGGERS, type Trigger } from "../../../src/signals/trigger.ts";
import type { UNKNOWN_PARTS } from "../../../src/signals/unknown-input.ts";
import { ACTIONS } from "../../../src/signals/verdict.ts";
import { coverageSchema, gapSchema, timeMs } from "../http/answer.ts";
import { estimateSchema, estimatedRangeFields } from "./estimate.ts";
import type { FieldsOf } from "./fields-of.ts";
import { correlationSchema, squeezeSchema } from "./market-state.ts";
import { windowExchangesSchema, windowFields } from "./symbol-window.ts";

const known = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}; null where unknown or too old.` });

const flowMinute = z
  .object({
    minute: timeMs.meta({ description: "Start of the minute, milliseconds since 1970 UTC." }),
    long_usd: z.number().meta({ description: "USD of liquidated longs in the minute." }),
    short_usd: z.number().meta({ description: "USD of liquidated shorts in the minute." }),
    mark_high: known("Highest mark price"),
    mark_low: known("Lowest mark price"),
    mark_close: known("Last mark price"),
  } satisfies FieldsOf<FlowMinute>)
  .meta({ id: "FlowMinute", description: "Liquidation flow and mark price of one minute." });

const market = z
  .object({
    mark_exchange: z
      .enum(EXCHANGES)
      .nullable()
      .meta({
        description:
          "Venue whose marks alone mark_price, the returns, the deviations, `path` and the extremes of the day are of: the one with the most minutes in the last 65 that has one in the last 5. null where mark_price is null, and in earlier inputs, which had each minute from the most preferred venue.",
        examples: ["bybit"],
      }),
    mark_price: known("Mark price"),
    mark_time: timeMs.nullable().meta({
      description: "Start of the minute with mark_price as its close, milliseconds since 1970 UTC; null where mark_price is null.",
    }),
    return_5m_bps: known("Return of the mark price over 5 min, bps"),
    return_15m_bps: known("Return of the mark price over 15 min, bps"),
    return_1h_bps: known("Return of the mark price over 1 h, bps"),
    return_24h_bps: known("Return of the mark price over 24 h, bps"),
    sigma_before_bps: known("Standard deviation of a one-minute return of the mark price, of the 45 minutes before the last 15, bps"),
    index_price: known("Index price, from the latest liquidation of either side, as are the following fields"),
    funding_rate: known("Funding rate per funding interval"),
    open_interest_usd: known("Open interest, USD"),
    spread_bps: known("Spread of the order book, bps"),
    imbalance_ratio: known("Imbalance of the order book depth, −1 to 1"),
    volatility_5m: known("Realized volatility over 5 min, not annualized"),
    event_age_ms: known("Age of the latest liquidation at the minute of the decision, ms"),
  } satisfies FieldsOf<MarketNow>)
  .meta({ id: "MarketNow", description: "State of the market before the decision." });

const sideFlow = z
  .object({
    age_ms: z.int().meta({ description: "Age of the side's latest liquidation, ms." }),
    cum_usd_1m: known("Liquidated USD of the last 1 min"),
    cum_usd_5m: known("Liquidated USD of the last 5 min"),
    cum_usd_15m: known("Liquidated USD of the last 15 min"),
    velocity_usd_per_s: known("Exponentially weighted velocity, USD per second"),
    branching_ratio: known("Clustering: mean number of liquidations that one is followed by beyond the base rate, of a Hawkes fit"),
    cascade_score: known("Cascade score, 0 to 100, a heuristic: 50 is like the median liquidation of the symbol and side"),
    concurrent_exchanges: z.int().nullable().meta({ description: "Number of venues with an event within 10 s; null where unknown." }),
    dominant_exchange: z
      .string()
      .nullable()
      .meta({ description: "Venue with the largest share of the USD over 5 min; null where unknown." }),
  } satisfies FieldsOf<SideFlow>)
  .meta({ id: "SideFlow", description: "State of one side at its latest liquidation." });

const cascadeNow = z
  .object({
    state: z.string().meta({ description: "State of the cascade.", examples: ["active"] }),
    start_time: timeMs.meta({ examples: [1_795_251_862_000] }),
    end_time: timeMs
      .nullable()
      .meta({ description: "End of the cascade, milliseconds since 1970 UTC; null while it ran.", examples: [null] }),
    usd: z
      .number()
      .meta({ description: "Sum of flow USD, notional_mark_usd where known, else usd_value, up to the minute of the decision." }),
    peak_usd_per_s: z.number().meta({ description: "Most USD in any one second." }),
    move_bps: known("Move of the mark price, bps, positive in the direction of the forced flow"),
    severity: z.int().meta({ description: "Severity, 1 to 5." }),
    market_wide: z.boolean(),
  } satisfies FieldsOf<CascadeNow>)
  .meta({ id: "CascadeNow", description: "A cascade, as of the minute of the decision." });

const sideNow = z
  .object({
    latest: sideFlow.nullable().meta({ description: "State at the latest liquidation of the last 5 minutes; null where there was none." }),
    cascade: cascadeNow.nullable().meta({ description: "Latest cascade of the last hour; null where there was none." }),
  })
  .meta({ id: "SideNow", description: "State of one side." });

const windowSummary = z
  .object(windowFields satisfies FieldsOf<WindowSummary>)
  .meta({ id: "WindowSummary", description: "Statistics of one window and of the previous window, without venues." });

const windowEstimate = z
  .object({
    window: z.string().meta({ description: "Name of the window.", examples: ["1h"] }),
    ...estimatedRangeFields,
    long: estimateSchema,
    short: estimateSchema,
  } satisfies FieldsOf<WindowEstimate>)
  .meta({
    id: "WindowEstimate",
    description:
      "Liquidations of a window as reported and as estimated, in those of its minutes that were settled: the last 3 to 9 minutes are missing. It is an estimate by a model, not a measurement.",
  });

const venueNow = z
  .object({
    share: known("Share of the venue in the USD of the compared window, 0 to 1"),
    funding_rate: known("Funding rate per funding interval"),
    funding_interval_hours: known("Funding interval, hours"),
    funding_percentile: known("Share of the hours of the last 7 days with a lower funding rate, 0 to 1"),
    open_interest_usd: known("Open interest of one side, USD"),
    open_interest_change_5m_pct: known("Change of the open interest over 5 min, percent of its USD, so that it moves with the price too"),
    open_interest_change_1h_pct: known("Change of the open interest over 1 h, percent of its USD, so that it moves with the price too"),
    open_interest_change_24h_pct: known("Change of the open interest over 24 h, percent of its USD, so that it moves with the price too"),
    basis_bps: known("Mark price against the index price, bps"),
  } satisfies FieldsOf<VenueNow>)
  .meta({ id: "VenueNow", description: "State of one venue's contract before the decision." });

const marketState = z
  .object({
    squeeze: squeezeSchema,
    correlations: z.array(correlationSchema).meta({
      description: `The ${SHOWN_CORRELATIONS} strongest correlations that are distinguishable from none, strongest first; none where they were withheld.`,
    }),
  } satisfies FieldsOf<MarketState>)
  .meta({
    id: "SignalMarketState",
    description: "Side that was crowded, and the strongest dependences of the flow on the market over the 14 days before.",
  });

const flowSize = z
  .object({
    median_usd: known("Median USD of the earlier windows that the percentile is a rank among"),
    multiple: known("Reported USD in multiples of that median; a lower bound where partial_share is above 0"),
    partial_share: known("Share of the reported USD from venues that publish a part of their liquidations, 0 to 1"),
  } satisfies FieldsOf<FlowSize>)
  .meta({ id: "FlowSize", description: "USD of a side of the compared window against what is usual at this hour." });

const pricePath = z
  .object({
    push_bps: known("Largest move in the direction of the forced flow, bps"),
    push_sigma: known("The same in standard deviations of a return over 15 min before the flush"),
    retrace_share: known("Share of that move which the price has recovered"),
    extreme_age_minutes: z.int().nullable().meta({ description: "Minutes since the extreme of that move; null where unknown." }),
    below_day_high_bps: known("Distance to the highest mark price of 24 h, bps"),
    above_day_low_bps: known("Distance to the lowest mark price of 24 h, bps"),
  } satisfies FieldsOf<PricePath>)
  .meta({ id: "PricePath", description: "Path of the mark price over the minutes of flow." });

const absorption = z
  .object({
    now_bps_per_million: known("Move per million USD over the last 5 min, bps"),
    before_bps_per_million: known("Move per million USD over the 10 min before, bps"),
  } satisfies FieldsOf<Absorption>)
  .meta({
    id: "Absorption",
    description: "Move of the mark price in the direction of the forced flow per million USD of the dominant side's liquidations.",
  });

const breadth = z
  .object({
    symbols: z.int().meta({ description: "Number of base assets judged in the minute.", examples: [3] }),
    high: z.int().meta({ description: "Number of them with a percentile of at least 0.9.", examples: [2] }),
    high_same_side: z.int().meta({ description: "Number of those with the same dominant side.", examples: [2] }),
  } satisfies FieldsOf<Breadth>)
  .meta({ id: "Breadth", description: "Base assets that are busy in the same window." });

const base = {
  symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
  minute: timeMs.meta({ description: "Minute of the spike, milliseconds since 1970 UTC." }),
};

const nearSpike = z
  .object({
    ...base,
    side: z.enum(["long", "short"]).meta({ description: "Dominant side." }),
    distance: z.number().meta({ description: "Distance of its shape; 0 is the same shape.", examples: [0.42] }),
    fade_net_return_bps: z.number().meta({ description: "Return of trading against the forced flow over 1 h, bps after cost." }),
    follow_net_return_bps: z.number().meta({ description: "Return of trading with the forced flow over 1 h, bps after cost." }),
  } satisfies FieldsOf<NearSpike>)
  .meta({ id: "NearSpike", description: "A similar earlier spike and its outcome." });

const baseRates = z
  .object({
    graded: z.int().meta({ description: `Number of graded spikes among the latest ${MAX_PAST_SPIKES}.`, examples: [212] }),
    fade_hit_rate: known("Share in which trading against the forced flow earned more than its cost"),
    follow_hit_rate: known("Share in which trading with the forced flow earned more than its cost"),
    fade_mean_net_bps: known("Mean net return of trading against the forced flow, bps"),
    follow_mean_net_bps: known("Mean net return of trading with the forced flow, bps"),
    buy_hit_rate: known("Share in which buying earned more than its cost"),
    sell_hit_rate: known("Share in which selling earned more than its cost"),
  } satisfies FieldsOf<BaseRates>)
  .meta({
    id: "BaseRates",
    description: "Shares of earlier spikes in which a trade earned more than its cost over 1 h, and mean net returns.",
  });

const pastDecision = z
  .object({
    ...base,
    action: z.enum(ACTIONS).meta({ description: "Action that was decided." }),
    confidence: z.number().meta({ description: "Confidence as stated, 0 to 100." }),
    forward_return_bps: z.number().meta({ description: "Return of the mark price over 1 h, bps." }),
    net_return_bps: z
      .number()
      .nullable()
      .meta({ description: "Return of the action, bps after cost; null for NOTHING and where the cost is not fully known." }),
  } satisfies FieldsOf<PastDecision>)
  .meta({ id: "PastDecision", description: "An earlier decision of the analyst and its outcome." });

const past = z
  .object({
    nearest: z.array(nearSpike).meta({ description: "The 8 most similar spikes, nearest first." }),
    base_rates: baseRates,
    decisions: z.array(pastDecision).meta({ description: "Last 20 graded decisions of the analyst, newest first." }),
  } satisfies FieldsOf<Past>)
  .meta({ id: "PastSpikes", description: "Outcomes of earlier spikes, as far as they were graded before the minute." });

/** The parts of an input that records of earlier versions lack. */
const laterParts = z
  .object({
    estimates: z.array(windowEstimate).meta({
      description: "Estimates of those windows of at least an hour; of shorter ones too few minutes are settled. None in a backtest.",
    }),
    venues: z.partialRecord(z.enum(EXCHANGES), venueNow).meta({ description: "State of each configured venue." }),
    market_state: marketState,
    size: z.object({ long: flowSize, short: flowSize, total: flowSize }).meta({
      id: "FlowSizeBySide",
      description: "USD of the compared window against what is usual.",
    }),
    path: pricePath,
    absorption,
    breadth,
    past,
    cost_bps: z.number().meta({
      description:
        "Expected cost of entry and exit together at 10,000 USD, bps, on the venue that the decision would be graded on: the sum of its known parts; without mark prices, the fees of the dearest venue.",
      examples: [11.3],
    }),
    sigma_1h_bps: known("Standard deviation of a return over 1 h, bps, from the one-minute returns of the last hour"),
  } satisfies FieldsOf<Pick<SignalInput, LaterPart>>)
  .partial().shape;
type LaterPart = keyof typeof UNKNOWN_PARTS;

const trigger = z
  .object({
    kind: z.enum(TRIGGERS).optional().meta({
      description:
        "Reason for the decision: a spike, the escalation of an earlier spike, or the turn of its flush. Absent in earlier records.",
    }),
    sides: z.array(z.enum(["long", "short", "total"])).meta({ description: "Sides with a spike; of a turn, the side whose flush turned." }),
    severity_usd: z.number().meta({ description: "Largest USD of those sides." }),
  })
  .meta({ description: "Reason for which the decision was asked for." });

/** The input of a decision. */
export const signalInputSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    minute: timeMs.meta({
      description: "Minute whose windows were judged, milliseconds since 1970 UTC. The windows end 5 s before it.",
    }),
    known_time: timeMs.optional().meta({
      description:
        "Time up to which liquidations were known, milliseconds since 1970 UTC: the minute, or up to a minute earlier where a burst was judged at once. Absent in older records, where it is the minute.",
    }),
    window: z.string().meta({ description: "Name of the compared window.", examples: ["15m"] }),
    trigger,
    windows: z.array(windowSummary).meta({ description: "Compared window and standard windows." }),
    exchanges: windowExchangesSchema,
    coverage: coverageSchema,
    gaps: z
      .array(gapSchema)
      .meta({ description: "Periods inside the compared window and the previous one in which a venue was not connected." }),
    flow: z.array(flowMinute).meta({ description: "Last 15 whole minutes, oldest first." }),
    market,
    sides: z.object({ long: sideNow, short: sideNow }),
    ...laterParts,
  } satisfies FieldsOf<Omit<SignalInput, "known_time" | "trigger" | LaterPart>> & {
    readonly known_time: z.ZodType<number | undefined>;
    readonly trigger: z.ZodType<Omit<Trigger, "kind"> & { readonly kind?: Trigger["kind"] | undefined }>;
  })
  .meta({
    id: "SignalInput",
    description: "Exact input of a decision, covered by input_hash. Records of earlier versions lack the fields from venues on.",
  });
