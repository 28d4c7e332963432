import type { Config } from "../../src/config.ts";
import type { Gap } from "../../src/gap.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { historyOf } from "../../src/rules/minute-sums.ts";
import { RulePreview, type PreviewedRule, previewLead } from "../../src/rules/preview-rule.ts";
import type { FollowedRule } from "../../src/rules/rule-machine.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import { hotEventsFrom } from "../d1/hot-events.ts";
import type { Env } from "../env.ts";
import { collectedSince, storedEvents } from "./stored-events.ts";
import { minuteHistories } from "./stored-minutes.ts";

/** A preview that has read so many liquidations ends, so that it takes seconds and not minutes. */
const MAX_LIQUIDATIONS = 400_000;

export interface StoredPreview extends PreviewedRule {
  /** What was looked at: it ends earlier where there were too many liquidations. */
  readonly range: TimeRange;
  /** Stretches that no store has. */
  readonly missing: readonly TimeRange[];
  /** Of the collected venues in the range, oldest first. */
  readonly gaps: readonly Gap[];
  readonly gaps_truncated: boolean;
}

/** Runs a rule over the stored liquidations of a range. */
export async function previewStored(
  env: Pick<Env, "DB" | "BUCKET">,
  config: Config,
  rule: FollowedRule,
  range: TimeRange,
  now: number,
): Promise<StoredPreview> {
  const venues = publishingVenues(config);
  const start = floorTo(range.start - previewLead(rule.rule), MINUTE_MS);
  const [since, hot, [found]] = await Promise.all([
    collectedSince(env.DB, now),
    hotEventsFrom(env.DB),
    env.DB.batch([gapsInRange(env.DB, venues, { start, end: range.end })]),
  ]);
  const history = { start: start - historyOf(rule.rule), end: start, since, now };
  const minutes = await minuteHistories(env, rule.symbols, history);
  const { gaps, truncated } = gapsOf(found);
  const settings = { rule, venues, since, gaps, minutes, leadMs: range.start - start };
  const preview = new RulePreview({ ...settings, range });
  const missing: TimeRange[] = [];
  let end = range.end;
  for await (const stretch of storedEvents(env, rule.symbols, { start, end: range.end }, hot)) {
    if (stretch.events === null) preview.addMissing(stretch.range);
    else preview.add(stretch.events, stretch.range.end);
    if (stretch.events === null && stretch.range.end > range.start) missing.push(clipped(stretch.range, range.start));
    if (preview.liquidations < MAX_LIQUIDATIONS || stretch.range.end <= range.start) continue;
    end = stretch.range.end;
    break;
  }
  const own = gaps.filter(({ from_time, to_time }) => from_time < end && (to_time === null || to_time > range.start));
  return { ...preview.finish(end), range: { start: range.start, end }, missing, gaps: own, gaps_truncated: truncated };
}

/** A stretch without what was before the range. */
function clipped({ start, end }: TimeRange, from: number): TimeRange {
  return { start: Math.max(start, from), end };
}
