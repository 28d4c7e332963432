import { DAY_MS } from "../windows/calendar.ts";
import type { PageChange } from "./page-change.ts";

/** How long a change is shown as a notice. */
export const NOTICE_MS = 14 * DAY_MS;
const MAX_QUOTED = 300;
/** A page that is read once a day has fourteen; one that fails and comes back within hours may have more. */
const MAX_EARLIER = 30;

/** A change that is not the newest of its page. Time in ms. */
export interface EarlierChange {
  readonly changed_time: number;
  readonly text: string;
}

/** What a change did to its page, to stand after the page's name. */
export function changeText({ added, added_lines, removed_lines }: PageChange): string {
  const quoted = added.join(" / ").slice(0, MAX_QUOTED).toWellFormed();
  return added_lines > 0 ? `has ${added_lines} new lines: ${quoted}` : `lost ${removed_lines} lines`;
}

/** The changes that are still notices once a newer one replaces the newest, newest first. */
export function earlierChanges(
  newest: (PageChange & { readonly changed_time: number }) | null,
  earlier: readonly EarlierChange[],
  now: number,
): readonly EarlierChange[] {
  const all = newest === null ? earlier : [{ changed_time: newest.changed_time, text: changeText(newest) }, ...earlier];
  return all.filter(({ changed_time }) => now - changed_time < NOTICE_MS).slice(0, MAX_EARLIER);
}
