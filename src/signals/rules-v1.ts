import type { PositionSide } from "../liquidation.ts";
import { COST_BPS, hasTurned, isTurn } from "./flush-turn.ts";
import { flowShape, markPush } from "./forced-flow.ts";
import { type SignalInput, dominantSide } from "./signal-input.ts";
import type { Action, Verdict } from "./verdict.ts";

/** Raise it with every change of the rules: a decision names the version that made it. */
export const RULES_V1 = "rules-v1";

/** Minimum share of one side in the USD, as for an active cascade. */
const MIN_DOMINANCE = 0.65;
/** A flow this many times the previous one is accelerating. */
const ACCELERATION = 2;
/** The action in the direction of the forced flow: closing longs sells. */
const WITH_FLOW: Readonly<Record<PositionSide, Action>> = { long: "SELL", short: "BUY" };
export const AGAINST_FLOW: Readonly<Record<PositionSide, Action>> = { long: "BUY", short: "SELL" };

/**
 * The rules that decide where no model was trained that passes its test. Three of them:
 *
 * 1. *Exhausted flush: fade it.* One side dominates, its flow over the last 3 minutes is at most half its peak, it
 * moved the mark by at least 3 σ√15 min (σ from before the flush, which its own move does not raise), and the mark has
 * recovered a fifth of that. Forced sales push prices below their value, and prices revert once the selling ends: Coval &
 * Stafford 2007, J. Financial Economics 86(2); Campbell, Grossman & Wang 1993, Q. J. Economics 108(4); Nagel 2012, Rev.
 * Financial Studies 25(7).
 * 2. *Accelerating flow: follow it.* One side dominates, its flow over the last 3 minutes is at least twice that of the
 * previous 3, and the mark moves with it by more than the cost and has not turned. Losses force sales that cause
 * losses: Brunnermeier & Pedersen 2009, Rev. Financial Studies 22(6).
 * 3. *Otherwise NOTHING.*
 *
 * Confidence is 55 to 65, from dominance alone: a first guess for calibration to correct.
 */
export function rulesVerdict(input: SignalInput): Verdict {
  const dominant = dominantSide(input);
  if (dominant === null || dominant.share < MIN_DOMINANCE) return nothing("Neither side dominates.");
  const { side, share } = dominant;
  const flow = flowShape(input.flow, side);
  const push = markPush(input.flow, side);
  if (push === null) return nothing("The mark price of the last minutes is unknown.");
  const confidence = Math.round(55 + (10 * (share - MIN_DOMINANCE)) / (1 - MIN_DOMINANCE));
  const forced = side === "long" ? "Long" : "Short";
  if (isTurn(input.flow, side, input.market.sigma_before_bps)) {
    const reason = `${forced} flush is exhausted: the flow is below half its peak, and the mark price is turning back after ${push.bps.toFixed(0)} bps.`;
    return verdict(AGAINST_FLOW[side], confidence, reason, `${forced} liquidations are back at their peak.`);
  }
  if (flow.recent > 0 && flow.recent >= ACCELERATION * flow.before && push.bps >= COST_BPS && !hasTurned(push)) {
    const reason = `${forced} liquidations accelerate, and the mark price moves with them by ${push.bps.toFixed(0)} bps.`;
    return verdict(WITH_FLOW[side], confidence, reason, `${forced} liquidations are below half their peak.`);
  }
  return nothing(`${forced} liquidations dominate, but are neither exhausted nor accelerating.`);
}

export function verdict(action: Action, confidence: number, reason: string, invalidation: string | null): Verdict {
  return { action, confidence, reason, reason_code: null, invalidation };
}

export function nothing(reason: string): Verdict {
  return verdict("NOTHING", 0, reason, null);
}
