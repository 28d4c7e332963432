import type { ExchangeName } from "../liquidation.ts";
import type { HubEvent } from "./hub-event.ts";

/** Length of the window of `volatility_5m`, s. */
const VOLATILITY_SECONDS = 300;

/** A venue's mark price at an event. */
export interface SeenMark {
  readonly time: number;
  readonly exchange: ExchangeName;
  readonly mark: number;
}

export interface MarkMove {
  readonly start: number;
  readonly extreme: number;
  /** Positive in the direction of the forced flow: the closing sell of a long pushes down. */
  readonly bps: number;
}

export function seenMark(event: HubEvent): SeenMark | null {
  const { mark_price, exchange, event_time } = event;
  return mark_price === null || mark_price <= 0 ? null : { time: event_time, exchange, mark: mark_price };
}

/**
 * Adds a mark, the first of each second and venue, and drops those from before `from`, so that the list stays short.
 */
export function keepMark(marks: readonly SeenMark[], seen: SeenMark, from: number): readonly SeenMark[] {
  const last = marks.findLast(({ exchange }) => exchange === seen.exchange);
  if (last !== undefined && Math.floor(seen.time / 1000) <= Math.floor(last.time / 1000)) return marks;
  return [...marks.filter(({ time }) => time >= from), seen];
}

/**
 * Each venue's first mark since `from`. Only marks of the same venue are compared, because venues differ by a few bps.
 */
export function firstMarks(marks: readonly SeenMark[], from: number): SeenMark[] {
  const first = new Map<ExchangeName, SeenMark>();
  for (const mark of marks) {
    if (mark.time >= from && mark.time < (first.get(mark.exchange)?.time ?? Infinity)) first.set(mark.exchange, mark);
  }
  return [...first.values()];
}

/** The first mark of one venue since `from`. A venue's marks are in order of time. */
export function firstMarkOf(exchange: ExchangeName, marks: readonly SeenMark[], from: number): SeenMark | null {
  let first: SeenMark | null = null;
  for (let index = marks.length - 1; index >= 0; index -= 1) {
    const mark = marks[index];
    if (mark?.exchange !== exchange) continue;
    if (mark.time < from) break;
    first = mark;
  }
  return first;
}

/** The move of a venue's mark price since its start; null where it has none. */
export function moveSince(starts: readonly SeenMark[], now: SeenMark, isLong: boolean): MarkMove | null {
  const start = starts.find(({ exchange }) => exchange === now.exchange)?.mark;
  if (start === undefined) return null;
  return { start, extreme: now.mark, bps: ((isLong ? -1 : 1) * 1e4 * (now.mark - start)) / start };
}

/** The largest move in the direction of the forced flow from each venue's start to any of its later marks. */
export function largestMove(starts: readonly SeenMark[], marks: readonly SeenMark[], isLong: boolean): MarkMove | null {
  let largest: MarkMove | null = null;
  for (const mark of marks) {
    const move = moveSince(starts, mark, isLong);
    if (move !== null && move.bps > (largest?.bps ?? -Infinity)) largest = move;
  }
  return largest;
}

/**
 * The move that `sigmas` one-second standard deviations make over `seconds` of a random walk, σ·√W (Bachelier 1900), in
 * bps.
 * @param volatility √Σr² over five minutes of one-second returns
 */
export function expectedMoveBps(volatility: number, sigmas: number, seconds: number): number {
  return sigmas * 1e4 * volatility * Math.sqrt(seconds / VOLATILITY_SECONDS);
}
