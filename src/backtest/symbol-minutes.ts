import { EXCHANGES, POSITION_SIDES } from "../liquidation-fields.ts";
import type { PositionSide } from "../liquidation.ts";
import { MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { VenueSideTotals } from "../windows/window-statistics.ts";
import { LATE_FRAMES_MS } from "../windows/window.ts";
import type { ReplayedEvent } from "./replayed-event.ts";
import { Tally } from "./tally.ts";

/** Venues and sides in the order in which D1 groups them. */
const SERIES = EXCHANGES.toSorted().flatMap((exchange) => POSITION_SIDES.map((position_side) => ({ exchange, position_side })));
const SERIES_OF = new Map(SERIES.map(({ exchange, position_side }, index) => [`${exchange} ${position_side}`, index]));

/** Windows end this far into a minute, so a minute is kept in two parts: every window is whole parts. */
const HEAD_MS = MINUTE_MS - LATE_FRAMES_MS;

/** The tallies of one part of a minute; a hole where a series had no event. */
type Part = (Tally | undefined)[];
type Minute = readonly [head: Part, tail: Part];

/** One symbol's events by minute, venue and side, each added once. */
export class SymbolMinutes {
  readonly #minutes = new Map<number, Minute>();

  add(event: ReplayedEvent): void {
    const minute = floorTo(event.event_time, MINUTE_MS);
    let parts = this.#minutes.get(minute);
    if (parts === undefined) this.#minutes.set(minute, (parts = [[], []]));
    const part = event.event_time - minute < HEAD_MS ? parts[0] : parts[1];
    const series = SERIES_OF.get(`${event.exchange} ${event.position_side}`) ?? 0;
    (part[series] ??= new Tally()).add(event);
  }

  /**
   * The totals of a range, by venue and side; those without an event have none.
   * @throws {RangeError} where an edge lies neither on a minute nor 5 s before one
   */
  totals(range: TimeRange): readonly VenueSideTotals[] {
    const sums: Part = [];
    for (const part of this.#parts(range)) {
      for (const [series, tally] of part.entries()) {
        if (tally !== undefined) (sums[series] ??= new Tally()).addAll(tally);
      }
    }
    return SERIES.flatMap((series, index) => {
      const tally = sums[index];
      return tally === undefined ? [] : [{ ...series, ...tally.totals() }];
    });
  }

  /** The USD of a range by side, null where no event's is known. */
  usd(range: TimeRange): Readonly<Record<PositionSide, number | null>> {
    const sums = { long: new Tally(), short: new Tally() };
    for (const part of this.#parts(range)) {
      for (const [series, tally] of part.entries()) {
        const side = SERIES[series]?.position_side;
        if (tally !== undefined && side !== undefined) sums[side].addAll(tally);
      }
    }
    return { long: sums.long.totals().usd, short: sums.short.totals().usd };
  }

  /** The earliest minute with an event, ms; Infinity where there is none. */
  get firstMinute(): number {
    let first = Infinity;
    for (const minute of this.#minutes.keys()) first = Math.min(first, minute);
    return first;
  }

  forget(before: number): void {
    for (const minute of this.#minutes.keys()) if (minute < before) this.#minutes.delete(minute);
  }

  *#parts({ start, end }: TimeRange): Generator<Part> {
    for (const edge of [start, end]) {
      if (edge % MINUTE_MS !== 0 && edge % MINUTE_MS !== HEAD_MS) throw new RangeError(`${edge} is no edge of a window`);
    }
    for (let minute = floorTo(start, MINUTE_MS); minute < end; minute += MINUTE_MS) {
      const parts = this.#minutes.get(minute);
      if (parts === undefined) continue;
      if (start <= minute && minute + HEAD_MS <= end) yield parts[0];
      if (start <= minute + HEAD_MS && minute + MINUTE_MS <= end) yield parts[1];
    }
  }
}
