import { EXCHANGES, POSITION_SIDES } from "../liquidation-fields.ts";
import type { PositionSide } from "../liquidation.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { VenueSideTotals } from "../windows/window-statistics.ts";
import { LATE_FRAMES_MS } from "../lateness.ts";
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

/** What a range that was read adds up to. */
interface RangeSums {
  /** By series. */
  readonly tallies: Part;
  totals: readonly VenueSideTotals[] | null;
  usd: Readonly<Record<PositionSide, number | null>> | null;
}

/** A range that was read, with the sums up to its last minute, where most new events fall. */
interface ReadRange {
  /** Where the last minute starts, or the end where whole hours reach it, ms. */
  readonly begunUntil: number;
  readonly begun: Part;
  /** Null where an event was added since. */
  sums: RangeSums | null;
}

/** The ranges of so many ends are remembered, two a minute: a window is later the previous one of another. */
const MAX_READ_ENDS = 64;

/**
 * The events of one symbol by minute and hour, venue and side: a range of any length is summed from few tallies. Bursts are
 * judged many times a minute on the same ranges, so only what changed is summed again, in the same order: no bit differs.
 */
export class SymbolMinutes {
  readonly #minutes = new Map<number, Minute>();
  readonly #hours = new Map<number, Part>();
  /** By end and start, ms. */
  readonly #read = new Map<number, Map<number, ReadRange>>();
  #lastReadEnd = 0;

  add(event: ReplayedEvent): void {
    const minute = floorTo(event.event_time, MINUTE_MS);
    let parts = this.#minutes.get(minute);
    if (parts === undefined) this.#minutes.set(minute, (parts = [[], []]));
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
    const sums = this.#sums(range);
    return (sums.totals ??= totalsOf(sums.tallies));
  }

  /** The USD of a range by side, null where it is unknown for every event. */
  usd(range: TimeRange): Readonly<Record<PositionSide, number | null>> {
    const sums = this.#sums(range);
    return (sums.usd ??= usdOf(sums.tallies));
  }

  forget(before: number): void {
    for (const minute of this.#minutes.keys()) if (minute < before) this.#minutes.delete(minute);
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
        else if (start <= time) read.sums = null;
      }
    }
  }

  #sums(range: TimeRange): RangeSums {
    for (const edge of [range.start, range.end]) {
      if (edge % MINUTE_MS !== 0 && edge % MINUTE_MS !== HEAD_MS) throw new RangeError(`${edge} is not the edge of a window`);
    }
    const read = this.#readRange(range);
    if (read.sums !== null) return read.sums;
    const tallies: Part = [];
    addPart(tallies, read.begun);
    this.#addMinutes(tallies, range, read.begunUntil, range.end);
    return (read.sums = { tallies, totals: null, usd: null });
  }

  #readRange(range: TimeRange): ReadRange {
    const { start, end } = range;
    let ranges = this.#read.get(end);
    if (ranges === undefined) this.#read.set(end, (ranges = new Map()));
    const known = ranges.get(start);
    if (known !== undefined) return known;
    const begun: Part = [];
    const begunUntil = this.#addMinutes(begun, range, floorTo(start, MINUTE_MS), floorTo(end - 1, MINUTE_MS));
    const read = { begunUntil, begun, sums: null };
    ranges.set(start, read);
    this.#lastReadEnd = Math.max(this.#lastReadEnd, end);
    const [oldest] = this.#read.keys();
    if (this.#read.size > MAX_READ_ENDS && oldest !== undefined) this.#read.delete(oldest);
    return read;
  }

  /**
   * Adds the minutes and whole hours of a range that begin in a part of it.
   * @returns the end of the last one, or `from` where there is none, ms
   */
  #addMinutes(sums: Part, { start, end }: TimeRange, from: number, until: number): number {
    let at = from;
    while (at < until) {
      const isHour = at % HOUR_MS === 0 && start <= at && at + HOUR_MS <= end;
      if (isHour) addPart(sums, this.#hours.get(at));
      else {
        const parts = this.#minutes.get(at);
        if (start <= at && at + HEAD_MS <= end) addPart(sums, parts?.[0]);
        if (start <= at + HEAD_MS && at + MINUTE_MS <= end) addPart(sums, parts?.[1]);
      }
      at += isHour ? HOUR_MS : MINUTE_MS;
    }
    return at;
  }
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

function usdOf(tallies: Part): Readonly<Record<PositionSide, number | null>> {
  const sides = { long: new Tally(), short: new Tally() };
  for (const [index, tally] of tallies.entries()) {
    const series = SERIES[index];
    if (tally !== undefined && series !== undefined) sides[series.position_side].addAll(tally);
  }
  return { long: sides.long.totals().usd, short: sides.short.totals().usd };
}

function addPart(sums: Part, part: Part = []): void {
  for (let series = 0; series < part.length; series += 1) {
    const tally = part[series];
    if (tally !== undefined) (sums[series] ??= new Tally()).addAll(tally);
  }
}
