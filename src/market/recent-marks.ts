import type { MarkAt } from "../cascade/impact.ts";
import { MAX_AHEAD_MS } from "../lateness.ts";

/** Only the last mark of each such interval is kept: Bybit sends ten per second. */
const RESOLUTION_MS = 250;
/** Length of the history: 60 s after an event, 10 s before it, and 50 s for a late arrival. */
const KEPT_MS = 120_000;
/** Old marks are dropped in bulk, so that most additions shift no array. */
const DROPPED_MS = 30_000;

/** The mark prices of the last two minutes by instrument, in venue time: at most 601 per instrument, 50 kB. */
export class RecentMarks {
  readonly #marks = new Map<string, MarkAt[]>();

  /**
   * Marks that arrive out of order (from the older session of a planned roll-over) are ignored.
   *
   * @param price if it is not a positive number, the mark is unknown from this time on
   * @param time time according to the venue, ms
   */
  add(instrument: string, price: number, time: number, receivedTime: number): void {
    if (!(time <= receivedTime + MAX_AHEAD_MS)) return;
    const marks = this.#marks.get(instrument) ?? [];
    const last = marks.at(-1);
    if (last !== undefined && time < last.time) return;
    if (last !== undefined && sameSlot(last.time, time)) marks.pop();
    marks.push({ time, price: price > 0 && Number.isFinite(price) ? price : 0 });
    if ((marks[0]?.time ?? time) < time - KEPT_MS - DROPPED_MS) {
      marks.splice(
        0,
        marks.findIndex((mark) => mark.time >= time - KEPT_MS),
      );
    }
    this.#marks.set(instrument, marks);
  }

  /** In order of time. */
  of(instrument: string): readonly MarkAt[] {
    return this.#marks.get(instrument) ?? [];
  }
}

function sameSlot(one: number, other: number): boolean {
  return Math.floor(one / RESOLUTION_MS) === Math.floor(other / RESOLUTION_MS);
}
