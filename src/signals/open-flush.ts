import type { PositionSide } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { WindowBySide } from "../windows/symbol-window.ts";
import { FLOW_MINUTES } from "./flow-minutes.ts";
import { isTurn, largePushBps } from "./flush-turn.ts";
import { type FlowMinute, type SignalInput, dominantOf, dominantSide } from "./signal-input.ts";
import { type EarlierSpike, type SpikeSettings, coolingSpike } from "./spike-rule.ts";
import type { Trigger } from "./trigger.ts";

/** The flush of a decided spike, until it turns or its cool-down is over. */
export interface OpenFlush {
  readonly symbol: string;
  readonly side: PositionSide;
  /** The minute of the spike, ms. */
  readonly minute: number;
  /** The end of the cool-down, ms. */
  readonly end_time: number;
}

/** The same, with the move that makes its turn worth a decision: what the hub follows. */
export interface FollowedFlush extends Omit<OpenFlush, "minute"> {
  readonly large_push_bps: number;
}

/** The flush of an earlier spike that may turn at a minute: within its cool-down, where no turn was decided since. */
export function openFlush(symbol: string, minute: number, settings: SpikeSettings, earlier: EarlierSpike | null): OpenFlush | null {
  const within = coolingSpike(earlier, minute, settings);
  if (within === null || within.has_turned || within.side === null) return null;
  return { symbol, side: within.side, minute: within.minute, end_time: within.minute + settings.cooldownMinutes * MINUTE_MS };
}

/** What tells whether a flush has turned. */
export interface FlushFlow {
  /** The last 15 minutes, oldest first. */
  readonly flow: readonly FlowMinute[];
  /** Standard deviation of a one-minute return before the flush; null where unknown. */
  readonly sigmaBps: number | null;
}

/** Whether it has, going by its flow and its move. */
export function mayBeTurn({ side }: OpenFlush, { flow, sigmaBps }: FlushFlow): boolean {
  return isTurn(flow, side, sigmaBps);
}

/** Why its turn is decided on; null where it has not turned, or where its side does not dominate the window any more. */
export function turnOf(flush: OpenFlush, seen: FlushFlow, { sides }: Pick<WindowBySide, "sides">): Trigger | null {
  const { side } = flush;
  if (dominantOf(sides)?.side !== side || !mayBeTurn(flush, seen)) return null;
  return { kind: "turn", sides: [side], severity_usd: sides[side].usd ?? 0 };
}

export function followed({ symbol, side, end_time }: Omit<OpenFlush, "minute">, sigmaBps: number | null): FollowedFlush {
  return { symbol, side, end_time, large_push_bps: largePushBps(sigmaBps, FLOW_MINUTES) };
}

/** The side whose flush may turn after a spike; null where neither dominates, or the flush has turned in what was decided on. */
export function flushSide(input: SignalInput): PositionSide | null {
  const side = dominantSide(input)?.side;
  return side === undefined || isTurn(input.flow, side, input.market.sigma_before_bps) ? null : side;
}

/** The flush of a spike that is decided on; null where none can turn. */
export function flushOf(input: SignalInput, { cooldownMinutes }: SpikeSettings): FollowedFlush | null {
  const side = flushSide(input);
  if (side === null || cooldownMinutes === 0) return null;
  const { symbol, minute, market } = input;
  return followed({ symbol, side, end_time: minute + cooldownMinutes * MINUTE_MS }, market.sigma_before_bps);
}
