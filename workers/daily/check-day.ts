import { dailyManifestKey, includedKey, planKey, workPrefix } from "../../src/daily/daily-keys.ts";
import type { DailyManifest } from "../../src/daily/manifest.ts";
import { type DailyPlan, type IncludedBatches, planSlices } from "../../src/daily/plan.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { knownImpacts } from "../d1/impact-reads.ts";
import type { Stores } from "./stores.ts";
import { deleteAll, listAll, writeJson } from "../r2/bucket.ts";
import { batchRef, batchSources, dayContents } from "./day-contents.ts";
import { refreshGaps } from "./publish-day.ts";
import { isVerified } from "./published-file.ts";

export type DayOutcome =
  /** The file holds everything. The `deleted` batches are gone, after their rows were verified to be in it. */
  { readonly kind: "whole"; readonly deleted: number } | { readonly kind: "planned" };

/**
 * Compares the batches and impacts of a closed day with its file. If the file lacks some, it is planned again;
 * otherwise its batches are deleted once they are older than their retention.
 */
export async function checkDay(env: Stores, date: string, keepMs: number, now: number): Promise<DayOutcome> {
  const dayStart = Date.parse(date);
  const { manifest, included, kept, fresh } = await dayContents(env.BUCKET, date);
  const impacts = await knownImpacts(env.DB, dayStart);
  // Impacts are only ever added; events that are no longer hot take theirs with them.
  const moreImpacts = impacts.some((count, hour) => count > (included.hot_impacts[hour] ?? 0));
  if (fresh.length > 0 || (manifest !== null && moreImpacts)) {
    await writePlan(env.BUCKET, { date, now, base: manifest, kept, fresh, impacts });
    return { kind: "planned" };
  }
  if (manifest !== null) await refreshGaps(env, manifest, now);
  const due = dayStart + DAY_MS + keepMs <= now;
  return { kind: "whole", deleted: due && manifest !== null ? await deleteBatches(env.BUCKET, manifest, included, kept) : 0 };
}

interface PlanParts {
  readonly date: string;
  readonly now: number;
  readonly base: DailyManifest | null;
  readonly kept: readonly R2Object[];
  readonly fresh: readonly R2Object[];
  readonly impacts: readonly number[];
}

async function writePlan(bucket: R2Bucket, { date, now, base, kept, fresh, impacts }: PlanParts): Promise<void> {
  const dayStart = Date.parse(date);
  const batches = batchSources(date, fresh);
  const plan: DailyPlan = {
    date,
    planned_time: now,
    base,
    included: kept.map(batchRef),
    batches: [...batches],
    hot_impacts: [...impacts],
    slices: [...planSlices(dayStart, batches, base)],
  };
  await writeJson(bucket, planKey(date), plan);
}

async function deleteBatches(
  bucket: R2Bucket,
  manifest: DailyManifest,
  included: IncludedBatches,
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
  await writeJson(bucket, includedKey(manifest.date), { ...included, batches: [] } satisfies IncludedBatches);
  return batches.length;
}
