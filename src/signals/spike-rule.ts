import type { Config } from "../config.ts";
import type { PositionSide } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import { MIN_UPTIME_SHARE } from "../windows/uptime-share.ts";
import type { BySide, EarlierWindows } from "../windows/percentile.ts";
import type { ComparedUsd, Comparison } from "../windows/comparison.ts";
import type { WindowBySide } from "../windows/symbol-window.ts";

export type SpikeSide = keyof BySide<unknown>;
const SIDES: readonly SpikeSide[] = ["long", "short", "total"];

/** A window that ranks this high is a spike, whatever its rise. */
const SPIKE_PERCENTILE = 0.99;
/** Within the cool-down a spike must be this many times as severe as the previous one. */
const ESCALATION = 2;
/** A sum below this share of another is below it however the two are rounded. */
const CLEARLY_UNDER = 0.999;

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

/** The latest decided spike of the same base asset; a turn is none. */
export interface EarlierSpike {
  readonly minute: number;
  readonly severity_usd: number;
  /** The side whose flush may turn; null where neither dominated what was decided on, or the flush had turned in it. */
  readonly side: PositionSide | null;
  /** Whether the turn of its flush was decided. */
  readonly has_turned: boolean;
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
  /** What a spike would be: one by itself, or an escalation of one whose cool-down it falls into. */
  readonly kind: "spike" | "escalation";
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
  const within = coolingSpike(earlier, symbolWindow.as_of_time, settings);
  const cooling = within !== null && severity < ESCALATION * within.severity_usd;
  return {
    outcome: sides.length === 0 ? "quiet" : cooling ? "cooling_down" : "spike",
    kind: within === null ? "spike" : "escalation",
    sides,
    severity_usd: severity,
    change_comparable: comparable,
    numbers,
    earlier,
  };
}

/**
 * False where a window cannot be a spike, going by its USD alone: each side is clearly below the minimum, or ranks clearly below
 * both percentiles that count. It spares a replay most windows, and allows for sums rounded in another order.
 */
export function mayBeSpike(usd: BySide<number>, rank: EarlierWindows["rank"], { floorUsd, percentile }: SpikeSettings): boolean {
  return SIDES.some((side) => {
    const most = usd[side] / CLEARLY_UNDER;
    if (most < floorUsd) return false;
    const known = rank(side, most);
    return known === null || known >= Math.min(percentile, SPIKE_PERCENTILE);
  });
}

/** The earlier spike while its cool-down lasts. */
export function coolingSpike(earlier: EarlierSpike | null, minute: number, { cooldownMinutes }: SpikeSettings): EarlierSpike | null {
  return earlier !== null && minute - earlier.minute < cooldownMinutes * MINUTE_MS ? earlier : null;
}

function hasRisen({ usd, previous_usd: previous }: ComparedUsd, changePct: number | null, threshold: number): boolean {
  if (changePct !== null) return changePct / 100 >= threshold;
  return previous === 0 && usd !== null && usd > 0;
}
