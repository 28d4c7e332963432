import type { MarkAt } from "../cascade/impact.ts";
import { MAX_AHEAD_MS } from "../lateness.ts";

/** Of the marks of one such stretch the last is kept: Bybit sends ten a second. */
const RESOLUTION_MS = 250;
/** What is looked back for: 60 s after an event, 10 s before it, and 50 s for it to come late. */
const KEPT_MS = 120_000;
/** Old marks are dropped this much at once, so that most marks shift no others. */
const DROPPED_MS = 30_000;

/** The mark prices of the last two minutes by instrument, in the venue's time: at most 601 an instrument, 50 kB. */
export class RecentMarks {
  readonly #marks = new Map<string, MarkAt[]>();

  /**
   * Marks that come out of order (the older session of a planned roll-over) are passed over.
   *
   * @param price no positive number: the mark is unknown from this time on
   * @param time the venue's, ms
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

  /** Sorted by time. */
  of(instrument: string): readonly MarkAt[] {
    return this.#marks.get(instrument) ?? [];
  }
}

function sameSlot(one: number, other: number): boolean {
  return Math.floor(one / RESOLUTION_MS) === Math.floor(other / RESOLUTION_MS);
}
