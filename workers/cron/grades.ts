import type { Config } from "../../src/config.ts";
import {
  type GivenGrade,
  type GradedAction,
  entryMinute,
  givenGrade,
  gradeOf,
  matchedTrade,
  mayStillCome,
} from "../../src/grades/grade.ts";
import { hoursToDraw } from "../../src/grades/random-times.ts";
import { dominantSide } from "../../src/signals/signal-input.ts";
import { signalGraded } from "../../src/webhooks/make-event.ts";
import { HOUR_MS } from "../../src/windows/calendar.ts";
import type { Env } from "../env.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { type DueGrade, type UnpublishedGrade, dueGrades, giveGrade, markPublished, unpublishedGrades } from "../signals/grade-rows.ts";
import { readHourMarks } from "../signals/hour-mark-rows.ts";
import { readMarkPath } from "../signals/mark-paths.ts";
import { inputOf } from "../signals/signal-row.ts";
import { publishEvent } from "../webhooks/publish-event.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

/** The maximum number per run; the rest waits for the next minute. */
const MAX_PER_RUN = 50;
const PUBLISH_WITHIN_MS = HOUR_MS;

export interface GradesRecord {
  readonly graded: number;
  /** Number of decisions whose cost is not fully known: they have no net return. */
  readonly ungraded_cost: number;
  /** Number of decisions without a path, after waiting for its marks. */
  readonly ungradable: number;
  readonly waiting: number;
  readonly failed: number;
  /** Number of grades that could not be published yet. */
  readonly unpublished: number;
}

/** Grades the decisions with a finished horizon, each once, including NOTHING, and publishes the grades. */
export async function grades(env: Env, config: Config, scheduledTime: number): Promise<GradesRecord> {
  const counts = { graded: 0, ungraded_cost: 0, ungradable: 0, waiting: 0, failed: 0 };
  for (const due of await dueGrades(env.DB, scheduledTime, MAX_PER_RUN)) {
    const { signal_id, horizon } = due;
    try {
      counts[await settle(env.DB, config, due, scheduledTime)] += 1;
    } catch (error) {
      // The other grades continue; this one is tried again by the next run.
      counts.failed += 1;
      writeLog("error", { event: "grade_failed", signal_id, horizon, error: messageOf(error) });
    }
  }
  return { ...counts, unpublished: await publish(env, config, scheduledTime) };
}

type Outcome = "graded" | "ungraded_cost" | "ungradable" | "waiting";

async function settle(db: D1Database, config: Config, due: DueGrade, now: number): Promise<Outcome> {
  const given = await gradeNow(db, config, due, now);
  if (given === null) return "waiting";
  await giveGrade(db, due, given);
  if (given.problem === null) return "graded";
  return given.forward_return_bps === null ? "ungradable" : "ungraded_cost";
}

/** Null while missing marks may still arrive. */
async function gradeNow(db: D1Database, config: Config, due: DueGrade, now: number): Promise<GivenGrade | null> {
  const { symbol, horizon, due_time } = due;
  const path = await readMarkPath(db, symbol, entryMinute(due), horizon, config.LIQUIDATION_TAKER_FEES_BPS);
  if (typeof path === "string") return mayStillCome(due_time, now) ? null : givenGrade(path, null, now);
  const decision = gradedAction(due);
  const matched = matchedTrade(decision, horizon, path);
  const hours = matched === null ? [] : await readHourMarks(db, symbol, path.exchange, hoursToDraw(matched));
  return givenGrade(path, gradeOf(decision, horizon, path, hours), now);
}

function gradedAction({ action, rule_action, hash, statistics }: DueGrade): GradedAction {
  const input = inputOf(statistics);
  return { action, rule_action, hash, side: input === null ? null : (dominantSide(input)?.side ?? null) };
}

/** @returns how many grades wait for a later run */
async function publish(env: Env, config: Config, now: number): Promise<number> {
  let unpublished = 0;
  for (const grade of await unpublishedGrades(env.DB, MAX_PER_RUN)) {
    if (await isPublished(env, config, grade, now)) await markPublished(env.DB, grade, now);
    else unpublished += 1;
  }
  return unpublished;
}

/** Whether nothing is left to publish of a grade. One that could not be published for an hour is given up. */
async function isPublished(env: Env, config: Config, grade: UnpublishedGrade, now: number): Promise<boolean> {
  const given = grade.graded_time ?? now;
  const event = signalGraded(grade, given);
  const outcome = await publishEvent(env, config, event);
  if (outcome.kind === "queued") return true;
  if (!outcome.final && now - given < PUBLISH_WITHIN_MS) return false;
  await addDeadLetters(env.DB, "grade_events", [{ record: event.id, reason: outcome.reason }], now);
  return true;
}
