import type { PositionSide } from "../liquidation.ts";
import { type FlowShape, type MarkPush, flowShape, markPush } from "./forced-flow.ts";
import type { FlowMinute } from "./signal-input.ts";

/** A flow below this share of its peak is exhausted, as for a cooling cascade. */
const EXHAUSTED_SHARE = 0.5;
/** The mark has turned once it has recovered this share of its move. */
const TURNED_SHARE = 0.2;
/** A move is large above this many standard deviations before the flush, or bps where they are unknown. */
const LARGE_SIGMAS = 3;
const LARGE_BPS = 50;
/** A move smaller than the cost of a trade does not count. */
export const COST_BPS = 10;

/**
 * From how many bps on the move of a flush is large.
 * @param sigmaBps standard deviation of a one-minute return before the flush
 * @param minutes length of the time that is looked at
 */
export function largePushBps(sigmaBps: number | null, minutes: number): number {
  return sigmaBps === null ? LARGE_BPS : Math.max(COST_BPS, LARGE_SIGMAS * sigmaBps * Math.sqrt(minutes));
}

/** Whether the flow of the last 3 minutes is at most half the most in any 3. */
export function isExhausted({ recent, peak }: FlowShape): boolean {
  return recent <= EXHAUSTED_SHARE * peak;
}

/** Whether the mark has recovered a fifth of its move. */
export function hasTurned({ returnedShare }: Pick<MarkPush, "returnedShare">): boolean {
  return returnedShare >= TURNED_SHARE;
}

/**
 * Whether a flush has turned: its flow is exhausted, its move was large, and the mark price is coming back. It is the first of
 * the rules of `rules-v1`, without the dominance of one side, and what the second decision on a flush waits for.
 * @param flow the last 15 minutes, oldest first
 * @param sigmaBps standard deviation of a one-minute return before the flush
 */
export function isTurn(flow: readonly FlowMinute[], side: PositionSide, sigmaBps: number | null): boolean {
  const push = markPush(flow, side);
  return push !== null && push.bps >= largePushBps(sigmaBps, flow.length) && hasTurned(push) && isExhausted(flowShape(flow, side));
}
