import { flowUsd } from "../flow-usd.ts";
import type { Liquidation, PositionSide } from "../liquidation.ts";
import { MINUTE_MS, floorTo } from "../windows/calendar.ts";
import { FLOW_MINUTES } from "./flow-minutes.ts";
import { isExhausted } from "./flush-turn.ts";
import { flowShape, pushDirection } from "./forced-flow.ts";
import type { FollowedFlush } from "./open-flush.ts";
import type { FlowMinute } from "./signal-input.ts";

/** Mark prices of liquidations alone miss a part of the move. */
const SEEN_PUSH_SHARE = 0.5;

/** What a liquidation adds to the flow. */
export type FlowEvent = Pick<Liquidation, "symbol" | "position_side" | "event_time" | "notional_mark_usd" | "usd_value" | "mark_price">;

/** USD of one window. */
export interface FlowUsd {
  readonly long: number;
  readonly short: number;
}

/** The liquidations of the last two windows of one base asset, by minute, with the mark prices that they carried. */
export class RecentFlow {
  readonly #windowMs: number;
  readonly #minutes = new Map<number, FlowMinute>();
  /** USD of the window since it was last judged. */
  added = 0;
  /** USD of the window when it was last judged. */
  judgedUsd = 0;
  #minute = 0;

  /** @param windowMinutes the length of the window that is compared with the one before it */
  constructor(windowMinutes = FLOW_MINUTES) {
    this.#windowMs = windowMinutes * MINUTE_MS;
  }

  /**
   * @param now when the liquidation became known, ms
   * @returns whether it is in the window that is judged next
   */
  add(event: FlowEvent, now: number): boolean {
    const usd = flowUsd(event);
    if (usd === null || !(usd > 0) || event.event_time < now - 2 * this.#windowMs) return false;
    this.#turnMinute(now);
    const minute = floorTo(event.event_time, MINUTE_MS);
    const known = this.#minutes.get(minute) ?? emptyMinute(minute);
    const { mark_price: mark } = event;
    const hasMark = mark !== null && mark > 0;
    this.#minutes.set(minute, {
      minute,
      long_usd: known.long_usd + (event.position_side === "long" ? usd : 0),
      short_usd: known.short_usd + (event.position_side === "short" ? usd : 0),
      mark_high: hasMark ? Math.max(known.mark_high ?? mark, mark) : known.mark_high,
      mark_low: hasMark ? Math.min(known.mark_low ?? mark, mark) : known.mark_low,
      mark_close: hasMark ? mark : known.mark_close,
    });
    if (event.event_time < now - this.#windowMs) return false;
    this.added += usd;
    return true;
  }

  /** USD of the window that ends with the running minute, and of the one before it. */
  windows(now: number): { readonly current: FlowUsd; readonly before: FlowUsd } {
    const start = floorTo(now, MINUTE_MS) + MINUTE_MS - this.#windowMs;
    // Summed in local variables: as fields of an object, each sum would be allocated.
    let [long, short, longBefore, shortBefore] = [0, 0, 0, 0];
    for (const { minute, long_usd, short_usd } of this.#minutes.values()) {
      if (minute >= start) {
        long += long_usd;
        short += short_usd;
      } else if (minute >= start - this.#windowMs) {
        longBefore += long_usd;
        shortBefore += short_usd;
      }
    }
    return { current: { long, short }, before: { long: longBefore, short: shortBefore } };
  }

  /** The window was judged at this time. */
  judged(now: number): void {
    const { current } = this.windows(now);
    this.added = 0;
    this.judgedUsd = current.long + current.short;
  }

  /** The run of each minute judges what was known until then. */
  #turnMinute(now: number): void {
    const minute = floorTo(now, MINUTE_MS);
    if (minute === this.#minute) return;
    const kept = minute - Math.max(2 * this.#windowMs, FLOW_MINUTES * MINUTE_MS);
    for (const known of this.#minutes.keys()) if (known < kept) this.#minutes.delete(known);
    this.#minute = minute;
    const { current } = this.windows(now);
    this.judgedUsd = current.long + current.short;
  }

  /** Whether a flush may turn about now: its flow is exhausted, and the move that liquidations have shown is not small. */
  mayTurn({ side, large_push_bps: large }: FollowedFlush, now: number): boolean {
    const last = floorTo(now, MINUTE_MS);
    const flow: FlowMinute[] = [];
    for (let minute = last - (FLOW_MINUTES - 1) * MINUTE_MS; minute <= last; minute += MINUTE_MS) {
      flow.push(this.#minutes.get(minute) ?? emptyMinute(minute));
    }
    return isExhausted(flowShape(flow, side)) && seenPushBps(flow, side) >= SEEN_PUSH_SHARE * large;
  }
}

/** The largest move with the forced flow from the first known price on, bps; 0 where none is known. */
function seenPushBps(flow: readonly FlowMinute[], side: PositionSide): number {
  const highs = flow.flatMap(({ mark_high: high }) => (high === null ? [] : [high]));
  const lows = flow.flatMap(({ mark_low: low }) => (low === null ? [] : [low]));
  const [start = 1, extreme = 1] = side === "long" ? [highs[0], Math.min(...lows)] : [lows[0], Math.max(...highs)];
  return Number.isFinite(extreme) ? 1e4 * pushDirection(side) * (extreme / start - 1) : 0;
}

function emptyMinute(minute: number): FlowMinute {
  return { minute, long_usd: 0, short_usd: 0, mark_high: null, mark_low: null, mark_close: null };
}
