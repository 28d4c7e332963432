import type { Gap } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";

/** What a file or a manifest vouches for. */
export interface CoveredPart {
  /** The file or manifest that says so. */
  readonly name: string;
  readonly range: TimeRange;
  /** The venues and base assets in it; null for all. */
  readonly venues: readonly ExchangeName[] | null;
  readonly symbols: readonly string[] | null;
  readonly gaps: readonly Gap[];
  /** Parts that may lack rows of every venue. */
  readonly notCovered: readonly TimeRange[];
  /** True where gaps are listed at all; false where nobody can say what was missed. */
  readonly knowsGaps: boolean;
}

/**
 * The gaps of a range by these parts: those they list, and, for each venue, the time that no part vouches for. A gap that is
 * still open reaches to the end of its part.
 */
export function gapsOfParts(parts: readonly CoveredPart[], venues: readonly ExchangeName[], range: TimeRange): readonly Gap[] {
  const listed = parts.flatMap(({ gaps, notCovered }) => [
    ...gaps,
    ...notCovered.flatMap(({ start, end }) => venues.map((exchange) => gapOf(exchange, start, end))),
  ]);
  const beyond = venues.flatMap((exchange) => {
    const own = parts.filter((part) => part.venues === null || part.venues.includes(exchange)).map((part) => part.range);
    return uncovered(range, own).map(({ start, end }) => gapOf(exchange, start, end));
  });
  return [...listed, ...beyond];
}

/** What is left of a range without these. */
export function uncovered({ start, end }: TimeRange, parts: readonly TimeRange[]): readonly TimeRange[] {
  const left: TimeRange[] = [];
  let at = start;
  for (const part of parts.toSorted((a, b) => a.start - b.start)) {
    if (part.start >= end) break;
    if (part.start > at) left.push({ start: at, end: part.start });
    at = Math.max(at, part.end);
  }
  if (at < end) left.push({ start: at, end });
  return left;
}

function gapOf(exchange: ExchangeName, from_time: number, to_time: number): Gap {
  return { exchange, from_time, to_time, reason: "disconnected" };
}
