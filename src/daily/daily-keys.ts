/**
 * The keys of daily files in the bucket. `date` is a UTC date, YYYY-MM-DD; keys hold it without dashes. Objects under
 * `daily-work/` are intermediate and of no use to readers.
 */

export const DAILY_PREFIX = "daily/";
export const PLAN_PREFIX = "daily-work/plan/";
/** Before the former key of a batch that could not be read. */
export const QUARANTINE_PREFIX = "quarantine/";

const PUBLISHED = /^daily\/liquidation_(\d{4})(\d{2})(\d{2})\.(?:parquet|json)$/;
const PLAN = /^daily-work\/plan\/(\d{4})(\d{2})(\d{2})\.json$/;

export function dailyFileKey(date: string): string {
  return `${DAILY_PREFIX}liquidation_${bare(date)}.parquet`;
}

export function dailyManifestKey(date: string): string {
  return `${DAILY_PREFIX}liquidation_${bare(date)}.json`;
}

/** The date of the key of a daily file or manifest, otherwise null. */
export function publishedDate(key: string): string | null {
  return dashed(PUBLISHED.exec(key));
}

export function planKey(date: string): string {
  return `${PLAN_PREFIX}${bare(date)}.json`;
}

export function planDate(key: string): string | null {
  return dashed(PLAN.exec(key));
}

/** The list of batches that the published file contains. */
export function includedKey(date: string): string {
  return `daily-work/included/${bare(date)}.json`;
}

/** The prefix of a day's intermediate rows; those of one plan have its id as their folder. */
export function workPrefix(date: string, planId?: string): string {
  return `daily-work/rows/${bare(date)}/${planId === undefined ? "" : `${planId}/`}`;
}

/** The rows of slices that were made together, and what is known of them. */
export function sliceKey(date: string, planId: string, index: number, kind: "parquet" | "json"): string {
  return `${workPrefix(date, planId)}slice-${padded(index)}.${kind}`;
}

export function groupKey(date: string, planId: string, index: number): string {
  return `${workPrefix(date, planId)}group-${padded(index)}.parquet`;
}

/** Padded so that keys list in their order. */
function padded(index: number): string {
  return String(index).padStart(5, "0");
}

function bare(date: string): string {
  return date.replaceAll("-", "");
}

function dashed(match: RegExpExecArray | null): string | null {
  return match === null ? null : match.slice(1, 4).join("-");
}
