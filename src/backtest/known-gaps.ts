import type { Gap } from "../gap.ts";
import type { TimeRange } from "../windows/range-parts.ts";

/** Gaps of the venues, as batches and days report them. */
export class KnownGaps {
  readonly #gaps = new Map<string, Gap>();
  /** Null where the gaps changed since. */
  #ordered: OrderedGaps | null = null;

  /** Of two reports of a gap, while it lasted and after it ended, the one with the end counts. */
  add(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      const key = `${gap.exchange} ${gap.from_time}`;
      const known = this.#gaps.get(key);
      const later = known === undefined || (known.to_time === null && gap.to_time !== null) || (known.to_time ?? 0) < (gap.to_time ?? 0);
      if (later) this.#gaps.set(key, gap);
    }
    this.#ordered = null;
  }

  /** Gaps that overlap a range, oldest first, as of `time`: a gap that still lasted then has no end. */
  overlapping({ start, end }: TimeRange, time: number): readonly Gap[] {
    const { gaps, ends } = (this.#ordered ??= ordered([...this.#gaps.values()]));
    const found: Gap[] = [];
    for (let index = firstAbove(ends, start); index < gaps.length; index += 1) {
      const gap = gaps[index];
      if (gap === undefined || gap.from_time >= end || gap.from_time >= time) break;
      const to = gap.to_time ?? Infinity;
      if (to > start) found.push(to > time && gap.to_time !== null ? { ...gap, to_time: null } : gap);
    }
    return found;
  }

  forget(before: number): void {
    for (const [key, { to_time }] of this.#gaps) if (to_time !== null && to_time < before) this.#gaps.delete(key);
    this.#ordered = null;
  }
}

/** Gaps by their start, with the latest end up to each of them: nothing before the first end after a time lasts until then. */
interface OrderedGaps {
  readonly gaps: readonly Gap[];
  readonly ends: readonly number[];
}

function ordered(all: readonly Gap[]): OrderedGaps {
  const gaps = all.toSorted((a, b) => a.from_time - b.from_time || (a.exchange < b.exchange ? 1 : -1));
  let latest = -Infinity;
  return { gaps, ends: gaps.map(({ to_time: to }) => (latest = Math.max(latest, to ?? Infinity))) };
}

/** The index of the first of ascending values above another one; their number where none is. */
function firstAbove(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? Infinity) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
