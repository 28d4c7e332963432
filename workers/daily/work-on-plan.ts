import { groupKey, planKey, sliceKey, workPrefix } from "../../src/daily/daily-keys.ts";
import { type DailyPlan, type GroupPart, JOIN_VERSION, cutGroups, dailyPlan, slicesAtOnce, timeOf } from "../../src/daily/plan.ts";
import { addRowCounts, countRows } from "../../src/daily/row-counts.ts";
import { summarize } from "../../src/daily/slice-summary.ts";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { type SlicePart, encodeGroup } from "../../src/parquet/encode-group.ts";
import { encodePlaces } from "../../src/parquet/encode.ts";
import { hex } from "../../src/sha256.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { ChangedObjectError, MissingObjectError, listAll, readBytes, readJson, writeJson } from "../r2/bucket.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import type { ParquetSource } from "../r2/parquet-pieces.ts";
import { type Budget, isSpent } from "../../src/work-budgets.ts";
import { type DayComparison, compareDay } from "./compare-day.ts";
import type { DayContext } from "./day-context.ts";
import { DayRows } from "./day-rows.ts";
import { type MadeSlices, madeSlices, publishDay } from "./publish-day.ts";
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
  const id = await planId(text);
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

/** The pieces of a plan that code with other columns, or with slices joined in another way, made are not used. */
async function planId(plan: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${SCHEMA_VERSION} join.v${JOIN_VERSION} ${plan}`));
  return hex(digest).slice(0, 16);
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

/** Makes the row groups and publishes the file. Few groups that this run will join are held in memory, others are stored. */
async function finishPlan(
  day: DayContext,
  plan: DailyPlan,
  id: string,
  made: ReadonlyMap<string, R2Object>,
  slices: readonly MadeSlices[],
  { completeness }: DayComparison,
  budget: Budget,
): Promise<PlanOutcome> {
  const { BUCKET: bucket } = day.env;
  const { date } = plan;
  const groups = cutGroups(slices.map(({ summary }) => summary.rows));
  if (groups.length === 0) throw new Error(`no row of ${date} is left, and ${completeness.missing_rows} are missing: it gets no file`);
  const keys = groups.map((_, index) => groupKey(date, id, index));
  const missing = groups.filter((_, index) => !made.has(keys[index] ?? ""));
  const isHeld = missing.reduce((sum, parts) => sum + rowsOf(parts), 0) <= day.heldRows && isWithin(budget, missing);
  const files: ParquetSource[] = [];
  for (const [index, parts] of groups.entries()) {
    const key = keys[index] ?? "";
    if (made.has(key)) {
      files.push(key);
      continue;
    }
    if (isSpent(budget)) return { kind: "unfinished" };
    const bytes = await encodeGroup(await sliceParts(bucket, date, id, parts));
    spend(budget, parts);
    if (!isHeld) await bucket.put(key, bytes);
    files.push(isHeld ? bytes : key);
  }
  await publishDay(day, plan, slices, completeness, files);
  const missing_before = plan.base === null ? null : (plan.base.completeness?.missing_rows ?? 0);
  return { kind: "published", missing_rows: completeness.missing_rows, missing_before };
}

/** Whether the budget lasts until all these groups are made. */
function isWithin(budget: Readonly<Budget>, groups: readonly (readonly GroupPart[])[]): boolean {
  const left = { ...budget };
  for (const parts of groups) {
    if (isSpent(left)) return false;
    spend(left, parts);
  }
  return true;
}

/** Takes what making a group costs from a budget. */
function spend(budget: Budget, parts: readonly GroupPart[]): void {
  budget.objects -= parts.length + 1;
  budget.rows -= rowsOf(parts);
}

function rowsOf(parts: readonly GroupPart[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

/** The slices, those of an object together; null where the budget was spent before all were made. */
async function makeSlices(
  { env }: DayContext,
  plan: DailyPlan,
  id: string,
  made: ReadonlyMap<string, R2Object>,
  budget: Budget,
): Promise<readonly MadeSlices[] | null> {
  const slices: MadeSlices[] = [];
  const day = new DayRows(env, plan);
  const dayStart = Date.parse(plan.date);
  for (const [index, ranges] of slicesAtOnce(plan.slices).entries()) {
    const noteKey = sliceKey(plan.date, id, index, "json");
    const before = made.has(noteKey) ? await readJson(env.BUCKET, noteKey, madeSlices) : null;
    if (before !== null) {
      slices.push(before);
      continue;
    }
    if (isSpent(budget)) return null;
    const range = timeOf(ranges);
    const rows = await day.read(range).catch((error: unknown) => {
      throw error instanceof MissingObjectError ? new MissingSourceError(error.key) : error;
    });
    const of: MadeSlices = {
      summary: summarize(rows),
      counts: countRows(rows, dayStart),
      rows: ranges.map((slice) => rowsIn(rows, slice)),
    };
    const bytes =
      rows.length === 0
        ? new Uint8Array()
        : encodePlaces(LIQUIDATION_FIELDS, rows, { metadata: { schema_version: SCHEMA_VERSION, rows: rows.length } });
    await env.BUCKET.put(sliceKey(plan.date, id, index, "parquet"), bytes);
    // Last, because it says that the rows are there. R2 takes 2 KB of metadata, which all hours of many venues exceed.
    await writeJson(env.BUCKET, noteKey, of);
    slices.push(of);
    budget.objects -= day.batchesIn(range).length + 4;
    budget.rows -= rows.length;
  }
  return slices;
}

/** The number of rows in a time range. */
function rowsIn(rows: readonly { readonly event_time: number }[], { start, end }: TimeRange): number {
  return rows.reduce((count, { event_time: time }) => (time >= start && time < end ? count + 1 : count), 0);
}

async function sliceParts(bucket: R2Bucket, date: string, id: string, parts: readonly GroupPart[]): Promise<readonly SlicePart[]> {
  const read: SlicePart[] = [];
  for (const { slice, offset, rows } of parts) {
    const key = sliceKey(date, id, slice, "parquet");
    const bytes = await readBytes(bucket, key);
    if (bytes.length === 0) throw new MissingObjectError(key);
    read.push({ bytes, offset, rows });
  }
  return read;
}

async function isPublished(bucket: R2Bucket, date: string): Promise<boolean> {
  return trustedManifest(bucket, date).then(
    (manifest) => manifest !== null,
    () => false,
  );
}
