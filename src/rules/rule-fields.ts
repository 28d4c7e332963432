import { EXCHANGES, LIQUIDATION_FIELDS, POSITION_SIDES } from "../liquidation-fields.ts";
import type { Liquidation } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";

/**
 * What a field is of: `liquidation`, the one that is looked at; `market`, the base asset's market as its liquidations last
 * reported it; `window`, sums over the time before; `cascade`, the running cascade of a side; `feed`, the venues' connections.
 */
export type RuleFieldGroup = "liquidation" | "market" | "window" | "cascade" | "feed";

/** A name that a rule may use. */
export interface RuleField {
  readonly name: string;
  readonly group: RuleFieldGroup;
  /** Its place among the values of a base asset. */
  readonly slot: number;
  readonly unit: string;
  /** The texts that it may be, in the order of their numbers; null where it is a number. */
  readonly values: readonly string[] | null;
  readonly description: string;
  /** Set where it sums liquidations over a time: percentiles are of these. */
  readonly window: WindowOfField | null;
}

export const WINDOW_SIDES = [...POSITION_SIDES, "total"] as const;
export const WINDOW_KINDS = ["usd", "events"] as const;
/** The windows, in minutes. */
export const WINDOW_MINUTES = [1, 5, 15] as const;

export interface WindowOfField {
  readonly side: (typeof WINDOW_SIDES)[number];
  readonly kind: (typeof WINDOW_KINDS)[number];
  readonly lengthMs: number;
}

/** A value that liquidations reported longer ago than this, ms, is not the market's any more. */
export const MARKET_AGE_MS = MINUTE_MS;

/** The fields of the liquidation that is looked at, with their units. */
const OF_LIQUIDATIONS = [
  ["exchange", "text"],
  ["position_side", "text"],
  ["usd_value", "USD"],
  ["notional_mark_usd", "USD"],
  ["price", "quote per base unit"],
  ["quantity", "base units"],
  ["slippage_to_mark_bps", "bps"],
  ["depth_share", "share"],
  ["venue_leverage", "ratio"],
  ["cum_usd_1m", "USD"],
  ["cum_usd_5m", "USD"],
  ["cum_usd_15m", "USD"],
  ["velocity_usd_per_s", "USD per second"],
  ["cascade_score", "0 to 100"],
  ["branching_ratio", "ratio"],
  ["concurrent_exchanges", "venues"],
  ["burst_age_ms", "ms"],
] as const;

/** The fields of the market. */
const OF_MARKETS = [
  ["mark_price", "quote per base unit"],
  ["index_price", "quote per base unit"],
  ["funding_rate", "share per funding interval"],
  ["open_interest_usd", "USD"],
  ["spread_bps", "bps"],
  ["bid_depth_usd", "USD"],
  ["ask_depth_usd", "USD"],
  ["imbalance_ratio", "−1 to 1"],
  ["volatility_5m", "share"],
] as const;

type EventFieldName = (typeof OF_LIQUIDATIONS)[number][0] | (typeof OF_MARKETS)[number][0];
/** The fields of a liquidation that rules read. */
export const RULE_LIQUIDATION_FIELDS = [
  ...(["event_id", "symbol", "event_time", "received_time", "cascade_id", "coverage"] as const),
  ...[...OF_LIQUIDATIONS, ...OF_MARKETS].map(([name]) => name),
] as const;

/** A liquidation as rules see it. */
export type RuleLiquidation = Pick<Liquidation, (typeof RULE_LIQUIDATION_FIELDS)[number]>;

/** What a rule about single liquidations tells of the one that it fired for, whatever fields it has. */
export const LIQUIDATION_NAMED_BY = ["exchange", "position_side", "usd_value", "price"] as const;

type Draft = Omit<RuleField, "slot" | "values" | "window"> & Partial<Pick<RuleField, "values" | "window">>;

function eventField(group: RuleFieldGroup, [name, unit]: readonly [EventFieldName, string]): Draft {
  const field = LIQUIDATION_FIELDS.find((one) => one.name === name);
  const description = field?.description ?? "";
  const values = field !== undefined && "values" in field ? field.values : null;
  const age = `The last value that liquidations of the base asset reported, whatever the venue; unknown after ${MARKET_AGE_MS / 1_000} s.`;
  return { name, group, unit, values, description: group === "market" ? `${description} ${age}` : description };
}

const SIDE_TEXT = { long: "longs", short: "shorts", total: "both sides" } as const;

const WINDOW_FIELDS: readonly Draft[] = WINDOW_SIDES.flatMap((side) =>
  WINDOW_KINDS.flatMap((kind) =>
    WINDOW_MINUTES.map((minutes): Draft => ({
      name: `${side}_${kind}_${minutes}m`,
      group: "window",
      unit: kind === "usd" ? "USD" : "liquidations",
      description: `${kind === "usd" ? "USD" : "Number"} of the liquidations of ${SIDE_TEXT[side]} in the last ${minutes} min over all venues, a lower bound where venues publish only a part. Unknown until the time since collection began covers it, and while no venue is connected.`,
      window: { side, kind, lengthMs: minutes * MINUTE_MS },
    })),
  ),
);

const CASCADE_FIELDS: readonly Draft[] = POSITION_SIDES.flatMap((side): readonly Draft[] => [
  {
    name: `${side}_cascade`,
    group: "cascade",
    unit: "0 or 1",
    description: `1 while a cascade of ${SIDE_TEXT[side]} runs, else 0. Unknown while no venue is connected, as are all fields of cascades.`,
  },
  { name: `${side}_cascade_usd`, group: "cascade", unit: "USD", description: "USD of the running cascade so far; 0 where none runs." },
  {
    name: `${side}_cascade_events`,
    group: "cascade",
    unit: "liquidations",
    description: "Liquidations of the running cascade so far; 0 where none runs.",
  },
  {
    name: `${side}_cascade_age_s`,
    group: "cascade",
    unit: "s",
    description: "Time since the first liquidation of the running cascade; 0 where none runs.",
  },
  {
    name: `${side}_cascade_move_bps`,
    group: "cascade",
    unit: "bps",
    description:
      "Largest move of one venue's mark price since the running cascade began, positive in the direction of the forced flow; 0 where none runs.",
  },
  {
    name: `${side}_cascade_reach`,
    group: "cascade",
    unit: "quote per base unit",
    description: `Price that a cascade of ${SIDE_TEXT[side]} would reach from mark_price if it moved it as far as the largest one of the last 24 h. Unknown where there was none, until 24 h after the first whole hour of collection, and where mark_price is unknown.`,
  },
]);

const FEED_FIELDS: readonly Draft[] = [
  { name: "silent_venues", group: "feed", unit: "venues", description: "Number of collected venues that are not connected." },
  {
    name: "silent_s",
    group: "feed",
    unit: "s",
    description: "Longest time that a collected venue has now not been connected; 0 where all are.",
  },
  ...EXCHANGES.map((name): Draft => ({
    name: `${name}_silent_s`,
    group: "feed",
    unit: "s",
    description: `Time that ${name} has now not been connected; 0 while it is. Unknown where it is not collected.`,
  })),
];

/** Every field that a rule may use: the documentation and the schemas are made of this list. */
export const RULE_FIELDS: readonly RuleField[] = [
  ...OF_LIQUIDATIONS.map((field) => eventField("liquidation", field)),
  ...OF_MARKETS.map((field) => eventField("market", field)),
  ...WINDOW_FIELDS,
  ...CASCADE_FIELDS,
  ...FEED_FIELDS,
].map((field, slot) => ({ values: null, window: null, ...field, slot }));

const BY_NAME = new Map(RULE_FIELDS.map((field) => [field.name, field]));

export function ruleField(name: string): RuleField | null {
  return BY_NAME.get(name) ?? null;
}

/** Whether a field sums liquidations over all venues: a lower bound where one of them publishes a part. */
export function isSumOverVenues(name: string): boolean {
  const group = BY_NAME.get(name)?.group;
  return group === "window" || group === "cascade" || /^(?:cum_usd|velocity_usd)_/.test(name);
}

/** The place of a field that is known to exist. */
export function slotOf(name: string): number {
  const field = BY_NAME.get(name);
  if (field === undefined) throw new RangeError(`no field of rules is named ${name}`);
  return field.slot;
}
