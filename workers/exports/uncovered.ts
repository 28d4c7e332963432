import type { Config } from "../../src/config.ts";
import type { Uncovered } from "../../src/exports/export-manifest.ts";
import type { ExportRequest } from "../../src/exports/export-request.ts";
import { type Stretch, stretchesOf } from "../../src/exports/stretches.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { archiveOf } from "../supabase/archive.ts";
import { HOURS_KEPT_MS } from "../../src/windows/kept.ts";
import { datasetDates } from "../daily/dataset-files.ts";
import { batchDates } from "../daily/day-contents.ts";
import type { Stores } from "../daily/stores.ts";
import type { FeedReport } from "../feeds.ts";
import { lackingEstimates } from "./estimate-export.ts";
import { lackingMarks } from "./mark-export.ts";

/** The UTC dates with data in the bucket, oldest first. */
export async function storedDates(bucket: R2Bucket): Promise<readonly string[]> {
  const dates = await Promise.all([datasetDates(bucket, "liquidations"), batchDates(bucket)]);
  return [...new Set(dates.flat())].toSorted();
}

/** Start of the range in which no daily file has expired, ms. */
export function filesKeptFrom({ LIQUIDATION_DAILY_RETENTION_DAYS: days }: Config, now: number): number {
  return days === 0 ? 0 : floorTo(now, DAY_MS) - days * DAY_MS;
}

/**
 * The part of a stretch that is missing for good. A day without data inside the retention of the bucket was empty. Older
 * data only the archive can have, even if late events put some of it into the bucket.
 */
function lackingIn({ start, end }: Stretch, config: Config, now: number): readonly Uncovered[] {
  const filesFrom = filesKeptFrom(config, now);
  const archive = archiveOf(config, now);
  const lacking = { start, end: Math.min(end, archive.answersFrom(filesFrom)) };
  return lacking.start < lacking.end ? [archive.notCovered(lacking)] : [];
}

/** The parts of an export's range that no store holds, as far as that is known before the rows are read. */
export async function lackingRows(env: Stores, config: Config, request: ExportRequest, now: number): Promise<readonly Uncovered[]> {
  const unknown = gapsUnknown(request, now);
  if (request.kind === "minute_marks") return [...unknown, ...(await lackingMarks(env, request))];
  if (request.kind === "estimated_totals") return [...unknown, ...(await lackingEstimates(env, request))];
  const stretches = stretchesOf(request, await storedDates(env.BUCKET));
  return [...unknown, ...stretches.flatMap((stretch) => lackingIn(stretch, config, now))];
}

/** The part of a range with deleted totals and gaps: an estimate misses its rows, and no gap of it is listed. */
function gapsUnknown({ start, end }: TimeRange, now: number): readonly Uncovered[] {
  const until = Math.min(end, now - HOURS_KEPT_MS);
  if (start >= until) return [];
  const detail = `Gaps and totals before ${new Date(until).toISOString()} were deleted: estimates do not include rows from before, and only the manifests of the datasets list the gaps.`;
  return [{ start, end: until, code: "gaps_unknown", detail }];
}

/**
 * The part of a range for which a feed still holds rows that the bucket lacks. Call this before reading the bucket: a row
 * that is stored in between is then reported as missing and found, and never silently absent. A feed that does not
 * respond may hold rows of the whole range.
 */
export function notStoredYet({ start, end }: TimeRange, feeds: readonly FeedReport[], now: number): readonly Uncovered[] {
  const times = feeds.map(({ status }) => (status === null ? start : (status.sinks.r2.oldest_unstored_event_time ?? Math.max(now, end))));
  const from = Math.max(start, Math.min(end, ...times));
  if (from >= end) return [];
  const silent = feeds.filter(({ status }) => status === null).map(({ exchange }) => exchange);
  const why = silent.length > 0 ? `the feed of ${silent.join(", ")} does not respond` : "a feed has not stored them yet, see /v1/status";
  const detail = `Liquidations from ${new Date(from).toISOString()} to ${new Date(end).toISOString()} may be missing: ${why}.`;
  return [{ start: from, end, code: "not_stored_yet", detail }];
}
