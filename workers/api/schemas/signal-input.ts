import * as z from "zod";
import type { CascadeNow, FlowMinute, MarketNow, SideFlow, SignalInput, WindowSummary } from "../../../src/signals/signal-input.ts";
import { coverageSchema, gapSchema, timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";
import { windowExchangesSchema, windowFields } from "./window-reading.ts";

const known = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description}; null where unknown or too old.` });

const flowMinute = z
  .object({
    minute: timeMs.meta({ description: "Its start, milliseconds since 1970 UTC." }),
    long_usd: z.number().meta({ description: "USD of liquidated longs." }),
    short_usd: z.number().meta({ description: "USD of liquidated shorts." }),
    mark_high: known("Highest mark price"),
    mark_low: known("Lowest mark price"),
    mark_close: known("Last mark price"),
  } satisfies FieldsOf<FlowMinute>)
  .meta({ id: "FlowMinute", description: "One minute of the flow and of the mark price." });

const market = z
  .object({
    mark_price: known("Mark price"),
    mark_time: timeMs.nullable().meta({
      description: "Start of the minute whose close the mark price is, milliseconds since 1970 UTC; null where there is none.",
    }),
    return_5m_bps: known("Of the mark over 5 min, bps"),
    return_15m_bps: known("Of the mark over 15 min, bps"),
    return_1h_bps: known("Of the mark over 1 h, bps"),
    return_24h_bps: known("Of the mark over 24 h, bps"),
    index_price: known("From the latest liquidation of either side, as are those below"),
    funding_rate: known("Per funding interval"),
    open_interest_usd: known("Open interest, USD"),
    spread_bps: known("Spread, bps"),
    imbalance_ratio: known("Of the depth, −1 to 1"),
    volatility_5m: known("Realised over 5 min, not annualised"),
    event_age_ms: known("Age of that liquidation at the decision's minute, ms"),
  } satisfies FieldsOf<MarketNow>)
  .meta({ id: "MarketNow", description: "The market as last seen before the decision." });

const sideFlow = z
  .object({
    age_ms: z.int().meta({ description: "Age of the side's latest liquidation, ms." }),
    cum_usd_1m: known("USD over 1 min"),
    cum_usd_5m: known("USD over 5 min"),
    cum_usd_15m: known("USD over 15 min"),
    velocity_usd_per_s: known("Exponentially weighted, USD per second"),
    branching_ratio: known("Of the Hawkes fit"),
    cascade_score: known("0 to 100, a heuristic"),
    concurrent_exchanges: z.int().nullable().meta({ description: "Venues with an event within 10 s; null where unknown." }),
    dominant_exchange: z.string().nullable().meta({ description: "Largest share of the USD over 5 min; null where unknown." }),
  } satisfies FieldsOf<SideFlow>)
  .meta({ id: "SideFlow", description: "What was known at a side's latest liquidation." });

const cascadeNow = z
  .object({
    state: z.string().meta({ examples: ["active"] }),
    start_time: timeMs,
    end_time: timeMs.nullable().meta({ description: "Milliseconds since 1970 UTC; null while it ran." }),
    usd: z.number().meta({ description: "Sum of usd_value by then." }),
    peak_usd_per_s: z.number().meta({ description: "Highest velocity, USD per second." }),
    move_bps: known("Move of the mark, bps, positive in the direction of the forced flow"),
    severity: z.int().meta({ description: "1 to 5." }),
    market_wide: z.boolean(),
  } satisfies FieldsOf<CascadeNow>)
  .meta({ id: "CascadeNow", description: "A cascade as it stood at the decision's minute." });

const sideNow = z
  .object({
    latest: sideFlow.nullable().meta({ description: "Of the last 5 minutes; null where there was none." }),
    cascade: cascadeNow.nullable().meta({ description: "The latest of the last hour; null where there was none." }),
  })
  .meta({ id: "SideNow", description: "What was known of one side." });

const windowSummary = z
  .object(windowFields satisfies FieldsOf<WindowSummary>)
  .meta({ id: "WindowSummary", description: "A window against the one before it, without the venues." });

/** What a decision was made of. */
export const signalInputSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    minute: timeMs.meta({ description: "The scheduled minute, milliseconds since 1970 UTC. Everything here was known by then." }),
    window: z.string().meta({ description: "The window that was compared.", examples: ["15m"] }),
    trigger: z
      .object({
        sides: z.array(z.enum(["long", "short", "total"])).meta({ description: "The sides that are spikes." }),
        severity_usd: z.number().meta({ description: "The most USD of those sides." }),
      })
      .meta({ description: "What made it a spike." }),
    windows: z.array(windowSummary).meta({ description: "The compared window and the standard ones." }),
    exchanges: windowExchangesSchema,
    coverage: coverageSchema,
    gaps: z.array(gapSchema).meta({ description: "Unheard stretches inside the compared window and the one before it." }),
    flow: z.array(flowMinute).meta({ description: "The last 15 whole minutes, oldest first." }),
    market,
    sides: z.object({ long: sideNow, short: sideNow }),
  } satisfies FieldsOf<SignalInput>)
  .meta({ id: "SignalInput", description: "The exact input of a decision, which input_hash covers." });
