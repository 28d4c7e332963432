import { groupKey, planKey, sliceKey, workPrefix } from "../../src/daily/daily-keys.ts";
import { type DailyPlan, type GroupPart, cutGroups, dailyPlan } from "../../src/daily/plan.ts";
import { addRowCounts, countRows, rowCounts } from "../../src/daily/row-counts.ts";
import { rowsSummary, summarize } from "../../src/daily/slice-summary.ts";
import { COLUMN_SETS, type SlicePart, encodeGroup } from "../../src/parquet/encode-group.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { hex } from "../../src/sha256.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import { ChangedObjectError, MissingObjectError, listAll, readBytes } from "../r2/bucket.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { type Budget, isSpent } from "./budget.ts";
import { type DayComparison, compareDay } from "./compare-day.ts";
import type { DayContext } from "./day-context.ts";
import { DayRows } from "./day-rows.ts";
import { type MadeSlice, publishDay } from "./publish-day.ts";
import { trustedManifest } from "./published-file.ts";
import { UnreadableBatchError, quarantine } from "./quarantine.ts";
import { refillDay } from "./refill-day.ts";

/** A day whose first file would lack rows is held for this long after its end, because they may still come. */
export const HOLD_MS = 6 * HOUR_MS;

export type PlanOutcome =
  /** `missing_before`: rows that the file before lacked; null for a first file. */
  | { readonly kind: "published"; readonly missing_rows: number; readonly missing_before: number | null }
  /** The budget was spent; the next run continues. */
  | { readonly kind: "unfinished" }
  /** The plan was dropped because a batch was quarantined or lost rows were stored again: the day has to be planned again. */
  | { readonly kind: "outdated" }
  /** The plan was dropped because rows are missing: the next check plans the day again. */
  | { readonly kind: "held"; readonly missing_rows: number };

/**
 * Continues a day's plan until it is published or the budget is spent. Sorted slices are made from the batches, full row
 * groups from the slices, and the file from the groups. Each piece is a separate object, so existing ones are not made
 * again. Before the groups, the rows are compared with what other places counted.
 */
export async function workOnPlan(day: DayContext, date: string, budget: Budget): Promise<PlanOutcome> {
  loadParquet();
  const { BUCKET: bucket } = day.env;
  const text = new TextDecoder().decode(await readBytes(bucket, planKey(date)));
  const plan = dailyPlan.parse(JSON.parse(text));
  const id = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 16);
  const made = new Map((await listAll(bucket, workPrefix(date, id))).map((object) => [object.key, object]));
  const dropPlan = () => bucket.delete(planKey(date));
  try {
    const slices = await makeSlices(day, plan, id, made, budget);
    if (slices === null) return { kind: "unfinished" };
    const comparison = await compareDay(day, date, addRowCounts(slices.map(({ counts }) => counts)));
    const remedy = await remedyOf(day, plan, id, comparison, budget);
    if (remedy !== null) {
      await dropPlan();
      return remedy;
    }
    return await finishPlan(day, plan, id, made, slices, comparison, budget);
  } catch (error) {
    if (error instanceof UnreadableBatchError) {
      await quarantine(day, error);
      await dropPlan();
      return { kind: "outdated" };
    }
    // The sources of the plan have changed, and the file is still untouched: the next check plans it again.
    if (error instanceof MissingSourceError) await dropPlan();
    // Another run published a file; the plan is only dropped where that run is done with it.
    if (error instanceof ChangedObjectError && (await isPublished(bucket, date))) await dropPlan();
    throw error;
  }
}

/** A source of a plan was deleted or replaced. */
class MissingSourceError extends MissingObjectError {
  override readonly name = "MissingSourceError";
}

/**
 * What becomes of a plan whose file would lack rows; null where it is to be published. Rows that a feed has not stored
 * yet are waited for; others are stored again from another place. A first file is held before it is published with rows
 * missing; a later one holds more than the one before.
 */
async function remedyOf(
  day: DayContext,
  plan: DailyPlan,
  id: string,
  { completeness, toCome }: DayComparison,
  budget: Budget,
): Promise<PlanOutcome | null> {
  const { missing_rows } = completeness;
  if (missing_rows === 0) return null;
  const mayHold = plan.base === null && day.now < Date.parse(plan.date) + DAY_MS + HOLD_MS;
  if (toCome > 0 && mayHold) return { kind: "held", missing_rows };
  if ((await refillDay(day, plan, id, completeness, budget)) > 0) return { kind: "outdated" };
  return mayHold ? { kind: "held", missing_rows } : null;
}

/** Makes the row groups and publishes the file. */
async function finishPlan(
  day: DayContext,
  plan: DailyPlan,
  id: string,
  made: ReadonlyMap<string, R2Object>,
  slices: readonly MadeSlice[],
  { completeness }: DayComparison,
  budget: Budget,
): Promise<PlanOutcome> {
  const { BUCKET: bucket } = day.env;
  const { date } = plan;
  const groups = cutGroups(slices.map(({ summary }) => summary.rows));
  if (groups.length === 0) throw new Error(`no row of ${date} is left, and ${completeness.missing_rows} are missing: it gets no file`);
  for (const [index, parts] of groups.entries()) {
    const key = groupKey(date, id, index);
    if (made.has(key)) continue;
    if (isSpent(budget)) return { kind: "unfinished" };
    await bucket.put(key, await encodeGroup(() => sliceParts(bucket, date, id, parts)));
    budget.objects -= COLUMN_SETS.length * parts.length + 1;
    budget.rows -= parts.reduce((sum, { rows }) => sum + rows, 0);
  }
  await publishDay(day.env, plan, id, slices, completeness, groups.length);
  const missing_before = plan.base === null ? null : (plan.base.completeness?.missing_rows ?? 0);
  return { kind: "published", missing_rows: completeness.missing_rows, missing_before };
}

/** The slices; null where the budget was spent before all were made. */
async function makeSlices(
  { env }: DayContext,
  plan: DailyPlan,
  id: string,
  made: ReadonlyMap<string, R2Object>,
  budget: Budget,
): Promise<readonly MadeSlice[] | null> {
  const slices: MadeSlice[] = [];
  const day = new DayRows(env, plan);
  const dayStart = Date.parse(plan.date);
  for (const [index, range] of plan.slices.entries()) {
    const key = sliceKey(plan.date, id, index);
    const { summary: summaryBefore, counts: countsBefore } = made.get(key)?.customMetadata ?? {};
    if (summaryBefore !== undefined && countsBefore !== undefined) {
      slices.push({ summary: rowsSummary.parse(JSON.parse(summaryBefore)), counts: rowCounts.parse(JSON.parse(countsBefore)) });
      continue;
    }
    if (isSpent(budget)) return null;
    const rows = await day.read(range).catch((error: unknown) => {
      throw error instanceof MissingObjectError ? new MissingSourceError(error.key) : error;
    });
    const [summary, counts] = [summarize(rows), countRows(rows, dayStart)];
    const bytes = rows.length === 0 ? new Uint8Array() : encodeLiquidations(rows, { metadata: {} });
    await env.BUCKET.put(key, bytes, { customMetadata: { summary: JSON.stringify(summary), counts: JSON.stringify(counts) } });
    slices.push({ summary, counts });
    budget.objects -= day.batchesIn(range).length + 3;
    budget.rows -= rows.length;
  }
  return slices;
}

async function* sliceParts(bucket: R2Bucket, date: string, id: string, parts: readonly GroupPart[]): AsyncGenerator<SlicePart> {
  for (const { slice, offset, rows } of parts) {
    const key = sliceKey(date, id, slice);
    const bytes = await readBytes(bucket, key);
    if (bytes.length === 0) throw new MissingObjectError(key);
    yield { bytes, offset, rows };
  }
}

async function isPublished(bucket: R2Bucket, date: string): Promise<boolean> {
  return trustedManifest(bucket, date).then(
    (manifest) => manifest !== null,
    () => false,
  );
}
