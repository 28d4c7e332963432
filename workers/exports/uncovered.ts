import type { Config } from "../../src/config.ts";
import type { Uncovered } from "../../src/exports/export-manifest.ts";
import { type Stretch, stretchesOf } from "../../src/exports/stretches.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { archiveOf } from "../supabase/archive.ts";
import { HOURS_KEPT_MS } from "../d1/kept.ts";
import { batchDates, fileDates } from "../daily/day-contents.ts";
import type { FeedReport } from "../feeds.ts";

/** The UTC dates the bucket has something of, the first first. */
export async function storedDates(bucket: R2Bucket): Promise<readonly string[]> {
  const dates = await Promise.all([fileDates(bucket), batchDates(bucket)]);
  return [...new Set(dates.flat())].toSorted();
}

/** From when on no daily file has expired, ms. */
export function filesKeptFrom({ LIQUIDATION_DAILY_RETENTION_DAYS: days }: Config, now: number): number {
  return days === 0 ? 0 : floorTo(now, DAY_MS) - days * DAY_MS;
}

/**
 * What a stretch may lack for good. Where the bucket has nothing of a day that it still would, there was nothing; what is
 * older only the archive can know, also where late events made the bucket hold some of it.
 */
function lackingIn({ start, end }: Stretch, config: Config, now: number): readonly Uncovered[] {
  const filesFrom = filesKeptFrom(config, now);
  const archive = archiveOf(config, now);
  const lacking = { start, end: Math.min(end, archive.answersFrom(filesFrom)) };
  return lacking.start < lacking.end ? [archive.notCovered(lacking)] : [];
}

/** All of a range that is in no store, as far as that is known before its rows are read. */
export function lackingInRange(range: TimeRange, dates: readonly string[], config: Config, now: number): readonly Uncovered[] {
  return [...gapsUnknown(range, now), ...stretchesOf(range, dates).flatMap((stretch) => lackingIn(stretch, config, now))];
}

/** The part of a range of which totals and gaps are forgotten: its rows are not counted before, and no gap of it is shown. */
function gapsUnknown({ start, end }: TimeRange, now: number): readonly Uncovered[] {
  const until = Math.min(end, now - HOURS_KEPT_MS);
  if (start >= until) return [];
  const detail = `Before ${new Date(until).toISOString()} no gaps and no totals are known any more: its rows are in no estimate, and its manifests of datasets tell its gaps.`;
  return [{ start, end: until, code: "gaps_unknown", detail }];
}

/**
 * The part of a range of which a feed has rows that the bucket has not. To be asked before the bucket is read: a row that
 * is stored in between is then announced and found, never neither. A feed that does not answer may have any.
 */
export function notStoredYet({ start, end }: TimeRange, feeds: readonly FeedReport[], now: number): readonly Uncovered[] {
  const times = feeds.map(({ status }) => (status === null ? start : (status.sinks.r2.oldest_unstored_event_time ?? Math.max(now, end))));
  const from = Math.max(start, Math.min(end, ...times));
  if (from >= end) return [];
  const silent = feeds.filter(({ status }) => status === null).map(({ exchange }) => exchange);
  const why = silent.length > 0 ? `the feed of ${silent.join(", ")} does not answer` : "a feed has yet to store them, see /v1/status";
  const detail = `From ${new Date(from).toISOString()} to ${new Date(end).toISOString()} liquidations may be missing: ${why}.`;
  return [{ start: from, end, code: "not_stored_yet", detail }];
}
