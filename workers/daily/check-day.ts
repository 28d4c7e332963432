import { dailyManifestKey, includedKey, planKey, workPrefix } from "../../src/daily/daily-keys.ts";
import type { DailyManifest } from "../../src/daily/manifest.ts";
import { type DailyPlan, type IncludedBatches, planSlices } from "../../src/daily/plan.ts";
import type { RowCounts } from "../../src/daily/row-counts.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import { knownImpacts } from "../d1/impact-reads.ts";
import { ChangedObjectError, deleteAll, listAll, writeJson } from "../r2/bucket.ts";
import { compareDay } from "./compare-day.ts";
import { batchRef, batchSources, dayContents } from "./day-contents.ts";
import type { DayContext } from "./day-context.ts";
import { coverageOfDay, refreshGaps } from "./publish-day.ts";
import { isVerified } from "./published-file.ts";

/** A published file that lacks rows is compared again this often, because the rows may be found in another store later. */
const COMPARE_AGAIN_MS = 6 * HOUR_MS;

export type DayOutcome =
  /** The file holds everything. The `deleted` batches are gone, after their rows were verified to be in it. */
  { readonly kind: "whole"; readonly deleted: number } | { readonly kind: "planned" };

/**
 * Compares the batches and impacts of a closed day with its file. If the file lacks some, or rows that other places
 * counted, it is planned again; otherwise its batches are deleted once they are older than their retention.
 */
export async function checkDay(day: DayContext, date: string): Promise<DayOutcome> {
  const { env, config, now } = day;
  const dayStart = Date.parse(date);
  const { manifest, included, listEtag, kept, fresh } = await dayContents(env.BUCKET, date);
  const impacts = await knownImpacts(env.DB, dayStart);
  // Impacts are only ever added; events that are no longer hot take theirs with them.
  const moreImpacts = impacts.some((count, hour) => count > (included.hot_impacts[hour] ?? 0));
  if (fresh.length > 0 || (manifest !== null && moreImpacts) || (await lacksRows(day, date, manifest, included.counts))) {
    await writePlan(day, { date, now, base: manifest, kept, fresh, impacts });
    return { kind: "planned" };
  }
  if (manifest === null) return { kind: "whole", deleted: 0 };
  await refreshGaps(day, date);
  const due = dayStart + DAY_MS + config.LIQUIDATION_LOCAL_RETENTION_HOURS * HOUR_MS <= now;
  return { kind: "whole", deleted: due ? await deleteBatches(env.BUCKET, manifest, included, listEtag, kept) : 0 };
}

/** Whether a day without batches, or one whose file lacked rows, is known to have more rows. */
async function lacksRows(day: DayContext, date: string, manifest: DailyManifest | null, counts: RowCounts | null): Promise<boolean> {
  if (manifest === null) return (await compareDay(day, date, {})).completeness.missing_rows > 0;
  if (counts === null || (manifest.completeness?.missing_rows ?? 0) === 0) return false;
  if (day.now % COMPARE_AGAIN_MS >= HOUR_MS) return false;
  return (await compareDay(day, date, counts)).completeness.missing_rows > 0;
}

interface PlanParts {
  readonly date: string;
  readonly now: number;
  readonly base: DailyManifest | null;
  readonly kept: readonly R2Object[];
  readonly fresh: readonly R2Object[];
  readonly impacts: readonly number[];
}

async function writePlan({ env, config }: DayContext, { date, now, base, kept, fresh, impacts }: PlanParts): Promise<void> {
  const dayStart = Date.parse(date);
  const batches = batchSources(date, fresh);
  const plan: DailyPlan = {
    date,
    planned_time: now,
    base,
    included: kept.map(batchRef),
    batches: [...batches],
    hot_impacts: [...impacts],
    coverage: await coverageOfDay(env.DB, config, date),
    slices: [...planSlices(dayStart, batches, base)],
  };
  try {
    await writeJson(env.BUCKET, planKey(date), plan, { replaces: null });
  } catch (error) {
    // Another run planned the day at the same time: its plan is followed.
    if (!(error instanceof ChangedObjectError)) throw error;
  }
}

async function deleteBatches(
  bucket: R2Bucket,
  manifest: DailyManifest,
  included: IncludedBatches,
  listEtag: string | null,
  batches: readonly R2Object[],
): Promise<number> {
  if (batches.length === 0) return 0;
  if (!(await isVerified(bucket, manifest))) {
    throw new Error(`${dailyManifestKey(manifest.date)} does not describe the file that was read back; its batches stay`);
  }
  const leftOver = await listAll(bucket, workPrefix(manifest.date));
  await deleteAll(
    bucket,
    [...batches, ...leftOver].map(({ key }) => key),
  );
  const list: IncludedBatches = { ...included, batches: [] };
  await writeJson(bucket, includedKey(manifest.date), list, { replaces: listEtag });
  return batches.length;
}
