import type { MarkPoint, MarksAround } from "./observations.ts";

/** How long before and after a moment the mark price of a contract is looked at, ms. */
export const AROUND_MS = 10_000;
/** A mark price that is older, or newer, says nothing about the moment, ms. */
const MARK_AGE_MS = 5_000;
/** What stands for the price before a moment is at least so much older, ms. */
const BEFORE_MS = 1_000;
/** Mark prices of a contract are kept so often, ms. */
const MARK_EVERY_MS = 250;

interface OpenMarks {
  readonly time: number;
  readonly marks: { before: number | null; at: number | null; after: number | null };
}

/** The mark prices around moments, of which it keeps the last ten seconds alone: a check may run for a day. */
export class MarkWindow {
  readonly #points = new Map<string, MarkPoint[]>();
  readonly #open = new Map<string, OpenMarks[]>();

  /** Takes a mark price on its receipt. Times must not go back. */
  mark(instrument: string, point: MarkPoint): void {
    const open = this.#open.get(instrument) ?? [];
    dropOld(open, point.time);
    for (const { time, marks } of open) {
      if (point.time - time <= MARK_AGE_MS) marks.at ??= point.price;
      marks.after = point.price;
    }
    const points = this.#points.get(instrument) ?? [];
    if (point.time - (points.at(-1)?.time ?? 0) < MARK_EVERY_MS) return;
    dropOld(points, point.time);
    points.push(point);
    this.#points.set(instrument, points);
  }

  /** The mark prices around a moment that is now. What comes after it is added as it comes. */
  around(instrument: string, time: number): MarksAround {
    const points = this.#points.get(instrument) ?? [];
    dropOld(points, time);
    const newest = points.at(-1);
    const marks = {
      before: points.find((point) => point.time <= time - BEFORE_MS)?.price ?? null,
      at: newest !== undefined && time - newest.time <= MARK_AGE_MS ? newest.price : null,
      after: newest !== undefined && newest.time >= time ? newest.price : null,
    };
    const open = this.#open.get(instrument) ?? [];
    dropOld(open, time);
    open.push({ time, marks });
    this.#open.set(instrument, open);
    return marks;
  }

  /** Number of prices and of moments in memory. */
  get size(): number {
    return [...this.#points.values(), ...this.#open.values()].reduce((sum, { length }) => sum + length, 0);
  }
}

/** Removes what is further from a time than is looked at. */
function dropOld(entries: { readonly time: number }[], now: number): void {
  const kept = entries.findIndex(({ time }) => now - time <= AROUND_MS);
  entries.splice(0, kept < 0 ? entries.length : kept);
}
