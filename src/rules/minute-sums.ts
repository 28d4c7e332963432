import type { PositionSide } from "../liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { type PercentileNode, type Rule, percentilesOf } from "./rule-tree.ts";

/** USD and number of longs, USD and number of shorts. */
const WIDTH = 4;
/** The period of a percentile ends up to 65 min ago, and the windows of its first minutes reach back 15 min more: rounded up, ms. */
const BEFORE_PERIOD_MS = 2 * HOUR_MS;
/** History that the longest percentile needs, ms. */
export const LONGEST_HISTORY_MS = 7 * DAY_MS + BEFORE_PERIOD_MS;
const KEPT_MS = LONGEST_HISTORY_MS + HOUR_MS;
/** A percentile needs this much history, or its whole period where that is shorter, ms. */
const MIN_HISTORY_MS = DAY_MS;

/** The liquidations of one minute and side. */
export interface MinuteSum {
  /** Start of the minute, ms. */
  readonly minute: number;
  readonly position_side: PositionSide;
  readonly usd: number;
  readonly events: number;
}

/** Stored minutes of one base asset. */
export interface MinuteHistory {
  readonly minutes: readonly MinuteSum[];
  /** A minute from here on that is not among them had no liquidation, ms. */
  readonly from: number;
  /** Stretches of them that no store has. */
  readonly missing: readonly TimeRange[];
}

/** How long before a time the minutes begin that the percentiles of a rule need then, ms; 0 where it has none. */
export function historyOf(rule: Rule): number {
  const periods = percentilesOf(rule).map(({ periodMs }) => periodMs);
  return periods.length === 0 ? 0 : Math.max(...periods) + BEFORE_PERIOD_MS;
}

/** The liquidations of one base asset by minute of event time over the last 7 days, which percentiles are made of. */
export class MinuteSums {
  readonly #hours = new Map<number, Float64Array>();
  /** Minutes from here on are those of events that were added here, ms; null before the first one. */
  #ownFrom: number | null = null;
  /** Minutes before this are not known, ms. */
  #knownFrom = Infinity;
  #missing: readonly TimeRange[] = [];

  /** Whether the minutes of before are known: without them there are no percentiles. */
  get isLoaded(): boolean {
    return this.#knownFrom < Infinity;
  }

  add(time: number, side: PositionSide, usd: number | null): void {
    const minute = floorTo(time, MINUTE_MS);
    this.#ownFrom ??= minute;
    this.#put(minute, side, usd ?? 0, 1);
  }

  /** Adds stored minutes from before the first event that was added here. */
  load({ minutes, from, missing }: MinuteHistory): void {
    this.#knownFrom = from;
    for (const range of missing) this.noteMissing(range);
    const before = this.#ownFrom ?? Infinity;
    for (const { minute, position_side, usd, events } of minutes) if (minute < before) this.#put(minute, position_side, usd, events);
  }

  /** Notes that nobody knows the liquidations of a stretch: it is not one without liquidations. */
  noteMissing(range: TimeRange): void {
    this.#missing = [...this.#missing, range];
  }

  forget(now: number): void {
    for (const hour of this.#hours.keys()) if (hour < now - KEPT_MS) this.#hours.delete(hour);
  }

  /**
   * The percentile of a window's sums at the end of each minute of the period before `end`, by nearest rank. Minutes without
   * liquidations count with what the window still holds.
   * @param since time since which liquidations are collected, ms: nothing from before it counts
   * @returns NaN where a minute that it is made of is not known, and with less than 24 h of history, or less than the period
   * where that is shorter
   */
  percentile({ percent, field, periodMs }: PercentileNode, end: number, since: number): number {
    const { window } = field;
    if (window === null || end - since < Math.min(periodMs, MIN_HISTORY_MS)) return Number.NaN;
    const collected = floorTo(since, MINUTE_MS);
    const from = Math.max(end - periodMs, collected);
    const length = window.lengthMs / MINUTE_MS;
    if (!this.#knows({ start: Math.max(from - (length - 1) * MINUTE_MS, collected), end })) return Number.NaN;
    const minutes = Math.round((end - from) / MINUTE_MS);
    const sums = new Float64Array(minutes);
    for (let index = 0; index < minutes; index += 1) {
      // Added up for each window, so that no subtraction leaves a rounding error.
      let sum = 0;
      for (let back = 0; back < length; back += 1) sum += this.#at(from + (index - back) * MINUTE_MS, window.side, window.kind);
      sums[index] = sum;
    }
    sums.sort();
    return sums[Math.max(0, Math.ceil((percent / 100) * minutes) - 1)] ?? Number.NaN;
  }

  #knows({ start, end }: TimeRange): boolean {
    return start >= this.#knownFrom && !this.#missing.some((gone) => gone.start < end && gone.end > start);
  }

  #at(minute: number, side: PositionSide | "total", kind: "usd" | "events"): number {
    const hour = floorTo(minute, HOUR_MS);
    const sums = this.#hours.get(hour);
    if (sums === undefined) return 0;
    const place = ((minute - hour) / MINUTE_MS) * WIDTH + (kind === "usd" ? 0 : 1);
    const long = side === "short" ? 0 : (sums[place] ?? 0);
    return side === "long" ? long : long + (sums[place + 2] ?? 0);
  }

  #put(minute: number, side: PositionSide, usd: number, events: number): void {
    const hour = floorTo(minute, HOUR_MS);
    let sums = this.#hours.get(hour);
    if (sums === undefined) {
      sums = new Float64Array(60 * WIDTH);
      this.#hours.set(hour, sums);
    }
    const place = ((minute - hour) / MINUTE_MS) * WIDTH + (side === "long" ? 0 : 2);
    sums[place] = (sums[place] ?? 0) + usd;
    sums[place + 1] = (sums[place + 1] ?? 0) + events;
  }
}
