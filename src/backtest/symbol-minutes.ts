import { EXCHANGES, POSITION_SIDES } from "../liquidation-fields.ts";
import type { PositionSide } from "../liquidation.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { VenueSideTotals } from "../windows/window-statistics.ts";
import { LATE_FRAMES_MS } from "../lateness.ts";
import { ExactSum } from "./exact-sum.ts";
import type { ReplayedEvent } from "./replayed-event.ts";
import { Tally } from "./tally.ts";

/** Venues and sides in the order of D1's grouping. */
const SERIES = EXCHANGES.toSorted().flatMap((exchange) => POSITION_SIDES.map((position_side) => ({ exchange, position_side })));
const SERIES_OF = new Map(SERIES.map(({ exchange, position_side }, index) => [`${exchange} ${position_side}`, index]));

/** Windows end this far into a minute, so a minute is kept in two parts: every window consists of whole parts. */
const HEAD_MS = MINUTE_MS - LATE_FRAMES_MS;

/** The tallies of one part of a minute, with holes for series without an event. */
type Part = (Tally | undefined)[];
type Minute = readonly [head: Part, tail: Part];

/** The sums of USD of a range, with holes for series without an event. */
type UsdSums = (ExactSum | undefined)[];

/** A range that was read. Most new events fall into its last minute, so what is before it is summed once: `begun`. */
interface ReadRange {
  /** Where the last minute starts, or the end where whole hours reach it, ms. */
  readonly begunUntil: number;
  begunUsd: UsdSums | null;
  begunTallies: Part | null;
  /** Null where an event was added since. */
  usd: Readonly<Record<PositionSide, number | null>> | null;
  totals: readonly VenueSideTotals[] | null;
}

/** The ranges of so many ends are remembered, two a minute: a window is later the previous one of another. */
const MAX_READ_ENDS = 64;

/**
 * The events of one symbol by minute and hour, venue and side: a range of any length is summed from few tallies. Bursts are
 * judged many times a minute on the same ranges, so only what changed is summed again, in the same order: no bit differs.
 */
export class SymbolMinutes {
  /** By minutes since 1970, which are found faster than milliseconds: they fit into a small integer. */
  readonly #minutes = new Map<number, Minute>();
  readonly #hours = new Map<number, Part>();
  /** By end and start, ms. */
  readonly #read = new Map<number, Map<number, ReadRange>>();
  #lastReadEnd = 0;

  add(event: ReplayedEvent): void {
    const minute = floorTo(event.event_time, MINUTE_MS);
    let parts = this.#minutes.get(minute / MINUTE_MS);
    if (parts === undefined) this.#minutes.set(minute / MINUTE_MS, (parts = [[], []]));
    const hour = floorTo(event.event_time, HOUR_MS);
    let whole = this.#hours.get(hour);
    if (whole === undefined) this.#hours.set(hour, (whole = []));
    const series = SERIES_OF.get(`${event.exchange} ${event.position_side}`) ?? 0;
    for (const part of [event.event_time - minute < HEAD_MS ? parts[0] : parts[1], whole]) (part[series] ??= new Tally()).add(event);
    this.#correct(event.event_time);
  }

  /**
   * The totals of a range by venue and side, without series that have no event.
   * @throws {RangeError} where an edge lies neither on a minute nor 5 s before one
   */
  totals(range: TimeRange): readonly VenueSideTotals[] {
    const read = this.#readRange(range);
    read.begunTallies ??= tallied(this.#parts(range, floorTo(range.start, MINUTE_MS), read.begunUntil));
    return (read.totals ??= totalsOf(tallied([read.begunTallies, ...this.#parts(range, read.begunUntil, range.end)])));
  }

  /** The USD of a range by side, null where it is unknown for every event. */
  usd(range: TimeRange): Readonly<Record<PositionSide, number | null>> {
    const read = this.#readRange(range);
    read.begunUsd ??= usdSums([], this.#parts(range, floorTo(range.start, MINUTE_MS), read.begunUntil));
    return (read.usd ??= usdOf(usdSums(read.begunUsd, this.#parts(range, read.begunUntil, range.end))));
  }

  forget(before: number): void {
    for (const minute of this.#minutes.keys()) if (minute * MINUTE_MS < before) this.#minutes.delete(minute);
    for (const hour of this.#hours.keys()) if (hour < before) this.#hours.delete(hour);
    this.#read.clear();
  }

  /** Drops the sums that an event changes: those of ranges that end after it. */
  #correct(time: number): void {
    const minute = floorTo(time, MINUTE_MS);
    for (let end = time - minute < HEAD_MS ? minute + HEAD_MS : minute + MINUTE_MS; end <= this.#lastReadEnd; end = nextEdge(end)) {
      const ranges = this.#read.get(end);
      if (ranges === undefined) continue;
      for (const [start, read] of ranges) {
        if (start <= time && time < read.begunUntil) ranges.delete(start);
        else if (start <= time) read.usd = read.totals = null;
      }
    }
  }

  #readRange(range: TimeRange): ReadRange {
    const { start, end } = range;
    let ranges = this.#read.get(end);
    const known = ranges?.get(start);
    if (known !== undefined) return known;
    for (const edge of [start, end]) {
      if (edge % MINUTE_MS !== 0 && edge % MINUTE_MS !== HEAD_MS) throw new RangeError(`${edge} is not the edge of a window`);
    }
    const read = { begunUntil: begunUntilOf(range), begunUsd: null, begunTallies: null, usd: null, totals: null };
    if (ranges === undefined) this.#read.set(end, (ranges = new Map()));
    ranges.set(start, read);
    this.#lastReadEnd = Math.max(this.#lastReadEnd, end);
    const [oldest] = this.#read.keys();
    if (this.#read.size > MAX_READ_ENDS && oldest !== undefined) this.#read.delete(oldest);
    return read;
  }

  /** The minutes and whole hours of a range that begin in a part of it, in order, without those that have no event. */
  #parts(range: TimeRange, from: number, until: number): readonly Part[] {
    const parts: Part[] = [];
    for (let at = from; at < until;) {
      const isHour = isWholeHour(range, at);
      if (isHour) pushPart(parts, this.#hours.get(at));
      else {
        const minute = this.#minutes.get(at / MINUTE_MS);
        if (range.start <= at && at + HEAD_MS <= range.end) pushPart(parts, minute?.[0]);
        if (range.start <= at + HEAD_MS && at + MINUTE_MS <= range.end) pushPart(parts, minute?.[1]);
      }
      at += isHour ? HOUR_MS : MINUTE_MS;
    }
    return parts;
  }
}

function isWholeHour({ start, end }: TimeRange, at: number): boolean {
  return at % HOUR_MS === 0 && start <= at && at + HOUR_MS <= end;
}

/** Where the last minute of a range starts, or where its whole hours end if they reach it. */
function begunUntilOf(range: TimeRange): number {
  const last = floorTo(range.end - 1, MINUTE_MS);
  let at = floorTo(range.start, MINUTE_MS);
  while (at < last) at += isWholeHour(range, at) ? HOUR_MS : MINUTE_MS;
  return at;
}

function pushPart(parts: Part[], part: Part | undefined): void {
  if (part !== undefined) parts.push(part);
}

/** The next edge that a window can have. */
function nextEdge(edge: number): number {
  return edge % MINUTE_MS === HEAD_MS ? edge + LATE_FRAMES_MS : edge + HEAD_MS;
}

function totalsOf(tallies: Part): readonly VenueSideTotals[] {
  return SERIES.flatMap((series, index) => {
    const tally = tallies[index];
    return tally === undefined ? [] : [{ ...series, ...tally.totals() }];
  });
}

function usdOf(sums: UsdSums): Readonly<Record<PositionSide, number | null>> {
  const sides = { long: new ExactSum(), short: new ExactSum() };
  for (let index = 0; index < sums.length; index += 1) {
    const [sum, series] = [sums[index], SERIES[index]];
    if (sum !== undefined && series !== undefined) sides[series.position_side].addAll(sum);
  }
  return { long: sides.long.value, short: sides.short.value };
}

function tallied(parts: readonly Part[]): Part {
  const tallies: Part = [];
  for (const part of parts) {
    for (let series = 0; series < part.length; series += 1) {
      const tally = part[series];
      if (tally !== undefined) (tallies[series] ??= new Tally()).addAll(tally);
    }
  }
  return tallies;
}

/** The USD of parts, added to sums of what is before them. */
function usdSums(before: UsdSums, parts: readonly Part[]): UsdSums {
  if (parts.length === 0) return before;
  const sums: UsdSums = [];
  for (let series = 0; series < before.length; series += 1) {
    const sum = before[series];
    if (sum !== undefined) (sums[series] = new ExactSum()).addAll(sum);
  }
  for (const part of parts) {
    for (let series = 0; series < part.length; series += 1) {
      const tally = part[series];
      if (tally !== undefined) (sums[series] ??= new ExactSum()).addAll(tally.usd);
    }
  }
  return sums;
}
