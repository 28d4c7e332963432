import type { MinuteMark } from "./minute-mark.ts";

/**
 * The marks of several sources by minute, base asset and venue, each once: of two reports the one with more samples, and
 * of two with as many the one of the first source.
 */
export function mergeMarks(sources: Iterable<readonly MinuteMark[]>): readonly MinuteMark[] {
  const known = new Map<string, MinuteMark>();
  for (const marks of sources) {
    for (const mark of marks) {
      const key = `${mark.minute} ${mark.exchange} ${mark.symbol}`;
      const other = known.get(key);
      if (other === undefined || mark.samples > other.samples) known.set(key, mark);
    }
  }
  return [...known.values()].toSorted(
    (a, b) => a.minute - b.minute || compareText(a.symbol, b.symbol) || compareText(a.exchange, b.exchange),
  );
}

/** Compares UTF-16 units, which is the same on every machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
