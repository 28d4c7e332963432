/**
 * The keys of the daily files of minute marks in the bucket. `date` is a UTC date, YYYY-MM-DD; keys hold it without
 * dashes. Objects under `marks-work/` are intermediate and of no use to readers.
 */

export const MARKS_PREFIX = "marks/v1/";
export const MARK_PLAN_PREFIX = "marks-work/plan/";

const PUBLISHED = /^marks\/v1\/minute_marks_(\d{4})(\d{2})(\d{2})\.(?:parquet|json)$/;
const PLAN = /^marks-work\/plan\/(\d{4})(\d{2})(\d{2})\.json$/;

export function markFileKey(date: string): string {
  return `${MARKS_PREFIX}minute_marks_${bare(date)}.parquet`;
}

export function markManifestKey(date: string): string {
  return `${MARKS_PREFIX}minute_marks_${bare(date)}.json`;
}

/** The date of the key of a file of marks or its manifest, otherwise null. */
export function publishedMarkDate(key: string): string | null {
  return dashed(PUBLISHED.exec(key));
}

export function markPlanKey(date: string): string {
  return `${MARK_PLAN_PREFIX}${bare(date)}.json`;
}

export function markPlanDate(key: string): string | null {
  return dashed(PLAN.exec(key));
}

/** The prefix of a day's row groups; those of one plan have its id as their folder. */
export function markWorkPrefix(date: string, planId?: string): string {
  return `marks-work/groups/${bare(date)}/${planId === undefined ? "" : `${planId}/`}`;
}

/** A row group, and the summary of its rows. Padded so that keys list in their order. */
export function markGroupKey(date: string, planId: string, index: number, part: "parquet" | "json"): string {
  return `${markWorkPrefix(date, planId)}group-${String(index).padStart(5, "0")}.${part}`;
}

function bare(date: string): string {
  return date.replaceAll("-", "");
}

function dashed(match: RegExpExecArray | null): string | null {
  return match === null ? null : match.slice(1, 4).join("-");
}
