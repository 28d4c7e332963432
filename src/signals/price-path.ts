import type { PositionSide } from "../liquidation.ts";
import type { Absorption, FlowMinute, PricePath } from "./signal-input.ts";

/** The current minutes of the absorption; those before are what they are compared with. */
const NOW_MINUTES = 5;
const MILLION = 1e6;

/** The highest and lowest mark price of one venue over the last 24 h. */
export interface DayRange {
  readonly high: number;
  readonly low: number;
}

/**
 * The path of the mark price over some minutes.
 * @param side the dominant side: liquidated longs push the price down; null where neither dominates
 * @param sigmaBps standard deviation of a one-minute return before the flush
 */
export function pricePath(
  flow: readonly FlowMinute[],
  side: PositionSide | null,
  sigmaBps: number | null,
  price: number | null,
  day: DayRange | null,
): PricePath {
  const push = side === null ? null : pushOf(flow, side);
  return {
    push_bps: push?.bps ?? null,
    push_sigma: push === null || sigmaBps === null ? null : push.bps / (sigmaBps * Math.sqrt(flow.length)),
    retrace_share: push?.retraceShare ?? null,
    extreme_age_minutes: push?.extremeAge ?? null,
    below_day_high_bps: price === null || day === null ? null : Math.max(0, 1e4 * (day.high / price - 1)),
    above_day_low_bps: price === null || day === null ? null : Math.max(0, 1e4 * (1 - day.low / price)),
  };
}

interface Push {
  readonly bps: number;
  readonly retraceShare: number | null;
  readonly extremeAge: number;
}

/** The largest move from the first known close in the direction of the forced flow; null without a known close. */
function pushOf(flow: readonly FlowMinute[], side: PositionSide): Push | null {
  const towards = side === "long" ? -1 : 1;
  const start = flow.find(({ mark_close: close }) => close !== null)?.mark_close ?? null;
  const end = flow.findLast(({ mark_close: close }) => close !== null)?.mark_close ?? null;
  if (start === null || end === null) return null;
  let extreme = start;
  let at = flow.findIndex(({ mark_close: close }) => close !== null);
  for (const [index, minute] of flow.entries()) {
    const price = side === "long" ? minute.mark_low : minute.mark_high;
    // The first known minute may have moved before its close, from which the move is measured.
    if (price === null || index < at || towards * (price - extreme) < 0) continue;
    extreme = price;
    at = index;
  }
  return {
    bps: Math.max(0, 1e4 * towards * (extreme / start - 1)),
    retraceShare: extreme === start ? null : (extreme - end) / (extreme - start),
    extremeAge: flow.length - 1 - at,
  };
}

/**
 * The move of the mark price per million USD that the dominant side had liquidated: the impact of the forced flow, now and
 * before. A flow that moves the price less than before is being absorbed.
 */
export function absorption(flow: readonly FlowMinute[], side: PositionSide | null): Absorption {
  if (side === null) return { now_bps_per_million: null, before_bps_per_million: null };
  const turn = flow.length - NOW_MINUTES;
  return {
    now_bps_per_million: impactOf(flow.slice(Math.max(0, turn - 1)), side),
    before_bps_per_million: turn < 2 ? null : impactOf(flow.slice(0, turn), side),
  };
}

/** From the close of the first minute to that of the last, by the USD of the minutes after the first. */
function impactOf(minutes: readonly FlowMinute[], side: PositionSide): number | null {
  const [first, ...rest] = minutes;
  const start = first?.mark_close ?? null;
  const end = rest.at(-1)?.mark_close ?? null;
  const usd = rest.reduce((sum, minute) => sum + (side === "long" ? minute.long_usd : minute.short_usd), 0);
  if (start === null || end === null || usd === 0) return null;
  return ((side === "long" ? -1 : 1) * 1e4 * (end / start - 1) * MILLION) / usd;
}
