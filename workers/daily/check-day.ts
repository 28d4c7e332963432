import { batchObjectPrefix } from "../../src/batch-object.ts";
import { dailyManifestKey, includedKey, planKey, workPrefix } from "../../src/daily/daily-keys.ts";
import type { DailyManifest } from "../../src/daily/manifest.ts";
import {
  type BatchRef,
  type BatchSource,
  type DailyPlan,
  type IncludedBatches,
  includedBatches,
  planSlices,
} from "../../src/daily/plan.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { knownImpacts } from "../d1/impact-reads.ts";
import type { Stores } from "./stores.ts";
import { deleteAll, listAll, readJson, writeJson } from "./bucket.ts";
import { refreshGaps } from "./publish-day.ts";
import { isVerified, trustedManifest } from "./published-file.ts";

export type DayOutcome =
  /** The file holds all there is. `deleted` batches, whose rows were verified to be in it, are gone. */
  { readonly kind: "whole"; readonly deleted: number } | { readonly kind: "planned" };

/**
 * Compares a closed day's batches and impacts with its file: where the file lacks some, it is planned anew, and where
 * it lacks nothing, its batches go once they are older than they are kept.
 */
export async function checkDay(env: Stores, date: string, keepMs: number, now: number): Promise<DayOutcome> {
  const dayStart = Date.parse(date);
  const manifest = await trustedManifest(env.BUCKET, date);
  const noted = await readJson(env.BUCKET, includedKey(date), includedBatches);
  // What was noted for another file says nothing of this one.
  const included = noted !== null && noted.sha256 === manifest?.sha256 ? noted : { sha256: "", batches: [], hot_impacts: [] };
  const known = new Set(included.batches.map(refText));
  const listed = await listAll(env.BUCKET, batchObjectPrefix(date));
  const fresh = listed.filter((object) => !known.has(refText(object)));
  const impacts = await knownImpacts(env.DB, dayStart);
  // Impacts are only ever added; events that are no longer hot take theirs with them.
  const moreImpacts = impacts.some((count, hour) => count > (included.hot_impacts[hour] ?? 0));
  if (fresh.length > 0 || (manifest !== null && moreImpacts)) {
    const kept = listed.filter((object) => known.has(refText(object)));
    await writePlan(env.BUCKET, { date, now, base: manifest, kept, fresh, impacts });
    return { kind: "planned" };
  }
  if (manifest !== null) await refreshGaps(env, manifest, now);
  const due = dayStart + DAY_MS + keepMs <= now;
  return { kind: "whole", deleted: due && manifest !== null ? await deleteBatches(env.BUCKET, manifest, included, listed) : 0 };
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
  const batches = fresh.map((object) => batchSource(object, dayStart)).toSorted((a, b) => a.first_event_time - b.first_event_time);
  const plan: DailyPlan = {
    date,
    planned_time: now,
    base,
    included: kept.map(batchRef),
    batches,
    hot_impacts: [...impacts],
    slices: [...planSlices(dayStart, batches, base)],
  };
  await writeJson(bucket, planKey(date), plan);
}

function batchSource(object: R2Object, dayStart: number): BatchSource {
  const number = (name: string, missing: number): number => Number(object.customMetadata?.[name] ?? missing);
  return {
    ...batchRef(object),
    rows: number("rows", 0),
    first_event_time: number("first_event_time", dayStart),
    last_event_time: number("last_event_time", dayStart + DAY_MS - 1),
  };
}

function batchRef({ key, etag }: R2Object): BatchRef {
  return { key, etag };
}

function refText({ key, etag }: BatchRef): string {
  return `${key} ${etag}`;
}

async function deleteBatches(
  bucket: R2Bucket,
  manifest: DailyManifest,
  included: IncludedBatches,
  batches: readonly R2Object[],
): Promise<number> {
  if (batches.length === 0) return 0;
  if (!(await isVerified(bucket, manifest))) {
    throw new Error(`${dailyManifestKey(manifest.date)} does not describe the file read back; its batches stay`);
  }
  const leftOver = await listAll(bucket, workPrefix(manifest.date));
  await deleteAll(
    bucket,
    [...batches, ...leftOver].map(({ key }) => key),
  );
  await writeJson(bucket, includedKey(manifest.date), { ...included, batches: [] } satisfies IncludedBatches);
  return batches.length;
}
