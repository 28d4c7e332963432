import type { Gap } from "../gap.ts";
import type { TimeRange } from "../windows/range-parts.ts";

/** Stretches in which venues were not heard, as batches and days tell of them. */
export class KnownGaps {
  readonly #gaps = new Map<string, Gap>();

  /** Where a gap was told of while it lasted and again when it was over, its end counts. */
  add(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      const key = `${gap.exchange} ${gap.from_time}`;
      const told = this.#gaps.get(key);
      const later = told === undefined || (told.to_time === null && gap.to_time !== null) || (told.to_time ?? 0) < (gap.to_time ?? 0);
      if (later) this.#gaps.set(key, gap);
    }
  }

  /** Those that overlap a range, oldest first, as they stood at `time`: one that lasted has no end yet. */
  overlapping({ start, end }: TimeRange, time: number): readonly Gap[] {
    return [...this.#gaps.values()]
      .filter((gap) => gap.from_time < end && gap.from_time < time && (gap.to_time === null || gap.to_time > start))
      .map((gap) => (gap.to_time !== null && gap.to_time > time ? { ...gap, to_time: null } : gap))
      .toSorted((a, b) => a.from_time - b.from_time || (a.exchange < b.exchange ? 1 : -1));
  }

  forget(before: number): void {
    for (const [key, { to_time }] of this.#gaps) if (to_time !== null && to_time < before) this.#gaps.delete(key);
  }
}
