import type { PositionSide } from "../liquidation.ts";
import { type FlowMinute, type SignalInput, dominantSide } from "./signal-input.ts";
import type { Action, Verdict } from "./verdict.ts";

/** Length of the current period and of the one before it, minutes. */
const RECENT_MINUTES = 3;
/** Minimum share of one side in the USD, as for an active cascade. */
const MIN_DOMINANCE = 0.65;
/** A flow below this share of its peak is exhausted, as for a cooling cascade. */
const EXHAUSTED_SHARE = 0.5;
/** A flow this many times the previous one is accelerating. */
const ACCELERATION = 2;
/** The mark has turned once it has recovered this share of its move. */
const TURNED_SHARE = 0.2;
/** A move is large above this many standard deviations of 15 minutes, or bps where the volatility is unknown. */
const LARGE_SIGMAS = 3;
const LARGE_BPS = 50;
/** A move smaller than the cost of a trade does not count. */
const COST_BPS = 10;

/** The action in the direction of the forced flow: closing longs sells. */
const WITH_FLOW: Readonly<Record<PositionSide, Action>> = { long: "SELL", short: "BUY" };
const AGAINST_FLOW: Readonly<Record<PositionSide, Action>> = { long: "BUY", short: "SELL" };

/**
 * The deterministic model that runs beside the language model and decides without a key. Three rules:
 *
 * 1. *Exhausted flush: fade it.* One side dominates, its flow over the last 3 minutes is at most half its peak, it
 * moved the mark by at least 3 σ√15 min, and the mark has recovered a fifth of that. Forced sales push prices below
 * their value, and prices revert once the selling ends: Coval & Stafford 2007, J. Financial Economics 86(2); Campbell,
 * Grossman & Wang 1993, Q. J. Economics 108(4); Nagel 2012, Rev. Financial Studies 25(7).
 * 2. *Accelerating flow: follow it.* One side dominates, its flow over the last 3 minutes is at least twice that of the
 * previous 3, and the mark moves with it by more than the cost and has not turned. Losses force sales that cause
 * losses: Brunnermeier & Pedersen 2009, Rev. Financial Studies 22(6).
 * 3. *Otherwise NOTHING.*
 *
 * Confidence is 55 to 65, from dominance alone: a first guess for calibration to correct.
 */
export function ruleVerdict(input: SignalInput): Verdict {
  const dominant = dominantSide(input);
  if (dominant === null || dominant.share < MIN_DOMINANCE) return nothing("Neither side dominates.");
  const { side, share } = dominant;
  const flow = flowShape(input.flow, side);
  const push = markPush(input.flow, side);
  if (push === null) return nothing("The mark price of the last minutes is unknown.");
  const confidence = Math.round(55 + (10 * (share - MIN_DOMINANCE)) / (1 - MIN_DOMINANCE));
  const forced = side === "long" ? "Long" : "Short";
  const turned = push.returnedShare >= TURNED_SHARE;
  if (flow.recent <= EXHAUSTED_SHARE * flow.peak && push.bps >= largePush(input) && turned) {
    const reason = `${forced} flush is exhausted: the flow is below half its peak, and the mark price is turning back after ${push.bps.toFixed(0)} bps.`;
    return verdict(AGAINST_FLOW[side], confidence, reason, `${forced} liquidations are back at their peak.`);
  }
  if (flow.recent > 0 && flow.recent >= ACCELERATION * flow.before && push.bps >= COST_BPS && !turned) {
    const reason = `${forced} liquidations accelerate, and the mark price moves with them by ${push.bps.toFixed(0)} bps.`;
    return verdict(WITH_FLOW[side], confidence, reason, `${forced} liquidations are below half their peak.`);
  }
  return nothing(`${forced} liquidations dominate, but are neither exhausted nor accelerating.`);
}

function verdict(action: Action, confidence: number, reason: string, invalidation: string | null): Verdict {
  return { action, confidence, reason, reason_code: null, invalidation };
}

function nothing(reason: string): Verdict {
  return verdict("NOTHING", 0, reason, null);
}

/** USD per 3 minutes: the current ones, the previous ones, and the maximum of any consecutive ones. */
function flowShape(
  flow: readonly FlowMinute[],
  side: PositionSide,
): { readonly recent: number; readonly before: number; readonly peak: number } {
  const usd = flow.map((minute) => (side === "long" ? minute.long_usd : minute.short_usd));
  const sum = (from: number) => usd.slice(from, from + RECENT_MINUTES).reduce((total, value) => total + value, 0);
  const last = usd.length - RECENT_MINUTES;
  const all = Array.from({ length: Math.max(0, last + 1) }, (_, from) => sum(from));
  return { recent: sum(Math.max(0, last)), before: sum(Math.max(0, last - RECENT_MINUTES)), peak: Math.max(0, ...all) };
}

/** The largest move of the mark in the direction of the forced flow, bps, and the share of it that has recovered. */
function markPush(flow: readonly FlowMinute[], side: PositionSide): { readonly bps: number; readonly returnedShare: number } | null {
  const seen = flow.filter((minute) => minute.mark_close !== null);
  const start = seen[0]?.mark_close;
  const end = seen.at(-1)?.mark_close;
  if (start === null || start === undefined || end === null || end === undefined || seen.length < 2 * RECENT_MINUTES) return null;
  const extremes = seen.map(
    ({ mark_low, mark_high, mark_close }) => (side === "long" ? (mark_low ?? mark_close) : (mark_high ?? mark_close)) ?? start,
  );
  const extreme = side === "long" ? Math.min(...extremes) : Math.max(...extremes);
  const towards = side === "long" ? -1 : 1;
  const bps = Math.max(0, 1e4 * towards * (extreme / start - 1));
  return { bps, returnedShare: extreme === start ? 0 : (extreme - end) / (extreme - start) };
}

function largePush({ market }: SignalInput): number {
  return market.volatility_5m === null ? LARGE_BPS : Math.max(COST_BPS, 1e4 * LARGE_SIGMAS * market.volatility_5m * Math.sqrt(3));
}
