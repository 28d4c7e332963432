import { comparableLines } from "./cut-page.ts";

/** The maximum of new lines that are shown, and of their length. */
export const MAX_ADDED_LINES = 40;
export const MAX_LINE = 300;

/** How the text of a page differs from an earlier one. */
export interface PageChange {
  /** The first new lines, in the order of the page, each cut to a maximum length. */
  readonly added: readonly string[];
  readonly added_lines: number;
  readonly removed_lines: number;
}

/**
 * Compares the lines of two texts, each as often as it occurs. Lines that only moved are no change, so a page that sorts
 * itself differently is not news. Neither are lines beyond the end of a text that was cut.
 * @returns null where no line was added or removed
 */
export function pageChange(before: string, now: string): PageChange | null {
  const left = new Map<string, number>();
  const [known, lines] = comparableLines(before, now);
  for (const line of known) left.set(line, (left.get(line) ?? 0) + 1);
  const added = lines.filter((line) => {
    const times = left.get(line) ?? 0;
    if (times > 0) left.set(line, times - 1);
    return times === 0;
  });
  const removed = known.length - (lines.length - added.length);
  if (added.length === 0 && removed === 0) return null;
  return { added: added.slice(0, MAX_ADDED_LINES).map(cut), added_lines: added.length, removed_lines: removed };
}

function cut(line: string): string {
  return line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
