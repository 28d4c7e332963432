import { DAY_MS, MINUTE_MS } from "./calendar.ts";
import { MIN_UPTIME_SHARE } from "./uptime-share.ts";

/** The history consists of quarter-hours: every standard window is a whole number of them. */
export const QUARTER_HOUR_MS = 15 * MINUTE_MS;
export const QUARTER_HOURS_PER_DAY = DAY_MS / QUARTER_HOUR_MS;

/** A window is ranked against windows that ended up to this long before it began. */
export const RANKED_AGAINST_MS = 7 * DAY_MS;
const MIN_HISTORY_MS = DAY_MS;

/** The USD liquidated in the quarter-hour that starts at `start`, ms. */
export interface QuarterHour {
  readonly start: number;
  readonly long: number;
  readonly short: number;
  /** Share of venue time that was connected. */
  readonly uptime: number;
}

/** A value for each side and for both together. */
export type BySide<Value> = Readonly<Record<"long" | "short" | "total", Value>>;

const UNKNOWN: BySide<null> = { long: null, short: null, total: null };

/**
 * The share of earlier windows of the same length with less USD, 0 to 1, per side. The earlier windows end on a
 * quarter-hour in the 7 days before the ranked one began, so that no liquidation is in both; windows with less than 90
 * % uptime are ignored.
 *
 * Null with less than 24 h of covered history or less than twice the length of the window, where the window is not a
 * whole number of quarter-hours, and where its USD is unknown.
 *
 * @param quarterHours contiguous, oldest first
 * @param start start of the ranked window, ms
 */
export function windowPercentiles(
  quarterHours: readonly QuarterHour[],
  lengthMs: number,
  start: number,
  usd: BySide<number | null>,
): BySide<number | null> {
  const size = lengthMs / QUARTER_HOUR_MS;
  const past = quarterHours.filter(
    (quarterHour) => quarterHour.start + QUARTER_HOUR_MS <= start && quarterHour.start + lengthMs > start - RANKED_AGAINST_MS,
  );
  const uptimeMs = past.reduce((sum, { uptime }) => sum + uptime * QUARTER_HOUR_MS, 0);
  if (!Number.isInteger(size) || uptimeMs < Math.max(MIN_HISTORY_MS, 2 * lengthMs)) return UNKNOWN;
  const earlier = windowSums(past, size);
  const rank = (side: keyof BySide<unknown>): number | null => {
    const value = usd[side];
    if (value === null || earlier.length === 0) return null;
    return earlier.filter((sums) => sums[side] < value).length / earlier.length;
  };
  return { long: rank("long"), short: rank("short"), total: rank("total") };
}

/** The sums of every `size` consecutive quarter-hours with enough uptime. */
function windowSums(quarterHours: readonly QuarterHour[], size: number): readonly BySide<number>[] {
  const sums: BySide<number>[] = [];
  for (let first = 0; first + size <= quarterHours.length; first += 1) {
    let [long, short, uptime] = [0, 0, 0];
    // Summed from scratch each time: a running sum would accumulate rounding errors.
    for (const quarterHour of quarterHours.slice(first, first + size)) {
      long += quarterHour.long;
      short += quarterHour.short;
      uptime += quarterHour.uptime;
    }
    if (uptime >= MIN_UPTIME_SHARE * size) sums.push({ long, short, total: long + short });
  }
  return sums;
}
