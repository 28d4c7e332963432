import type { Config } from "../../src/config.ts";
import { type GivenGrade, type Grade, entryMinute, gradeOf, mayStillCome, randomEntryMinute } from "../../src/signals/grade.ts";
import { dominantSide } from "../../src/signals/signal-input.ts";
import { signalGraded } from "../../src/webhooks/make-event.ts";
import { HOUR_MS } from "../../src/windows/calendar.ts";
import type { Env } from "../env.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { type DueGrade, dueGrades, giveGrade } from "../signals/grade-rows.ts";
import { markPath } from "../signals/mark-paths.ts";
import { inputOf } from "../signals/signal-row.ts";
import { publishEvent } from "../webhooks/publish-event.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

/** The maximum number per run; the rest waits for the next minute. */
const MAX_PER_RUN = 50;
const PUBLISH_WITHIN_MS = HOUR_MS;

const UNKNOWN: { readonly [Name in keyof Grade]: null } = {
  forward_return_bps: null,
  best_excursion_bps: null,
  worst_excursion_bps: null,
  net_return_bps: null,
  random_net_return_bps: null,
  fade_net_return_bps: null,
  follow_net_return_bps: null,
};

export interface GradesRecord {
  readonly graded: number;
  /** Number of decisions without a mark price, after waiting for it. */
  readonly ungradable: number;
  readonly waiting: number;
  readonly failed: number;
}

/** Grades the decisions with a finished horizon, each once, including NOTHING. */
export async function grades(env: Env, config: Config, scheduledTime: number): Promise<GradesRecord> {
  const counts = { graded: 0, ungradable: 0, waiting: 0, failed: 0 };
  for (const due of await dueGrades(env.DB, scheduledTime, MAX_PER_RUN)) {
    const { signal_id, horizon } = due;
    try {
      counts[await settle(env, config, due, scheduledTime)] += 1;
    } catch (error) {
      // The other grades continue; this one is tried again by the next run.
      counts.failed += 1;
      writeLog("error", { event: "grade_failed", signal_id, horizon, error: messageOf(error) });
    }
  }
  return counts;
}

async function settle(env: Env, config: Config, due: DueGrade, now: number): Promise<"graded" | "ungradable" | "waiting"> {
  const given = await gradeNow(env.DB, due, now);
  // Published before it is stored: a run that ends in between publishes it again, and it is delivered once.
  if (given === null || !(await isPublished(env, config, due, given, now))) return "waiting";
  await giveGrade(env.DB, due, given);
  return given.problem === null ? "graded" : "ungradable";
}

/** Whether nothing is left to publish of a grade. One that could not be published for an hour is given up. */
async function isPublished(env: Env, config: Config, due: DueGrade, given: GivenGrade, now: number): Promise<boolean> {
  if (given.net_return_bps === null) return true;
  const { signal_id, horizon, symbol, action, due_time } = due;
  const event = signalGraded({ signal_id, horizon, symbol, action, ...given }, given.graded_time ?? due_time);
  const outcome = await publishEvent(env, config, event);
  if (outcome.kind === "queued") return true;
  if (!outcome.final && now - due_time < PUBLISH_WITHIN_MS) return false;
  await addDeadLetters(env.DB, "grade_events", [{ record: event.id, reason: outcome.reason }], now);
  return true;
}

/** Null while a missing mark price may still arrive. */
async function gradeNow(db: D1Database, due: DueGrade, now: number): Promise<GivenGrade | null> {
  const { symbol, horizon, action, created_time: created } = due;
  const path = await markPath(db, symbol, entryMinute(created), horizon);
  const noMarks = { entry_time: null, entry_price: null, exit_time: null, exit_price: null };
  if (typeof path === "string") return mayStillCome(due.due_time, now) ? null : { ...UNKNOWN, ...noMarks, graded_time: now, problem: path };
  const random = await markPath(db, symbol, randomEntryMinute(created, horizon, due.hash), horizon);
  const input = inputOf(due.statistics);
  const side = input === null ? null : (dominantSide(input)?.side ?? null);
  return {
    ...gradeOf(action, side, path, typeof random === "string" ? null : random),
    graded_time: now,
    problem: null,
    entry_time: path.entryTime,
    entry_price: path.entry,
    exit_time: path.exitTime,
    exit_price: path.exit,
  };
}
