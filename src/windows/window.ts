import { LATE_FRAMES_MS } from "../lateness.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "./calendar.ts";
import type { TimeRange } from "./range-parts.ts";

/** The standard windows and their length in ms. */
export const WINDOWS = {
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "4h": 4 * HOUR_MS,
  "24h": 24 * HOUR_MS,
} as const;
export type WindowName = keyof typeof WINDOWS;

/** Their names, the shortest first. */
export const WINDOW_NAMES = Object.keys(WINDOWS) as readonly WindowName[] as readonly [WindowName, ...WindowName[]];

/** A window with name and length; the spike rule may compare one that is not in `WINDOWS`. */
export interface Window {
  readonly name: string;
  readonly lengthMs: number;
}

/** The standard windows. */
export const STANDARD_WINDOWS: readonly Window[] = WINDOW_NAMES.map((name) => ({ name, lengthMs: WINDOWS[name] }));

/** The window of a number of minutes, named in whole hours where it can be: 60 is `1h`, 20 is `20m`. */
export function windowOfMinutes(minutes: number): Window {
  return { name: minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`, lengthMs: minutes * MINUTE_MS };
}

/** The window of a text such as `20m` or `2h`; null where it is none from a minute to the longest window. */
export function windowOfText(text: string): Window | null {
  const [, count, unit] = /^([1-9]\d{0,3})(m|h)$/.exec(text) ?? [];
  const minutes = Number(count) * (unit === "h" ? 60 : 1);
  return minutes * MINUTE_MS <= LONGEST_WINDOW_MS ? windowOfMinutes(minutes) : null;
}

/** The standard windows and another one, which comes last and only once. */
export function windowsWith(window: Window): readonly Window[] {
  return [...STANDARD_WINDOWS.filter(({ name }) => name !== window.name), window];
}

/** The longest standard window, ms; the compared window is never longer. */
export const LONGEST_WINDOW_MS = Math.max(...Object.values(WINDOWS));

export interface WindowRanges {
  readonly current: TimeRange;
  /** The previous window, which does not overlap. */
  readonly previous: TimeRange;
}

/**
 * The window that ends 5 s before the minute of `time`, and the previous one. It depends on the minute alone, so that
 * all requests within a minute get the same range.
 */
export function windowRanges(window: WindowName | number, time: number): WindowRanges {
  const lengthMs = typeof window === "number" ? window : WINDOWS[window];
  const end = floorTo(time, MINUTE_MS) - LATE_FRAMES_MS;
  const start = end - lengthMs;
  return { current: { start, end }, previous: { start: start - lengthMs, end: start } };
}

/**
 * The change of a window against the previous one, percent: 50 means half as much again.
 * @returns null where the previous value is 0 or either is unknown
 */
export function changePercent(current: number | null, previous: number | null): number | null {
  return current === null || previous === null || previous === 0 ? null : (100 * (current - previous)) / previous;
}
