/** In milliseconds. Minutes, hours and days are those of UTC, which has no leap seconds in Unix time. */
export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The start of the minute, hour or day that contains `time`. */
export function floorTo(time: number, step: number): number {
  return Math.floor(time / step) * step;
}

/** `time` itself if a minute, hour or day starts then, otherwise the next start. */
export function ceilTo(time: number, step: number): number {
  return Math.ceil(time / step) * step;
}
