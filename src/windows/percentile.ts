import { DAY_MS, MINUTE_MS } from "./calendar.ts";
import { MIN_UPTIME_SHARE } from "./uptime-share.ts";

/** History is kept by quarters of an hour: every standard window is a whole number of them. */
export const QUARTER_MS = 15 * MINUTE_MS;
export const QUARTERS_PER_DAY = DAY_MS / QUARTER_MS;

/** Windows that ended up to this long before the ranked one began are what it is ranked against. */
export const RANKED_AGAINST_MS = 7 * DAY_MS;
const MIN_HISTORY_MS = DAY_MS;

/** The USD liquidated in a quarter of an hour that starts at `start`, ms. */
export interface Quarter {
  readonly start: number;
  readonly long: number;
  readonly short: number;
  /** Share of the venues' time that was heard. */
  readonly heard: number;
}

/** Something for each side and both together. */
export type BySide<Value> = Readonly<Record<"long" | "short" | "total", Value>>;

const UNKNOWN: BySide<null> = { long: null, short: null, total: null };

/**
 * The share of earlier windows of the same length with less USD, 0 to 1, per side. The earlier windows are those that
 * end on a quarter of an hour in the 7 days before the ranked one began, so that no liquidation is on both sides; those
 * heard for less than 90 % are left out.
 *
 * Null under 24 h of heard history or under twice the window's length of it, where the window is no whole number of
 * quarters, and where its USD is unknown.
 *
 * @param quarters adjoining, oldest first
 * @param start of the ranked window, ms
 */
export function windowPercentiles(
  quarters: readonly Quarter[],
  lengthMs: number,
  start: number,
  usd: BySide<number | null>,
): BySide<number | null> {
  const size = lengthMs / QUARTER_MS;
  const past = quarters.filter((quarter) => quarter.start + QUARTER_MS <= start && quarter.start + lengthMs > start - RANKED_AGAINST_MS);
  const heardMs = past.reduce((sum, { heard }) => sum + heard * QUARTER_MS, 0);
  if (!Number.isInteger(size) || heardMs < Math.max(MIN_HISTORY_MS, 2 * lengthMs)) return UNKNOWN;
  const earlier = windowSums(past, size);
  const rank = (side: keyof BySide<unknown>): number | null => {
    const value = usd[side];
    if (value === null || earlier.length === 0) return null;
    return earlier.filter((sums) => sums[side] < value).length / earlier.length;
  };
  return { long: rank("long"), short: rank("short"), total: rank("total") };
}

/** The sums of every `size` quarters in a row that were heard well enough. */
function windowSums(quarters: readonly Quarter[], size: number): readonly BySide<number>[] {
  const sums: BySide<number>[] = [];
  for (let first = 0; first + size <= quarters.length; first += 1) {
    let [long, short, heard] = [0, 0, 0];
    // Added up anew each time: a running sum would keep the rounding of what has left it.
    for (const quarter of quarters.slice(first, first + size)) {
      long += quarter.long;
      short += quarter.short;
      heard += quarter.heard;
    }
    if (heard >= MIN_UPTIME_SHARE * size) sums.push({ long, short, total: long + short });
  }
  return sums;
}
