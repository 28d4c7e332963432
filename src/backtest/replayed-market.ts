import type { Config } from "../config.ts";
import { publishingVenues } from "../exchanges/coverage.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { SymbolWindow, WindowBySide } from "../windows/symbol-window.ts";
import { type Window, windowRanges } from "../windows/window.ts";
import { KnownEvents } from "./known-events.ts";
import type { KnownGaps } from "./known-gaps.ts";
import type { MarkBook } from "./mark-book.ts";
import { QuarterHourHistory } from "./quarter-hour-history.ts";
import { type Known, readSides, readWindow } from "./read-window.ts";
import type { ReplayedEvent } from "./replayed-event.ts";
import { RunningMarks } from "./running-marks.ts";

export interface MarketSettings {
  readonly config: Config;
  /** The range whose events are counted apart, ms. */
  readonly judged: TimeRange;
  readonly gaps: KnownGaps;
  readonly marks: MarkBook;
  /** Whether `marks` is filled from the mark prices of the events. */
  readonly marksFromEvents: boolean;
}

/** The minute that is judged, and up to when data is known, ms. */
export interface KnownAt {
  readonly minute: number;
  readonly knownTime: number;
}

/** Number of events that became known, of those that were stored twice or that D1 would not have accepted, and of those of the range. */
export interface EventCounts {
  events: number;
  repeated: number;
  too_old: number;
  in_range: number;
}

/**
 * What is known of the market at a time: events, quarter-hours, gaps and marks. Several replays of one range, which differ in
 * their rule, share it, and a window that several of them read is computed once.
 */
export class ReplayedMarket {
  readonly counts: EventCounts = { events: 0, repeated: 0, too_old: 0, in_range: 0 };
  readonly events: KnownEvents;
  readonly quarterHours: QuarterHourHistory;
  readonly gaps: KnownGaps;
  readonly marks: MarkBook;
  readonly runningMarks = new RunningMarks();
  readonly #settings: MarketSettings;
  /** By base asset and window, of one minute and time. */
  readonly #windows = new Map<string, SymbolWindow>();
  readonly #sides = new Map<string, WindowBySide>();
  #readAt: KnownAt = { minute: 0, knownTime: 0 };

  constructor(settings: MarketSettings) {
    const { config, gaps, marks } = settings;
    this.#settings = settings;
    this.events = new KnownEvents(config.LIQUIDATION_LOCAL_RETENTION_HOURS);
    this.quarterHours = new QuarterHourHistory(publishingVenues(config));
    this.gaps = gaps;
    this.marks = marks;
  }

  /**
   * Adds an event that became known before a minute.
   * @returns whether it counts: it is neither inferred, nor stored twice, nor too old
   */
  take(event: ReplayedEvent, minute: number): boolean {
    // Sums do not include inferred events, as live.
    if (event.coverage === "inferred") return false;
    const { judged, marksFromEvents } = this.#settings;
    const outcome = this.events.add(event, minute);
    if (outcome !== "added") {
      this.counts[outcome] += 1;
      return false;
    }
    this.#dropWindows();
    this.counts.events += 1;
    if (event.event_time >= judged.start && event.event_time < judged.end) this.counts.in_range += 1;
    if (marksFromEvents) this.marks.see(event);
    this.runningMarks.add(event);
    return true;
  }

  /** Adds the quarter-hours that have ended; no minute may be skipped. */
  advance(minute: number): void {
    this.quarterHours.advance(minute, this.events, this.gaps);
    this.#dropWindows();
  }

  /** Drops what is no longer needed; call it with each minute. */
  forget(minute: number): void {
    this.events.forget(minute);
    this.marks.forget(minute);
  }

  /** @param knownTime up to when gaps are known, ms */
  known(minute: number, knownTime: number, longestMs: number): Known {
    const whole = windowRanges(longestMs, minute);
    const gaps = this.gaps.overlapping({ start: whole.previous.start, end: whole.current.end }, knownTime);
    return { events: this.events, quarterHours: this.quarterHours, gaps, longestMs };
  }

  /** The window of one symbol at a minute, with what is known at a time. */
  window(known: Known, symbol: string, window: Window, at: KnownAt): SymbolWindow {
    this.#readWindowsAt(at);
    return remembered(this.#windows, `${symbol} ${window.name}`, () => readWindow(known, symbol, window, at.minute));
  }

  /** The same without venues. */
  sides(known: Known, symbol: string, window: Window, at: KnownAt): WindowBySide {
    this.#readWindowsAt(at);
    return remembered(this.#sides, `${symbol} ${window.name}`, () => readSides(known, symbol, window, at.minute));
  }

  #readWindowsAt(at: KnownAt): void {
    if (at.minute === this.#readAt.minute && at.knownTime === this.#readAt.knownTime) return;
    this.#dropWindows();
    this.#readAt = at;
  }

  /** Clearing an empty map allocates another one. */
  #dropWindows(): void {
    if (this.#windows.size > 0) this.#windows.clear();
    if (this.#sides.size > 0) this.#sides.clear();
  }
}

function remembered<Value>(values: Map<string, Value>, key: string, compute: () => Value): Value {
  const known = values.get(key);
  if (known !== undefined) return known;
  const value = compute();
  values.set(key, value);
  return value;
}
