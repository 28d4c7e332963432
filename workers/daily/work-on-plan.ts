import { groupKey, planKey, sliceKey, workPrefix } from "../../src/daily/daily-keys.ts";
import { COLUMN_SETS, type SlicePart, encodeGroup } from "../../src/daily/encode-group.ts";
import { type BatchSource, type DailyPlan, type GroupPart, cutGroups, dailyPlan } from "../../src/daily/plan.ts";
import { sliceRows } from "../../src/daily/slice-rows.ts";
import { type RowsSummary, rowsSummary, summarize } from "../../src/daily/slice-summary.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { readLiquidations } from "../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { readImpacts } from "../d1/impact-reads.ts";
import type { Stores } from "./stores.ts";
import { loadParquet } from "../sinks/parquet-module.ts";
import { hex, listAll, MissingObjectError, readBytes } from "./bucket.ts";
import { publishDay } from "./publish-day.ts";
import { PublishedRows } from "./published-file.ts";

/** What one run may still do: requests to the bucket, and rows encoded, of which 50,000 take some two seconds. */
export interface Budget {
  objects: number;
  rows: number;
}

export function isSpent({ objects, rows }: Budget): boolean {
  return objects <= 0 || rows <= 0;
}

/**
 * Goes on with a day's plan until it is published or the budget is spent; true once it is published. Sorted slices are
 * made of the batches, full row groups of the slices, and the file of the groups. Each piece is an object of its own,
 * so what is there need not be made again.
 */
export async function workOnPlan(env: Stores, date: string, budget: Budget): Promise<boolean> {
  loadParquet();
  const text = new TextDecoder().decode(await readBytes(env.BUCKET, planKey(date)));
  const plan = dailyPlan.parse(JSON.parse(text));
  const id = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 16);
  const made = new Map((await listAll(env.BUCKET, workPrefix(date, id))).map((object) => [object.key, object]));
  const slices = await makeSlices(env, plan, id, made, budget).catch(async (error: unknown) => {
    // What it was planned from has changed, and the file is untouched as yet: the next check plans it anew.
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

/** What each slice holds; null where the budget was spent before all were made. */
async function makeSlices(
  env: Stores,
  plan: DailyPlan,
  id: string,
  made: ReadonlyMap<string, R2Object>,
  budget: Budget,
): Promise<readonly RowsSummary[] | null> {
  const summaries: RowsSummary[] = [];
  let base: PublishedRows | null = null;
  for (const [index, range] of plan.slices.entries()) {
    const key = sliceKey(plan.date, id, index);
    const before = made.get(key)?.customMetadata?.["summary"];
    if (before !== undefined) {
      summaries.push(rowsSummary.parse(JSON.parse(before)));
      continue;
    }
    if (isSpent(budget)) return null;
    if (plan.base !== null) base ??= await PublishedRows.open(env.BUCKET, plan.base);
    const batches = plan.batches.filter((batch) => batch.first_event_time < range.end && batch.last_event_time >= range.start);
    const rows = sliceRows(await sources(env.BUCKET, base, batches, range), range, await readImpacts(env.DB, range));
    const summary = summarize(rows);
    const bytes = rows.length === 0 ? new Uint8Array() : encodeLiquidations(rows, { metadata: {} });
    await env.BUCKET.put(key, bytes, { customMetadata: { summary: JSON.stringify(summary) } });
    summaries.push(summary);
    budget.objects -= batches.length + 3;
    budget.rows -= rows.length;
  }
  return summaries;
}

/** Requests in flight at a time: a Worker's connections. */
const AT_ONCE = 6;

async function sources(
  bucket: R2Bucket,
  base: PublishedRows | null,
  batches: readonly BatchSource[],
  range: TimeRange,
): Promise<readonly (readonly Liquidation[])[]> {
  const found = base === null ? [] : [...(await base.read(range.start, range.end))];
  for (let from = 0; from < batches.length; from += AT_ONCE) {
    const some = batches.slice(from, from + AT_ONCE);
    const files = await Promise.all(some.map(({ key, etag }) => readBytes(bucket, key, { etag })));
    // Rows of other slices are let go at once.
    for (const file of files) {
      found.push(readLiquidations(file).filter(({ event_time: time }) => time >= range.start && time < range.end));
    }
  }
  return found;
}

async function* sliceParts(bucket: R2Bucket, date: string, id: string, parts: readonly GroupPart[]): AsyncGenerator<SlicePart> {
  for (const { slice, offset, rows } of parts) {
    const key = sliceKey(date, id, slice);
    const bytes = await readBytes(bucket, key);
    if (bytes.length === 0) throw new MissingObjectError(key);
    yield { bytes, offset, rows };
  }
}
