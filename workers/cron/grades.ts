import type { Config } from "../../src/config.ts";
import { type GivenGrade, type Grade, entryMinute, gradeOf, mayStillCome, randomEntryMinute } from "../../src/signals/grade.ts";
import { type SignalInput, dominantSide } from "../../src/signals/signal-input.ts";
import { signalGraded } from "../../src/webhooks/make-event.ts";
import type { Env } from "../env.ts";
import { type DueGrade, dueGrades, giveGrade } from "../signals/grade-rows.ts";
import { markPath } from "../signals/mark-paths.ts";
import { publishEvent } from "../webhooks/publish-event.ts";

/** The maximum number per run; the rest waits for the next minute. */
const MAX_PER_RUN = 50;

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
}

/** Grades the decisions with a finished horizon, each once, including NOTHING. */
export async function grades(env: Env, config: Config, scheduledTime: number): Promise<GradesRecord> {
  const counts = { graded: 0, ungradable: 0, waiting: 0 };
  for (const due of await dueGrades(env.DB, scheduledTime, MAX_PER_RUN)) {
    const given = await gradeNow(env.DB, due, scheduledTime);
    if (given === null) {
      counts.waiting += 1;
      continue;
    }
    // Published before it is stored: a run that ends in between publishes it again, and it is delivered once.
    if (given.net_return_bps !== null) await publishGraded(env, config, due, given);
    await giveGrade(env.DB, due, given);
    counts[given.problem === null ? "graded" : "ungradable"] += 1;
  }
  return counts;
}

/** Null while a missing mark price may still arrive. */
async function gradeNow(db: D1Database, due: DueGrade, now: number): Promise<GivenGrade | null> {
  const { symbol, horizon, action, created_time: created } = due;
  const path = await markPath(db, symbol, entryMinute(created), horizon);
  const noMarks = { entry_time: null, entry_price: null, exit_time: null, exit_price: null };
  if (typeof path === "string") return mayStillCome(due.due_time, now) ? null : { ...UNKNOWN, ...noMarks, graded_time: now, problem: path };
  const random = await markPath(db, symbol, randomEntryMinute(created, horizon, due.hash), horizon);
  const side = dominantSide(JSON.parse(due.statistics) as SignalInput)?.side ?? null;
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

function publishGraded(env: Env, config: Config, due: DueGrade, given: GivenGrade): Promise<boolean> {
  const { signal_id, horizon, symbol, action } = due;
  const time = given.graded_time ?? due.due_time;
  return publishEvent(env, config, signalGraded({ signal_id, horizon, symbol, action, ...given }, time));
}
