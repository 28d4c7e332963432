import type { Clock } from "./scheduler.ts";

/**
 * The number before the first one that a venue gives to a trade. No venue gives a number twice, and what collects it may know those of
 * an earlier run: numbers grow with the clock, faster than a venue can use them.
 */
export function firstNumber(clock: Clock): number {
  return clock() * 1_000;
}
