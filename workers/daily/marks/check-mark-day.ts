import { utcDate } from "../../../src/batch-object.ts";
import { markFileKey, markPlanKey } from "../../../src/daily/mark-keys.ts";
import type { MarkManifest } from "../../../src/daily/mark-manifest.ts";
import { type MarkPlan, sliceMarks } from "../../../src/daily/mark-plan.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { MINUTES_KEPT_MS } from "../../../src/windows/kept.ts";
import { type MarkDay, noteVerified } from "../../d1/mark-days.ts";
import { markPairs } from "../../d1/mark-reads.ts";
import { ChangedObjectError, writeJson } from "../../r2/bucket.ts";
import type { DayContext } from "../day-context.ts";
import { coverageOfDay } from "../publish-day.ts";
import { isVerified } from "../published-file.ts";
import { refreshMarkGaps } from "./publish-mark-day.ts";
import { quarantineMarkFile, soundManifest } from "./quarantine-mark-file.ts";

export type MarkDayOutcome =
  /** The file holds every mark of the day. `verified`: it was read back, and the marks in D1 may be deleted. */
  "whole" | "verified" | "planned";

/**
 * Compares a closed day with its file. If the file lacks marks, or is corrupt, it is planned again; otherwise it is read
 * back once D1 no longer needs the marks of the day.
 */
export async function checkMarkDay(context: DayContext, day: MarkDay): Promise<MarkDayOutcome> {
  const { env, now } = context;
  const date = utcDate(day.day);
  const manifest = await soundManifest(context, date);
  if (manifest === null || day.published_reports !== day.reports) return plan(context, day, manifest);
  await refreshMarkGaps(context, date);
  const isDue = day.day + DAY_MS <= now - MINUTES_KEPT_MS;
  if (!isDue || day.verified_reports === day.reports) return "whole";
  if (await isVerified(env.BUCKET, manifest)) {
    await noteVerified(env.DB, day);
    return "verified";
  }
  await quarantineMarkFile(context, date, `${markFileKey(date)} read back is not the file of its manifest`);
  return plan(context, day, null);
}

async function plan({ env, config, now }: DayContext, { day, reports }: MarkDay, base: MarkManifest | null): Promise<"planned"> {
  const date = utcDate(day);
  const pairs = await markPairs(env.DB, { start: day, end: day + DAY_MS });
  const filed = Object.entries(base?.exchanges ?? {}).flatMap(([exchange, { symbols }]) =>
    Object.keys(symbols).map((symbol) => `${exchange} ${symbol}`),
  );
  const paths = new Set([...filed, ...pairs.map(({ exchange, symbol }) => `${exchange} ${symbol}`)]).size;
  const { coverage: _liquidations, ...coverage } = await coverageOfDay(env.DB, config, date);
  const made: MarkPlan = { date, planned_time: now, reports, base, coverage, slices: [...sliceMarks(day, paths)] };
  try {
    await writeJson(env.BUCKET, markPlanKey(date), made, { replaces: null });
  } catch (error) {
    // Another run planned the day at the same time: its plan is followed.
    if (!(error instanceof ChangedObjectError)) throw error;
  }
  return "planned";
}
