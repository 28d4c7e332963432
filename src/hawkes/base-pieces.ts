import type { TimeRange } from "../windows/range-parts.ts";

/** Seconds since the start. */
export interface UncoveredTime {
  readonly from: number;
  readonly to: number;
}

/** The events of a Hawkes fit, with the pieces of its base rate. All times are seconds since the start. */
export interface PiecewiseEvents {
  /** Ascending. */
  readonly times: Float64Array;
  /** The index of each piece's first event, and at the end the number of events: the pieces' bounds in `times`. */
  readonly firsts: Uint32Array;
  /** The covered seconds of each piece. */
  readonly seconds: Float64Array;
  readonly uncovered: readonly UncoveredTime[];
  readonly end: number;
}

/**
 * Cuts the time from the start into pieces. A rate that drifts over the day is nearly constant within a short one, and so does
 * not read as excitation.
 *
 * @param times ms, ascending, after `from`; events within gaps are left out
 * @param gaps times that were not covered, ms
 * @param length of a piece, s
 */
export function cutIntoPieces(
  times: readonly number[],
  { start: from, end: to }: TimeRange,
  gaps: readonly TimeRange[],
  length: number,
): PiecewiseEvents {
  const uncovered = mergeGaps(gaps, { start: from, end: to }).map(({ start, end }) => ({
    from: (start - from) / 1000,
    to: (end - from) / 1000,
  }));
  const covered = times.map((time) => (time - from) / 1000).filter((time) => !uncovered.some((gap) => time > gap.from && time <= gap.to));
  const end = (to - from) / 1000;
  const count = Math.max(1, Math.ceil(end / length));
  const firsts = new Uint32Array(count + 1).fill(covered.length);
  for (const [index, time] of covered.entries()) {
    const piece = Math.min(count - 1, Math.floor(time / length));
    firsts[piece] = Math.min(firsts[piece] ?? 0, index);
  }
  // A piece without events ends where it begins.
  for (let piece = count - 1; piece >= 0; piece -= 1) firsts[piece] = Math.min(firsts[piece] ?? 0, firsts[piece + 1] ?? 0);
  const seconds = Float64Array.from({ length: count }, (_, piece) => {
    const [start, stop] = [piece * length, Math.min(end, (piece + 1) * length)];
    const missed = uncovered.reduce((sum, gap) => sum + Math.max(0, Math.min(stop, gap.to) - Math.max(start, gap.from)), 0);
    return stop - start - missed;
  });
  return { times: Float64Array.from(covered), firsts, seconds, uncovered, end };
}

/** Gaps within the range, in order and without overlaps. */
function mergeGaps(gaps: readonly TimeRange[], range: TimeRange): readonly TimeRange[] {
  const merged: TimeRange[] = [];
  for (const gap of gaps.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    const [start, end] = [Math.max(gap.start, range.start), Math.min(gap.end, range.end)];
    if (end <= start) continue;
    if (last !== undefined && start <= last.end) merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    else merged.push({ start, end });
  }
  return merged;
}
