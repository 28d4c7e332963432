import { DAY_MS, HOUR_MS, ceilTo, floorTo } from "../windows/calendar.ts";
import { GRID_MS, type HourMark } from "./hour-mark.ts";

const WEEK_MS = 7 * DAY_MS;
/** Weeks before a decision that its random times are drawn from. */
const RANDOM_WEEKS = 52;
/** Times of the week within this of that of the decision count as the same. */
const SAME_TIME_MS = HOUR_MS / 2;
/** Hours are split into as many parts of equal size by their volatility. */
const VOLATILITY_BUCKETS = 3;
const MAX_DRAWS = 200;
/** With fewer draws than this, their mean says nothing. */
export const MIN_DRAWS = 20;

/** Before it, no hour is drawn from any more: with the hours around and a day of margin. */
export function hoursKeptFrom(now: number): number {
  return now - RANDOM_WEEKS * WEEK_MS - 2 * DAY_MS;
}

/** The trade that random times are matched with. */
export interface MatchedTrade {
  readonly entryTime: number;
  /** Time from entry to exit, ms. */
  readonly lengthMs: number;
  /** Volatility over the hour before the entry; null where unknown: nothing matches then. */
  readonly volatility: number | null;
  /** 64 hexadecimal digits, from which the draws follow. */
  readonly hash: string;
}

/** The times at which a matched trade may enter, on the grid, latest week first. */
function entryTimes(entryTime: number): readonly number[] {
  const [first, last] = [ceilTo(entryTime - SAME_TIME_MS, GRID_MS), entryTime + SAME_TIME_MS];
  const times = Array.from({ length: Math.floor((last - first) / GRID_MS) + 1 }, (_, index) => first + index * GRID_MS);
  return Array.from({ length: RANDOM_WEEKS }, (_, week) => times.map((time) => time - (week + 1) * WEEK_MS)).flat();
}

/** The hours whose marks `randomReturns` needs: those of entries, those before them, and those of exits. */
export function hoursToDraw({ entryTime, lengthMs }: MatchedTrade): readonly number[] {
  const hours = entryTimes(entryTime).flatMap((time) => [time - HOUR_MS, time, time + lengthMs]);
  return [...new Set(hours.map((time) => floorTo(time, HOUR_MS)))].toSorted((a, b) => a - b);
}

/**
 * The returns of the mark price from at most 200 random times, in bps: times on a grid of 5 minutes in the last 52 weeks,
 * within half an hour of the same time of the week, after an hour of similar volatility (of three parts of these hours the
 * same one). Each path ends before the decision. Which times are drawn follows from the hash alone.
 */
export function randomReturns(trade: MatchedTrade, marks: readonly HourMark[]): readonly number[] {
  const { entryTime, lengthMs, hash } = trade;
  const hours = new Map(marks.map((mark) => [mark.hour, mark]));
  if (trade.volatility === null) return [];
  const times = entryTimes(entryTime).flatMap((time) => {
    const { hour, volatility } = hours.get(floorTo(time, HOUR_MS) - HOUR_MS) ?? {};
    const entry = openAt(time, hours);
    const exit = time + lengthMs <= entryTime ? openAt(time + lengthMs, hours) : null;
    if (hour === undefined || volatility === undefined || volatility === null || entry === null || exit === null) return [];
    return [{ hour, volatility, bps: 1e4 * (exit / entry - 1) }];
  });
  const bounds = bucketBounds([...new Map(times.map(({ hour, volatility }) => [hour, volatility])).values()]);
  const bucket = bucketOf(trade.volatility, bounds);
  const matched = times.filter(({ volatility }) => bucketOf(volatility, bounds) === bucket);
  return drawn(
    matched.map(({ bps }) => bps),
    hash,
  );
}

function openAt(time: number, hours: ReadonlyMap<number, HourMark>): number | null {
  const hour = floorTo(time, HOUR_MS);
  return hours.get(hour)?.opens[(time - hour) / GRID_MS] ?? null;
}

function bucketBounds(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return Array.from({ length: VOLATILITY_BUCKETS - 1 }, (_, index) => {
    return sorted[Math.floor(((index + 1) * sorted.length) / VOLATILITY_BUCKETS)] ?? Infinity;
  });
}

function bucketOf(value: number, bounds: readonly number[]): number {
  return bounds.filter((bound) => value >= bound).length;
}

/** At most 200 of the values, each at most once, by the first draws of a shuffle (Durstenfeld 1964). */
function drawn(values: readonly number[], hash: string): readonly number[] {
  const left = [...values];
  const random = randomOf(hash);
  const draws: number[] = [];
  while (draws.length < MAX_DRAWS) {
    const index = Math.floor(random() * left.length);
    const value = left[index];
    const last = left.pop();
    if (value === undefined || last === undefined) break;
    if (index < left.length) left[index] = last;
    draws.push(value);
  }
  return draws;
}

/** Uniform numbers in [0, 1) that follow from a hash (xorshift128, Marsaglia 2003). */
function randomOf(hash: string): () => number {
  let [x = 1, y = 2, z = 3, w = 4] = [0, 8, 16, 24].map((start) => Number.parseInt(hash.slice(start, start + 8), 16) | 1);
  return () => {
    const mixed = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ mixed ^ (mixed >>> 8);
    return (w >>> 0) / 2 ** 32;
  };
}
