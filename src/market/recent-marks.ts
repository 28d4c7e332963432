import type { MarkAt } from "../cascade/impact.ts";
import { MAX_AHEAD_MS } from "../lateness.ts";

/**
 * Length of the history, ms: 10 s before an event, 60 s after it, and 60 s for a late arrival, with the seconds until the
 * impact is computed.
 */
const KEPT_MS = 150_000;
/** Old marks are dropped in bulk, so that most additions shift no array. */
const DROPPED_MS = 30_000;

/**
 * Every mark price of the last two and a half minutes by instrument, in venue time. Bybit sends ten per second: at most
 * 1,801 there, 60 kB.
 */
export class RecentMarks {
  readonly #marks = new Map<string, MarkAt[]>();

  /**
   * Marks that arrive out of order (from the older session of a planned roll-over) are put in their place, and those that
   * both sessions deliver are kept once.
   *
   * @param price if it is not a positive number, the mark is unknown from this time on
   * @param time time according to the venue, ms
   */
  add(instrument: string, price: number, time: number, receivedTime: number): void {
    if (!(time <= receivedTime + MAX_AHEAD_MS)) return;
    const marks = this.#marks.get(instrument) ?? [];
    const mark = { time, price: price > 0 && Number.isFinite(price) ? price : 0 };
    let place = marks.length;
    while (place > 0 && (marks[place - 1]?.time ?? 0) > time) place -= 1;
    for (let same = place; same > 0 && marks[same - 1]?.time === time; same -= 1) if (marks[same - 1]?.price === mark.price) return;
    if (place === marks.length) marks.push(mark);
    else marks.splice(place, 0, mark);
    this.#marks.set(instrument, marks);
    const latest = marks.at(-1)?.time ?? time;
    if ((marks[0]?.time ?? latest) < latest - KEPT_MS - DROPPED_MS) {
      marks.splice(
        0,
        marks.findIndex((one) => one.time >= latest - KEPT_MS),
      );
    }
  }

  /** In order of time. */
  of(instrument: string): readonly MarkAt[] {
    return this.#marks.get(instrument) ?? [];
  }
}
