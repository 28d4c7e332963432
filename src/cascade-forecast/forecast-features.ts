import type { HubEvent } from "../cascade/hub-event.ts";
import type { Flow } from "../cascade/flow.ts";
import { flowUsd } from "../flow-usd.ts";
import { CASCADE_CONSTANTS } from "../cascade/cascade-record.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";

/** Changes with the list below or the meaning of a feature: a model serves only the features it was trained on. */
export const FORECAST_FEATURES_VERSION = 1;

/** What the hub knows of a symbol and side at a liquidation of it. Unknown numbers are NaN. */
export interface ForecastInput {
  readonly event: HubEvent;
  readonly flow: Flow;
  /** Whether the flow has reached the velocity and the minimum USD of a cascade. */
  readonly isBuilding: boolean;
  /** The minimum USD of a cascade within 90 s. */
  readonly floorUsd: number;
  /** Quantiles of the velocity over the minutes of the last 7 days, USD/s. */
  readonly velocityP90: number;
  readonly velocityP99: number;
  /** Median number of liquidations in the minute that ends with one. */
  readonly medianEvents1m: number;
  /** Exponentially weighted velocity over 10 s, USD/s. */
  readonly fastVelocity: number;
  /** Velocity of the other side, decayed to the event, USD/s. */
  readonly oppositeVelocity: number;
  /** Velocity of this side over all base assets, over 60 s and over an hour, USD/s. */
  readonly marketVelocity: number;
  readonly marketHourVelocity: number;
  /** Moves of the venue's mark price in the direction of the forced flow, in standard deviations of a random walk of that time. */
  readonly return60s: number;
  readonly return300s: number;
  /** The move of about 90 s ÷ the move that starts a cascade, with the volatility of the last hour. */
  readonly moveOfRequired: number;
  /** `volatility_5m` over its average of the last hour. */
  readonly volatilityRatio: number;
  /** Since the last cascade of the side became active, ms; Infinity where none is known. */
  readonly sinceCascadeMs: number;
  /** Whether a cascade of the other side runs. */
  readonly isOppositeRunning: boolean;
}

export interface ForecastFeature {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
  /** NaN where unknown: it then counts nothing. */
  readonly value: (input: ForecastInput) => number;
}

/** USD/s and USD below which logarithms say nothing. */
const MIN_VELOCITY = 0.01;
const MIN_USD = 1;

const lnVelocity = (a: number, b: number): number => Math.log(Math.max(a, MIN_VELOCITY) / Math.max(b, MIN_VELOCITY));
const lnUsd = (a: number, b: number): number => Math.log(Math.max(a, MIN_USD) / Math.max(b, MIN_USD));
/** The part of a value above a bend; NaN stays NaN. */
const above = (value: number, bend: number): number => (value < bend ? 0 : value - bend);
/** 1 in the direction in which the forced flow pushes the price. */
const push = ({ event }: ForecastInput): number => (event.position_side === "long" ? -1 : 1);
const overP90 = (input: ForecastInput): number => lnVelocity(input.flow.velocity, input.velocityP90);
const overP99 = (input: ForecastInput): number => lnVelocity(input.flow.velocity, input.velocityP99);
const overFloor = (input: ForecastInput): number => lnUsd(input.flow.usd90s, input.floorUsd);
const hourAngle = ({ event }: ForecastInput): number => (2 * Math.PI * (event.event_time % DAY_MS)) / DAY_MS;
const known = (value: number | null): number => value ?? Number.NaN;

/** Before a base asset's first cascade and after a day without one, all is the same. */
const MAX_SINCE_MS = DAY_MS;

/** All that a forecast is made of, in the order of a model's weights. "ln" is the natural logarithm of a ratio, so it has no unit. */
export const FORECAST_FEATURES = [
  { name: "velocity_over_p99", unit: "ln", meaning: "velocity ÷ its 99th percentile of the last 7 days", value: overP99 },
  {
    name: "velocity_above_p90",
    unit: "ln",
    meaning: "velocity ÷ its 90th percentile where it is above that, else 0",
    value: (input) => above(overP90(input), 0),
  },
  {
    name: "velocity_above_p99",
    unit: "ln",
    meaning: "velocity ÷ its 99th percentile where it is above that, else 0",
    value: (input) => above(overP99(input), 0),
  },
  {
    name: "velocity_10s",
    unit: "ln",
    meaning: "velocity over 10 s ÷ velocity over 60 s: whether the flow speeds up",
    value: ({ fastVelocity, flow }) => lnVelocity(fastVelocity, flow.velocity),
  },
  { name: "usd_90s", unit: "ln", meaning: "USD of 90 s ÷ the minimum of a cascade", value: overFloor },
  {
    name: "usd_90s_above_half",
    unit: "ln",
    meaning: "USD of 90 s ÷ half the minimum of a cascade where it is above that, else 0",
    value: (input) => above(overFloor(input), -Math.LN2),
  },
  {
    name: "usd_90s_above_minimum",
    unit: "ln",
    meaning: "USD of 90 s ÷ the minimum of a cascade where it is above that, else 0",
    value: (input) => above(overFloor(input), 0),
  },
  {
    name: "usd_15m",
    unit: "ln",
    meaning: "USD of 15 min ÷ the minimum of a cascade",
    value: ({ flow, floorUsd }) => lnUsd(flow.usd15m, floorUsd),
  },
  {
    name: "usd_1m_over_5m",
    unit: "ln",
    meaning: "USD a minute of the last minute ÷ that of 5 min",
    value: ({ flow }) => lnUsd(flow.usd1m, flow.usd5m / 5),
  },
  {
    name: "usd_5m_over_15m",
    unit: "ln",
    meaning: "USD a minute of 5 min ÷ that of 15 min",
    value: ({ flow }) => lnUsd(flow.usd5m / 5, flow.usd15m / 15),
  },
  {
    name: "events_1m",
    unit: "ln",
    meaning: "liquidations of the last minute ÷ their median at a liquidation",
    value: ({ flow, medianEvents1m }) => Math.log(Math.max(1, flow.events1m) / Math.max(1, medianEvents1m)),
  },
  {
    name: "events_90s",
    unit: "ln",
    meaning: "liquidations of 90 s ÷ the least number of a cascade",
    value: ({ flow }) => Math.log(Math.max(1, flow.events90s) / CASCADE_CONSTANTS.min_events),
  },
  {
    name: "event_usd",
    unit: "ln",
    meaning: "USD of this liquidation ÷ the minimum of a cascade",
    value: ({ event, floorUsd }) => lnUsd(known(flowUsd(event)), floorUsd),
  },
  {
    name: "event_share_1m",
    unit: "share, 0 to 1",
    meaning: "this liquidation's part of the USD of the last minute",
    value: ({ event, flow }) => known(flowUsd(event)) / Math.max(MIN_USD, flow.usd1m),
  },
  {
    name: "venues_10s",
    unit: "venues",
    meaning: "number of venues with a liquidation of the side within 10 s",
    value: ({ flow }) => flow.exchanges10s,
  },
  {
    name: "burst_age",
    unit: "ln of 1 + s",
    meaning: "time since the burst began",
    value: ({ event, flow }) => Math.log1p(Math.max(0, event.event_time - flow.burstStart) / 1_000),
  },
  {
    name: "is_building",
    unit: "0 or 1",
    meaning: "whether velocity and USD have reached what a cascade needs, and the price has not moved enough",
    value: ({ isBuilding }) => Number(isBuilding),
  },
  {
    name: "side_share",
    unit: "share, 0 to 1",
    meaning: "velocity of this side ÷ that of both",
    value: ({ flow, oppositeVelocity }) => flow.velocity / Math.max(MIN_VELOCITY, flow.velocity + oppositeVelocity),
  },
  {
    name: "opposite_velocity",
    unit: "ln",
    meaning: "velocity of the other side ÷ the 99th percentile of this one",
    value: ({ oppositeVelocity, velocityP99 }) => lnVelocity(oppositeVelocity, velocityP99),
  },
  {
    name: "opposite_running",
    unit: "0 or 1",
    meaning: "whether a cascade of the other side runs",
    value: ({ isOppositeRunning }) => Number(isOppositeRunning),
  },
  {
    name: "market_velocity",
    unit: "ln",
    meaning: "velocity of this side over all base assets, over 60 s ÷ over an hour",
    value: ({ marketVelocity, marketHourVelocity }) => lnVelocity(marketVelocity, marketHourVelocity),
  },
  {
    name: "return_60s",
    unit: "σ",
    meaning: "move of the mark price over about 60 s, positive with the forced flow",
    value: (input) => input.return60s,
  },
  { name: "return_60s_above_1", unit: "σ", meaning: "the part of it above 1 σ", value: ({ return60s }) => above(return60s, 1) },
  { name: "return_60s_above_2", unit: "σ", meaning: "the part of it above 2 σ", value: ({ return60s }) => above(return60s, 2) },
  { name: "return_300s", unit: "σ", meaning: "the same over about 300 s", value: (input) => input.return300s },
  { name: "return_300s_above_2", unit: "σ", meaning: "the part of it above 2 σ", value: ({ return300s }) => above(return300s, 2) },
  {
    name: "move_of_required",
    unit: "ratio",
    meaning: "move of about 90 s ÷ the move that a cascade needs",
    value: (input) => input.moveOfRequired,
  },
  {
    name: "move_above_half",
    unit: "ratio",
    meaning: "the part of it above a half",
    value: ({ moveOfRequired }) => above(moveOfRequired, 0.5),
  },
  {
    name: "volatility",
    unit: "ln",
    meaning: "volatility of 5 min ÷ its average of the last hour",
    value: ({ volatilityRatio }) => Math.log(volatilityRatio),
  },
  {
    name: "velocity_times_return",
    unit: "ln × σ",
    meaning: "velocity above its 90th percentile × the move of 60 s above 0",
    value: (input) => above(overP90(input), 0) * above(input.return60s, 0),
  },
  {
    name: "usd_times_move",
    unit: "ln × ratio",
    meaning: "USD of 90 s above a quarter of the minimum × the move of 90 s above 0",
    value: (input) => above(overFloor(input), -2 * Math.LN2) * above(input.moveOfRequired, 0),
  },
  {
    name: "depth_share",
    unit: "ln",
    meaning: "this liquidation ÷ the depth within 25 bps that it hits",
    value: ({ event }) => Math.log(Math.max(1e-9, known(event.depth_share))),
  },
  {
    name: "thin_side",
    unit: "share, −1 to 1",
    meaning: "imbalance of the book, positive where the side is thin that the forced flow hits",
    value: (input) => push(input) * known(input.event.imbalance_ratio),
  },
  {
    name: "basis",
    unit: "bps",
    meaning: "mark over index, positive where the liquidated side is the crowded one",
    value: (input) => -push(input) * 1e4 * (known(input.event.mark_price) / known(input.event.index_price) - 1),
  },
  {
    name: "funding",
    unit: "bps",
    meaning: "funding rate, positive where the liquidated side pays",
    value: (input) => -push(input) * 1e4 * known(input.event.funding_rate),
  },
  { name: "hour_sin", unit: "−1 to 1", meaning: "sine of the hour of the day, UTC", value: (input) => Math.sin(hourAngle(input)) },
  { name: "hour_cos", unit: "−1 to 1", meaning: "cosine of the hour of the day, UTC", value: (input) => Math.cos(hourAngle(input)) },
  {
    name: "since_cascade",
    unit: "ln of 1 + min",
    meaning: "time since a cascade of this side became active, at most a day",
    value: ({ sinceCascadeMs }) => Math.log1p(Math.min(sinceCascadeMs, MAX_SINCE_MS) / MINUTE_MS),
  },
] as const satisfies readonly ForecastFeature[];

/** Where the comparison stands in the list: a model has to beat it. */
export const VELOCITY_FEATURE = FORECAST_FEATURES.findIndex(({ name }) => name === "velocity_over_p99");

/** The USD that a cascade needs, another comparison. */
export const USD_FEATURE = FORECAST_FEATURES.findIndex(({ name }) => name === "usd_90s");

/** Time constants of the averages that the features need, ms. */
export const FAST_MS = 10_000;
export const SLOW_MS = HOUR_MS;

/** Writes the features of an input, in the order of the list. */
export function writeFeatures(input: ForecastInput, to: Float64Array): void {
  for (let index = 0; index < FORECAST_FEATURES.length; index += 1) to[index] = FORECAST_FEATURES[index]?.value(input) ?? Number.NaN;
}
