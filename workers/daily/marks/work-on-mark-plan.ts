import { markGroupKey, markPlanKey, markWorkPrefix } from "../../../src/daily/mark-keys.ts";
import type { MarkManifest } from "../../../src/daily/mark-manifest.ts";
import { type MarkPlan, markPlan } from "../../../src/daily/mark-plan.ts";
import { type MarkSummary, markSummary, summarizeMarks } from "../../../src/daily/mark-summary.ts";
import { messageOf } from "../../../src/message-of.ts";
import { encodeMinuteMarks } from "../../../src/parquet/encode.ts";
import { hex } from "../../../src/sha256.ts";
import { ChangedObjectError, MissingObjectError, listAll, readBytes, readJson, writeJson } from "../../r2/bucket.ts";
import { loadParquet } from "../../r2/parquet-module.ts";
import { type Budget, isSpent } from "../../../src/work-budgets.ts";
import type { DayContext } from "../day-context.ts";
import { MarkDayRows } from "./mark-day-rows.ts";
import { publishMarkDay } from "./publish-mark-day.ts";
import { UnreadableDailyFileError } from "../published-file.ts";
import { isCorrupt, quarantineMarkFile } from "./quarantine-mark-file.ts";

/**
 * Continues a day's plan until it is published or the budget is spent: the marks of each slice become a row group, and
 * the file is made of the groups. A group that exists is not made again.
 * @returns the manifest; null where the day waits for the next run or has to be planned again
 */
export async function workOnMarkPlan(day: DayContext, date: string, budget: Budget): Promise<MarkManifest | null> {
  loadParquet();
  const { BUCKET: bucket } = day.env;
  const text = new TextDecoder().decode(await readBytes(bucket, markPlanKey(date)));
  const plan = markPlan.parse(JSON.parse(text));
  const id = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 16);
  try {
    const summaries = await makeGroups(day, plan, id, budget);
    return summaries === null ? null : await publishMarkDay(day, plan, id, summaries);
  } catch (error) {
    // The rows of the file that the plan builds on are broken: the day is made again from D1 alone.
    if (error instanceof UnreadableDailyFileError) await quarantineMarkFile(day, date, messageOf(error));
    // That file was deleted or replaced, or its manifest is broken. Either way the next check plans the day again.
    else if (!(error instanceof MissingObjectError || error instanceof ChangedObjectError || isCorrupt(error))) throw error;
    await bucket.delete(markPlanKey(date));
    return null;
  }
}

/** The summaries of all slices; null where the budget was spent before all groups were made. */
async function makeGroups({ env }: DayContext, plan: MarkPlan, id: string, budget: Budget): Promise<readonly MarkSummary[] | null> {
  const { date } = plan;
  const made = new Set((await listAll(env.BUCKET, markWorkPrefix(date, id))).map(({ key }) => key));
  const rows = new MarkDayRows(env, plan.base);
  const summaries: MarkSummary[] = [];
  for (const [index, slice] of plan.slices.entries()) {
    const key = markGroupKey(date, id, index, "json");
    const known = made.has(key) ? await readJson(env.BUCKET, key, markSummary) : null;
    if (known !== null) {
      summaries.push(known);
      continue;
    }
    if (isSpent(budget)) return null;
    const marks = await rows.read(slice);
    const summary = summarizeMarks(marks);
    if (marks.length > 0) await env.BUCKET.put(markGroupKey(date, id, index, "parquet"), encodeMinuteMarks(marks, { metadata: {} }));
    // Last, so that a group with a summary is whole.
    await writeJson(env.BUCKET, key, summary);
    summaries.push(summary);
    budget.objects -= 3;
    budget.rows -= marks.length;
  }
  return summaries;
}
