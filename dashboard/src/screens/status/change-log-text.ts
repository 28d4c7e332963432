import { DAY_MS } from "../../../../src/windows/calendar.ts";
import { momentText, spanText } from "../../parts/format.ts";

/** What is known of the reading of a venue's change log; times in ms. */
export interface ReadPage {
  /** Last time at which it was read; null where it never was. */
  readonly checked_time: number | null;
  readonly error: string | null;
  /** Time of the first of the failed attempts; null where the last one succeeded. */
  readonly failing_since: number | null;
}

export type PageState = "failing" | "never read" | "overdue" | "read";

/** Pages are read once a day; two days without a read and without an error mean that the job does not run. */
const OVERDUE_MS = 2 * DAY_MS;

export function pageState({ checked_time: read, failing_since: failing }: ReadPage, now: number): PageState {
  if (failing !== null) return "failing";
  if (read === null) return "never read";
  return now - read >= OVERDUE_MS ? "overdue" : "read";
}

/** Since when a page is not read, and why; null for one that is. Changes of it go unnoticed until it is read again. */
export function pageTrouble(page: ReadPage, now: number): string | null {
  const { checked_time: read, error, failing_since: failing } = page;
  const last = read === null ? "It was never read." : `It was last read ${momentText(read)}.`;
  switch (pageState(page, now)) {
    case "failing":
      return `not read for ${spanText(now - (failing ?? now))}, since ${momentText(failing ?? now)}: ${error ?? "no reason was given"}. ${last}`;
    case "never read":
      return "never read at this address: no attempt was made yet.";
    case "overdue":
      return `not read for ${spanText(now - (read ?? now))}, since ${momentText(read ?? now)}: no attempt was made, though one is due every day.`;
    case "read":
      return null;
  }
}
