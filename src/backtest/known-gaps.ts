import type { Gap } from "../gap.ts";
import type { TimeRange } from "../windows/range-parts.ts";

/** Gaps of the venues, as batches and days report them. */
export class KnownGaps {
  readonly #gaps = new Map<string, Gap>();

  /** Of two reports of a gap, while it lasted and after it ended, the one with the end counts. */
  add(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      const key = `${gap.exchange} ${gap.from_time}`;
      const known = this.#gaps.get(key);
      const later = known === undefined || (known.to_time === null && gap.to_time !== null) || (known.to_time ?? 0) < (gap.to_time ?? 0);
      if (later) this.#gaps.set(key, gap);
    }
  }

  /** Gaps that overlap a range, oldest first, as of `time`: a gap that still lasted then has no end. */
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
