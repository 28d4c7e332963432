import { readNumber } from "./number.ts";

/** 2017-01-01: no venue had a perpetual contract before 2016, and none returns times from then. */
export const EARLIEST_TIME = Date.UTC(2017, 0);
const LATEST_TIME = Date.UTC(2100, 0);

/**
 * A venue's time as whole milliseconds since 1970, without fractions; null where it is outside the years 2017 to 2099.
 * Seconds, microseconds and nanoseconds are recognized by their magnitude: in those years no two units overlap.
 */
export function readTime(value: unknown): number | null {
  const given = readNumber(value);
  if (given === null) return null;
  for (const inMs of UNITS) {
    const time = inMs(given);
    if (time >= EARLIEST_TIME && time < LATEST_TIME) return time;
  }
  return null;
}

const UNITS: readonly ((given: number) => number)[] = [
  (milliseconds) => Math.floor(milliseconds),
  (seconds) => Math.round(seconds * 1000),
  (microseconds) => Math.floor(microseconds / 1e3),
  (nanoseconds) => Math.floor(nanoseconds / 1e6),
];
