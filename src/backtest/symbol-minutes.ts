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

/** The events of one symbol by minute and hour, venue and side: a range of any length is summed from few tallies. */
export class SymbolMinutes {
  readonly #minutes = new Map<number, Minute>();
  readonly #hours = new Map<number, Part>();

  add(event: ReplayedEvent): void {
    const minute = floorTo(event.event_time, MINUTE_MS);
    let parts = this.#minutes.get(minute);
    if (parts === undefined) this.#minutes.set(minute, (parts = [[], []]));
    const hour = floorTo(event.event_time, HOUR_MS);
    let whole = this.#hours.get(hour);
    if (whole === undefined) this.#hours.set(hour, (whole = []));
    const series = SERIES_OF.get(`${event.exchange} ${event.position_side}`) ?? 0;
    for (const part of [event.event_time - minute < HEAD_MS ? parts[0] : parts[1], whole]) (part[series] ??= new Tally()).add(event);
  }

  /**
   * The totals of a range by venue and side, without series that have no event.
   * @throws {RangeError} where an edge lies neither on a minute nor 5 s before one
   */
  totals(range: TimeRange): readonly VenueSideTotals[] {
    const sums = this.#sums(range);
    return SERIES.flatMap((series, index) => {
      const tally = sums[index];
      return tally === undefined ? [] : [{ ...series, ...tally.totals() }];
    });
  }

  /** The USD of a range by side, null where it is unknown for every event. */
  usd(range: TimeRange): Readonly<Record<PositionSide, number | null>> {
    const sides = { long: new Tally(), short: new Tally() };
    for (const [index, tally] of this.#sums(range).entries()) {
      const series = SERIES[index];
      if (tally !== undefined && series !== undefined) sides[series.position_side].addAll(tally);
    }
    return { long: sides.long.totals().usd, short: sides.short.totals().usd };
  }

  forget(before: number): void {
    for (const minute of this.#minutes.keys()) if (minute < before) this.#minutes.delete(minute);
    for (const hour of this.#hours.keys()) if (hour < before) this.#hours.delete(hour);
  }

  #sums({ start, end }: TimeRange): Part {
    for (const edge of [start, end]) {
      if (edge % MINUTE_MS !== 0 && edge % MINUTE_MS !== HEAD_MS) throw new RangeError(`${edge} is not the edge of a window`);
    }
    const sums: Part = [];
    for (let at = floorTo(start, MINUTE_MS); at < end;) {
      const isHour = at % HOUR_MS === 0 && start <= at && at + HOUR_MS <= end;
      if (isHour) addPart(sums, this.#hours.get(at));
      else {
        const parts = this.#minutes.get(at);
        if (start <= at && at + HEAD_MS <= end) addPart(sums, parts?.[0]);
        if (start <= at + HEAD_MS && at + MINUTE_MS <= end) addPart(sums, parts?.[1]);
      }
      at += isHour ? HOUR_MS : MINUTE_MS;
    }
    return sums;
  }
}

function addPart(sums: Part, part: Part = []): void {
  for (let series = 0; series < part.length; series += 1) {
    const tally = part[series];
    if (tally !== undefined) (sums[series] ??= new Tally()).addAll(tally);
  }
}
