import type { Config } from "../config.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import { MIN_UPTIME_SHARE } from "../windows/uptime-share.ts";
import type { BySide } from "../windows/percentile.ts";
import type { WindowBySide } from "../windows/symbol-window.ts";

export type SpikeSide = keyof BySide<unknown>;
const SIDES: readonly SpikeSide[] = ["long", "short", "total"];

/** A window larger than this share of earlier ones is a spike, whatever its rise. */
const SPIKE_PERCENTILE = 0.99;
/** Within the cool-down a spike must be this many times as severe as the previous one. */
const ESCALATION = 2;

export interface SpikeSettings {
  /** 0.5 means a rise of 50 %. */
  readonly threshold: number;
  readonly floorUsd: number;
  readonly cooldownMinutes: number;
}

/** The settings of the spike rule from the configuration. */
export function spikeSettings(config: Config): SpikeSettings {
  return {
    threshold: config.LIQUIDATION_THRESHOLD,
    floorUsd: config.LIQUIDATION_SPIKE_FLOOR_USD,
    cooldownMinutes: config.LIQUIDATION_SIGNAL_COOLDOWN_MINUTES,
  };
}

/** The latest decided spike of the same base asset. */
export interface EarlierSpike {
  readonly minute: number;
  readonly severity_usd: number;
}

export interface SideNumbers {
  readonly usd: number | null;
  readonly change_pct: number | null;
  readonly percentile: number | null;
  /** The reason why this side is a spike. */
  readonly by: readonly ("change" | "percentile")[];
}

export interface SpikeDecision {
  readonly outcome: "spike" | "quiet" | "cooling_down";
  /** Sides with a spike. */
  readonly sides: readonly SpikeSide[];
  /** The largest USD of those sides; 0 where there is none. */
  readonly severity_usd: number;
  /** False where the uptime of the previous window was too low for its rise to mean anything. */
  readonly change_comparable: boolean;
  readonly numbers: BySide<SideNumbers>;
  readonly earlier: EarlierSpike | null;
}

/**
 * Whether a window is a spike: one side, or both together, has at least the minimum USD, and rose by at least the
 * threshold against the previous window or ranks at or above the 99th percentile of the last 7 days. Within the
 * cool-down of an earlier spike it counts only if it is twice as severe.
 */
export function judgeSpike(symbolWindow: WindowBySide, settings: SpikeSettings, earlier: EarlierSpike | null): SpikeDecision {
  const comparable = symbolWindow.previous_uptime_share >= MIN_UPTIME_SHARE;
  const numbersOf = (side: SpikeSide): SideNumbers => {
    const { usd, change_pct, percentile } = symbolWindow.sides[side];
    const enough = usd !== null && usd >= settings.floorUsd;
    const rose = enough && comparable && change_pct !== null && change_pct / 100 >= settings.threshold;
    const ranks = enough && percentile !== null && percentile >= SPIKE_PERCENTILE;
    return { usd, change_pct, percentile, by: [...(rose ? (["change"] as const) : []), ...(ranks ? (["percentile"] as const) : [])] };
  };
  const numbers = { long: numbersOf("long"), short: numbersOf("short"), total: numbersOf("total") };
  const sides = SIDES.filter((side) => numbers[side].by.length > 0);
  const severity = Math.max(0, ...sides.map((side) => numbers[side].usd ?? 0));
  const cooling =
    earlier !== null &&
    symbolWindow.as_of_time - earlier.minute < settings.cooldownMinutes * MINUTE_MS &&
    severity < ESCALATION * earlier.severity_usd;
  return {
    outcome: sides.length === 0 ? "quiet" : cooling ? "cooling_down" : "spike",
    sides,
    severity_usd: severity,
    change_comparable: comparable,
    numbers,
    earlier,
  };
}
