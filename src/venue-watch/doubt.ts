import { DAY_MS } from "../windows/calendar.ts";
import { linesOf } from "./cut-page.ts";
import type { PageChange } from "./page-change.ts";

/** A page that lost most of its lines is believed once every reading of so long had the same text. */
export const DOUBT_MS = DAY_MS;

/**
 * Pages that block or announce maintenance come with HTTP 200 too. They have few lines of the page before, while those who write
 * a change log add lines.
 * @returns why the page is not believed yet; null where it lost at most half its lines
 */
export function doubtOf(before: string, { removed_lines }: PageChange): string | null {
  const [lines] = linesOf(before);
  if (removed_lines * 2 <= lines.length) return null;
  return `the page lost ${removed_lines} of its ${lines.length} lines, as when another page stands for it; it counts once it stays the same for a day`;
}
