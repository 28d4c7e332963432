/** The last line of a text that was cut. No page has it: text of a page is without control characters. */
const CUT_LINE = "\u0003";
/** So many lines in a row are at one place of a page. */
const ANCHOR_LINES = 8;

/** The beginning of a text, of whole lines where there are several, and marked as cut if it is. */
export function cutPage(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const end = text.lastIndexOf("\n", maxLength);
  return `${text.slice(0, end > 0 ? end : maxLength).toWellFormed()}\n${CUT_LINE}`;
}

/**
 * The lines of two texts without those that only one reaches to: a line that was added at the top pushes others past the cut, and
 * one that was removed brings others in. Where the ends are not found in each other, all lines stay.
 */
export function comparableLines(before: string, now: string): readonly [before: readonly string[], now: readonly string[]] {
  const [old, isOldCut] = linesOf(before);
  const [current, isCut] = linesOf(now);
  const oldEnd = isCut ? endWithin(old, current) : null;
  if (oldEnd !== null) return [old.slice(0, oldEnd), current];
  const end = isOldCut ? endWithin(current, old) : null;
  return [old, end === null ? current : current.slice(0, end)];
}

/** The lines of a text, without the one that says that it was cut. */
export function linesOf(text: string): readonly [lines: readonly string[], isCut: boolean] {
  const lines = text.split("\n");
  return lines.at(-1) === CUT_LINE ? [lines.slice(0, -1), true] : [lines, false];
}

/** The number of lines up to the last place that reads like the end of the other text; null where there is none. */
function endWithin(lines: readonly string[], other: readonly string[]): number | null {
  const anchor = other.slice(-ANCHOR_LINES);
  for (let end = lines.length; end >= anchor.length; end -= 1) {
    if (anchor.every((line, index) => lines[end - anchor.length + index] === line)) return end;
  }
  return null;
}
