import { DAY_MS, HOUR_MS } from "./calendar.ts";
import { median } from "../scoreboard/scores.ts";
import { logRank } from "./log-rank.ts";
import { QUARTER_HOUR_MS, type QuarterHour } from "./quarter-hour.ts";
import { MIN_UPTIME_SHARE } from "./uptime-share.ts";

/** A window is ranked against windows that ended up to this long before it began. */
export const RANKED_AGAINST_MS = 28 * DAY_MS;
const MIN_HISTORY_MS = DAY_MS;
/** Earlier windows that began within this of the same hour count as of that hour. */
const SAME_HOUR_MS = HOUR_MS;
/** Four weeks of one hour of the week. With fewer, a single day would decide: the hour of every day counts instead. */
const MIN_SAME_HOUR_OF_WEEK = 32;
/** Fewer windows than this are no distribution. */
const MIN_WINDOWS = 5;

/** A value for each side and for both together. */
export type BySide<Value> = Readonly<Record<"long" | "short" | "total", Value>>;

/** The comparable earlier windows of a window. */
export interface EarlierWindows {
  /** The share of them with less USD on a side, 0 to 1; null where it is unknown. */
  readonly rank: (side: keyof BySide<unknown>, usd: number | null) => number | null;
  /** The median of their USD; null where no rank is known. */
  readonly median_usd: BySide<number | null>;
}

const UNKNOWN: EarlierWindows = { rank: () => null, median_usd: { long: null, short: null, total: null } };

/**
 * Ranks the USD of a window among comparable earlier windows of the same length, on a log scale (`logRank`). Comparable are
 * windows that began on a quarter-hour within an hour of the same hour of the week, of the last four weeks; with less than
 * four weeks of history, within an hour of the same hour of any day. None shares a liquidation with the ranked one, and
 * windows with less than 90 % uptime are ignored.
 *
 * Null with less than 24 h of covered history or less than twice the length of the window, with fewer than five comparable
 * windows, where the window is not a whole number of quarter-hours, and where its USD is unknown.
 *
 * @param quarterHours contiguous, oldest first
 * @param start start of the ranked window, ms
 */
export function earlierWindows(quarterHours: readonly QuarterHour[], lengthMs: number, start: number): EarlierWindows {
  let lengths = COMPUTED.get(quarterHours);
  if (lengths === undefined) COMPUTED.set(quarterHours, (lengths = new Map()));
  let known = lengths.get(lengthMs);
  if (known === undefined) {
    if (lengths.size === MAX_LENGTHS) lengths.clear();
    lengths.set(lengthMs, (known = new Map()));
  }
  // Quarter-hours begin on a grid, so which of them are comparable is the same for every start between two of its points.
  const key = Math.floor(start / QUARTER_HOUR_MS) + Math.ceil(start / QUARTER_HOUR_MS);
  let earlier = known.get(key);
  if (earlier === undefined) known.set(key, (earlier = computed(quarterHours, lengthMs, start)));
  return earlier;
}

/** As many as are kept of a list: requests may ask for any length. */
const MAX_LENGTHS = 16;

/** A replay ranks many windows against the same list: by length, and by place between the quarter-hours. */
const COMPUTED = new WeakMap<readonly QuarterHour[], Map<number, Map<number, EarlierWindows>>>();

function computed(quarterHours: readonly QuarterHour[], lengthMs: number, start: number): EarlierWindows {
  const size = lengthMs / QUARTER_HOUR_MS;
  const past = between(quarterHours, start - RANKED_AGAINST_MS - lengthMs, start - QUARTER_HOUR_MS);
  const uptimeMs = past.reduce((sum, { uptime }) => sum + uptime * QUARTER_HOUR_MS, 0);
  if (!Number.isInteger(size) || uptimeMs < Math.max(MIN_HISTORY_MS, 2 * lengthMs)) return UNKNOWN;
  const earlier = comparable(past, size, start);
  return earlier.length < MIN_WINDOWS ? UNKNOWN : against(bySide((side) => earlier.map((sums) => sums[side]).toSorted((a, b) => a - b)));
}

/** Holds the sorted sums alone: it is kept for as long as the list. */
function against(samples: BySide<readonly number[]>): EarlierWindows {
  return {
    rank: (side, usd) => (usd === null ? null : logRank(samples[side], usd)),
    median_usd: bySide((side) => median(samples[side])),
  };
}

/** The quarter-hours that begin after one time, and up to another. */
function between(quarterHours: readonly QuarterHour[], after: number, upTo: number): readonly QuarterHour[] {
  let [from, to] = [0, quarterHours.length];
  while (from < to && (quarterHours[from]?.start ?? 0) <= after) from += 1;
  while (to > from && (quarterHours[to - 1]?.start ?? 0) > upTo) to -= 1;
  return quarterHours.slice(from, to);
}

/** A value for each side. */
export function bySide<Value>(of: (side: keyof BySide<unknown>) => Value): BySide<Value> {
  return { long: of("long"), short: of("short"), total: of("total") };
}

/** The sums of the earlier windows of the same hour of the week, or of the same hour of any day. */
function comparable(past: readonly QuarterHour[], size: number, start: number): readonly BySide<number>[] {
  const ofDay = windowSums(past, size, (at) => distance(at, start, DAY_MS) <= SAME_HOUR_MS);
  const ofWeek = ofDay.filter((sums) => distance(sums.start, start, 7 * DAY_MS) <= SAME_HOUR_MS);
  return ofWeek.length >= MIN_SAME_HOUR_OF_WEEK ? ofWeek : ofDay;
}

/** How far two times are apart on a clock that goes round in `period`. */
function distance(a: number, b: number, period: number): number {
  const apart = Math.abs(a - b) % period;
  return Math.min(apart, period - apart);
}

/** The sums of `size` consecutive quarter-hours with enough uptime, from each wanted start. */
function windowSums(
  quarterHours: readonly QuarterHour[],
  size: number,
  isWanted: (start: number) => boolean,
): readonly (BySide<number> & { readonly start: number })[] {
  const sums: (BySide<number> & { readonly start: number })[] = [];
  for (let first = 0; first + size <= quarterHours.length; first += 1) {
    const start = quarterHours[first]?.start ?? 0;
    if (!isWanted(start)) continue;
    let [long, short, uptime] = [0, 0, 0];
    // Summed from scratch each time: a running sum would accumulate rounding errors.
    for (let index = first; index < first + size; index += 1) {
      long += quarterHours[index]?.long ?? 0;
      short += quarterHours[index]?.short ?? 0;
      uptime += quarterHours[index]?.uptime ?? 0;
    }
    if (uptime >= MIN_UPTIME_SHARE * size) sums.push({ start, long, short, total: long + short });
  }
  return sums;
}
