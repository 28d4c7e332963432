import { groupKey, planKey, sliceKey, workPrefix } from "../../src/daily/daily-keys.ts";
import { COLUMN_SETS, type SlicePart, encodeGroup } from "../../src/parquet/encode-group.ts";
import { type DailyPlan, type GroupPart, cutGroups, dailyPlan } from "../../src/daily/plan.ts";
import { type RowsSummary, rowsSummary, summarize } from "../../src/daily/slice-summary.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import type { Stores } from "./stores.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { listAll, MissingObjectError, readBytes } from "../r2/bucket.ts";
import { DayRows } from "./day-rows.ts";
import { publishDay } from "./publish-day.ts";
import { hex } from "../../src/sha256.ts";

/** The remaining budget of a run: requests to the bucket, and encoded rows, of which 50,000 take about two seconds. */
export interface Budget {
  objects: number;
  rows: number;
}

export function isSpent({ objects, rows }: Budget): boolean {
  return objects <= 0 || rows <= 0;
}

/**
 * Continues a day's plan until it is published or the budget is spent; returns true once it is published. Sorted slices
 * are made from the batches, full row groups from the slices, and the file from the groups. Each piece is a separate
 * object, so existing ones are not made again.
 */
export async function workOnPlan(env: Stores, date: string, budget: Budget): Promise<boolean> {
  loadParquet();
  const text = new TextDecoder().decode(await readBytes(env.BUCKET, planKey(date)));
  const plan = dailyPlan.parse(JSON.parse(text));
  const id = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 16);
  const made = new Map((await listAll(env.BUCKET, workPrefix(date, id))).map((object) => [object.key, object]));
  const slices = await makeSlices(env, plan, id, made, budget).catch(async (error: unknown) => {
    // The sources of the plan have changed, and the file is still untouched: the next check plans it again.
    if (error instanceof MissingObjectError) await env.BUCKET.delete(planKey(date));
    throw error;
  });
  if (slices === null) return false;
  const groups = cutGroups(slices.map(({ rows }) => rows));
  for (const [index, parts] of groups.entries()) {
    const key = groupKey(date, id, index);
    if (made.has(key)) continue;
    if (isSpent(budget)) return false;
    await env.BUCKET.put(key, await encodeGroup(() => sliceParts(env.BUCKET, date, id, parts)));
    budget.objects -= COLUMN_SETS.length * parts.length + 1;
    budget.rows -= parts.reduce((sum, { rows }) => sum + rows, 0);
  }
  await publishDay(env, plan, id, slices, groups.length);
  return true;
}

/** The summary of each slice; null where the budget was spent before all were made. */
async function makeSlices(
  env: Stores,
  plan: DailyPlan,
  id: string,
  made: ReadonlyMap<string, R2Object>,
  budget: Budget,
): Promise<readonly RowsSummary[] | null> {
  const summaries: RowsSummary[] = [];
  const day = new DayRows(env, plan);
  for (const [index, range] of plan.slices.entries()) {
    const key = sliceKey(plan.date, id, index);
    const before = made.get(key)?.customMetadata?.["summary"];
    if (before !== undefined) {
      summaries.push(rowsSummary.parse(JSON.parse(before)));
      continue;
    }
    if (isSpent(budget)) return null;
    const rows = await day.read(range);
    const summary = summarize(rows);
    const bytes = rows.length === 0 ? new Uint8Array() : encodeLiquidations(rows, { metadata: {} });
    await env.BUCKET.put(key, bytes, { customMetadata: { summary: JSON.stringify(summary) } });
    summaries.push(summary);
    budget.objects -= day.batchesIn(range).length + 3;
    budget.rows -= rows.length;
  }
  return summaries;
}

async function* sliceParts(bucket: R2Bucket, date: string, id: string, parts: readonly GroupPart[]): AsyncGenerator<SlicePart> {
  for (const { slice, offset, rows } of parts) {
    const key = sliceKey(date, id, slice);
    const bytes = await readBytes(bucket, key);
    if (bytes.length === 0) throw new MissingObjectError(key);
    yield { bytes, offset, rows };
  }
}
