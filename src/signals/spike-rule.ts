import type { Config } from "../config.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import { MIN_UPTIME_SHARE } from "../windows/uptime-share.ts";
import type { BySide } from "../windows/percentile.ts";
import type { ComparedUsd, Comparison } from "../windows/comparison.ts";
import type { WindowBySide } from "../windows/symbol-window.ts";

export type SpikeSide = keyof BySide<unknown>;
const SIDES: readonly SpikeSide[] = ["long", "short", "total"];

/** A window that ranks this high is a spike, whatever its rise. */
const SPIKE_PERCENTILE = 0.99;
/** Within the cool-down a spike must be this many times as severe as the previous one. */
const ESCALATION = 2;

export interface SpikeSettings {
  /** 0.5 means a rise of 50 %. */
  readonly threshold: number;
  /** A rise counts only at or above this percentile; 0: percentiles do not count at all. */
  readonly percentile: number;
  readonly floorUsd: number;
  readonly cooldownMinutes: number;
}

/** The settings of the spike rule from the configuration. */
export function spikeSettings(config: Config): SpikeSettings {
  return {
    threshold: config.LIQUIDATION_THRESHOLD,
    percentile: config.LIQUIDATION_SPIKE_PERCENTILE,
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
  /** False where too few venues were covered in both windows for a rise to mean anything. */
  readonly change_comparable: boolean;
  readonly numbers: BySide<SideNumbers>;
  readonly earlier: EarlierSpike | null;
}

/** Whether the venues that were covered in both windows are enough to compare them. */
export function isComparable({ share }: Comparison): boolean {
  return share >= MIN_UPTIME_SHARE;
}

/**
 * Whether a window is a spike: one side, or both together, has at least the minimum USD, and
 * - rose by at least the threshold against the previous window, over venues covered in both with at least 90 % of the USD,
 *   and ranks at or above the set percentile without its largest liquidation; a rise from a covered zero is above any
 *   threshold, and with less than 24 h of history, where no rank is known, the rise alone decides; or
 * - ranks at or above the 99th percentile.
 *
 * Within the cool-down of an earlier spike it counts only if it is twice as severe.
 */
export function judgeSpike(symbolWindow: WindowBySide, settings: SpikeSettings, earlier: EarlierSpike | null): SpikeDecision {
  const comparable = isComparable(symbolWindow.comparison);
  const numbersOf = (side: SpikeSide): SideNumbers => {
    const { usd, change_pct, percentile } = symbolWindow.sides[side];
    const enough = usd !== null && usd >= settings.floorUsd;
    // One large liquidation is no burst: the side has to rank this high without it.
    const rank = symbolWindow.percentile_without_largest[side] ?? percentile;
    const isHigh = settings.percentile === 0 || rank === null || rank >= settings.percentile;
    const rose = enough && comparable && isHigh && hasRisen(symbolWindow.comparison[side], change_pct, settings.threshold);
    const ranks = enough && settings.percentile > 0 && percentile !== null && percentile >= SPIKE_PERCENTILE;
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

function hasRisen({ usd, previous_usd: previous }: ComparedUsd, changePct: number | null, threshold: number): boolean {
  if (changePct !== null) return changePct / 100 >= threshold;
  return previous === 0 && usd !== null && usd > 0;
}
