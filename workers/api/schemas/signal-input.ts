import * as z from "zod";
import type { CascadeNow, FlowMinute, MarketNow, SideFlow, SignalInput, WindowSummary } from "../../../src/signals/signal-input.ts";
import { coverageSchema, gapSchema, timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";
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
    mark_price: known("Mark price"),
    mark_time: timeMs.nullable().meta({
      description: "Start of the minute with mark_price as its close, milliseconds since 1970 UTC; null where mark_price is null.",
    }),
    return_5m_bps: known("Return of the mark price over 5 min, bps"),
    return_15m_bps: known("Return of the mark price over 15 min, bps"),
    return_1h_bps: known("Return of the mark price over 1 h, bps"),
    return_24h_bps: known("Return of the mark price over 24 h, bps"),
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
    branching_ratio: known("Branching ratio of the Hawkes fit: the share of liquidations triggered by others"),
    cascade_score: known("Cascade score, 0 to 100, a heuristic"),
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
    usd: z.number().meta({ description: "Sum of usd_value up to the minute of the decision." }),
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

/** The input of a decision. */
export const signalInputSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    minute: timeMs.meta({
      description: "Scheduled minute of the decision, milliseconds since 1970 UTC. The whole input was known by then.",
    }),
    window: z.string().meta({ description: "Name of the compared window.", examples: ["15m"] }),
    trigger: z
      .object({
        sides: z.array(z.enum(["long", "short", "total"])).meta({ description: "Sides with a spike." }),
        severity_usd: z.number().meta({ description: "Largest USD of those sides." }),
      })
      .meta({ description: "Reason why the window is a spike." }),
    windows: z.array(windowSummary).meta({ description: "Compared window and standard windows." }),
    exchanges: windowExchangesSchema,
    coverage: coverageSchema,
    gaps: z
      .array(gapSchema)
      .meta({ description: "Periods inside the compared window and the previous one in which a venue was not connected." }),
    flow: z.array(flowMinute).meta({ description: "Last 15 whole minutes, oldest first." }),
    market,
    sides: z.object({ long: sideNow, short: sideNow }),
  } satisfies FieldsOf<SignalInput>)
  .meta({ id: "SignalInput", description: "Exact input of a decision, covered by input_hash." });
