import { hubOf } from "../../durable-objects/market-hub/hub-of.ts";
import type { Config } from "../../src/config.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { type RuleState, nextRuleState } from "../../src/signals/rule-state.ts";
import type { Comparison } from "../../src/windows/comparison.ts";
import { readRuleState, writeRuleState } from "../signals/rule-state-rows.ts";
import type { FollowedFlush } from "../../src/signals/open-flush.ts";
import { type JudgeRequest, nextMinute } from "../../src/signals/spike-watch.ts";
import { minutesToRun } from "../../src/signals/catch-up.ts";
import type { DeepseekDependencies } from "../../src/signals/deepseek.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import { ruleVerdict } from "../../src/signals/rule-model.ts";
import { isOldNews } from "../../src/lateness.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { signalIssued } from "../../src/webhooks/make-event.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import type { Env } from "../env.ts";
import { FLUSH_PATIENCE_MS, flushFeeds } from "../feeds.ts";
import { appendSignal } from "../signals/append-signal.ts";
import { decide, decideNothing } from "../signals/decide.ts";
import { type JudgedMinute, judgeMinute } from "../signals/judge-minute.ts";
import { seeFlushes } from "../signals/judge-turns.ts";
import { installedRules } from "../signals/installed-rules.ts";
import { recordById } from "../signals/ledger-rows.ts";
import { type OpenSpike, closeSpike, lastRuleMinute, openSpikes, takeSpike } from "../signals/spike-queue.ts";
import { publishEvent } from "../webhooks/publish-event.ts";
import { quarterHourTotals } from "./quarter-hour-totals.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import { within } from "../../src/within.ts";

/**
 * A run that took a decision and has not recorded it after this time never will: the retries of the model end well
 * before.
 */
const ABANDONED_MS = 3 * MINUTE_MS;
/** A hub that does not respond does not delay the decisions. */
const HUB_PATIENCE_MS = 2_000;
/** A feed that takes longer to store its rows is not waited for where a burst is judged at once. */
const FLUSH_AT_ONCE_MS = 1_000;

export interface SignalsRecord {
  /** Number of minutes the spike rule was applied to. */
  readonly minutes: number;
  readonly spikes: number;
  /** Number of flushes that turned. */
  readonly turns: number;
  /** Number of decisions added to the ledger, whatever their action. */
  readonly decided: number;
  readonly rows_read: number;
  /** Whether rises count; null where no window was judged. */
  readonly rule: RuleState["state"] | null;
}

export const SIGNAL_DEPENDENCIES: DeepseekDependencies = {
  fetch: (...request) => fetch(...request),
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
};

/**
 * Turns totals into signals: applies the spike rule to the minute of the run and to up to 15 missed minutes, queues the
 * spikes with their complete input, and decides the open ones.
 */
export async function signals(
  env: Env,
  config: Config,
  scheduledTime: number,
  deps: DeepseekDependencies = SIGNAL_DEPENDENCIES,
): Promise<SignalsRecord> {
  const { flushes, ...judged } = await judgeDueMinutes(env, config, scheduledTime, deps);
  await followFlushes(env, config, flushes);
  const decided = await settleSpikes(env, config, deps);
  return { ...judged, decided };
}

/** Has the hub follow the flushes that may turn. One that it does not follow is judged by the run of each minute. */
async function followFlushes(env: Env, config: Config, flushes: JudgedMinute["flushes"]): Promise<void> {
  if (flushes.size === 0) return;
  try {
    await within(HUB_PATIENCE_MS, () => hubOf(env, config).followFlushes([...flushes]));
  } catch (error) {
    writeLog("error", { event: "following_flushes_failed", error: messageOf(error) });
  }
}

/** The record of a run that the hub asked for, and what it is to follow from now on. */
export interface SignalsAtOnce extends SignalsRecord {
  readonly flushes: ReadonlyMap<string, FollowedFlush | null>;
}

/**
 * The same for what the hub has just seen: applies the spike rule to the next minute, whose windows hold what has happened so
 * far, and decides without waiting for it. Sums only grow, so what is a spike now is one at its minute; the run of the minute
 * finds the decision made. A flush that has turned is decided on with what is known now.
 * @param request the base assets with a burst, or a flush that may have turned
 */
export async function signalsAtOnce(
  env: Env,
  config: Config,
  request: JudgeRequest,
  deps: DeepseekDependencies = SIGNAL_DEPENDENCIES,
): Promise<SignalsAtOnce> {
  const isMinuteDue = minutesToRun(await lastRuleMinute(env.DB), floorTo(deps.now(), MINUTE_MS)).length > 0;
  if (isMinuteDue) await flushFeeds(env, config, FLUSH_PATIENCE_MS);
  else await flushFeeds(env, config, FLUSH_AT_ONCE_MS, [...request.bursts, ...request.flushes]);
  // First the minutes that are over, so that the cool-down knows their spikes.
  const knownTime = deps.now();
  await quarterHourTotals(env.DB, config, knownTime);
  const due = await judgeDueMinutes(env, config, knownTime, deps);
  const minute = nextMinute(knownTime);
  const seen = await seeFlushes(env.DB, config, request.flushes, { minute, knownTime });
  const only = [...new Set([...request.bursts, ...seen.turning])];
  const early = await judgeMinute(env.DB, config, { minute, knownTime, only });
  const decided = await settleSpikes(env, config, deps);
  return {
    ...due,
    spikes: due.spikes + early.spikes,
    turns: due.turns + early.turns,
    rows_read: due.rows_read + seen.rowsRead + early.rowsRead,
    decided,
    flushes: new Map([...due.flushes, ...seen.flushes, ...early.flushes]),
  };
}

async function judgeDueMinutes(
  env: Env,
  config: Config,
  time: number,
  { now }: DeepseekDependencies,
): Promise<Omit<SignalsAtOnce, "decided">> {
  const minutes = minutesToRun(await lastRuleMinute(env.DB), floorTo(time, MINUTE_MS));
  let [spikes, turns, rowsRead] = [0, 0, 1];
  let comparison: Comparison | null = null;
  const flushes = new Map<string, FollowedFlush | null>();
  for (const minute of minutes) {
    const judged = await judgeMinute(env.DB, config, { minute, knownTime: minute, only: null }, now());
    spikes += judged.spikes;
    turns += judged.turns;
    rowsRead += judged.rowsRead;
    comparison = judged.comparison;
    for (const [symbol, flush] of judged.flushes) flushes.set(symbol, flush);
  }
  const last = minutes.at(-1);
  const rule = comparison === null || last === undefined ? null : await followRule(env, config, comparison, last);
  return { minutes: minutes.length, spikes, turns, rows_read: rowsRead, rule, flushes };
}

/** @returns the number of decisions that this run added */
async function settleSpikes(env: Env, config: Config, deps: DeepseekDependencies): Promise<number> {
  const { open, unreadable } = await openSpikes(env.DB);
  for (const id of unreadable) await dropSpike(env.DB, id, deps.now());
  const settled = await Promise.all(open.map((spike) => settle(env, config, spike, deps)));
  return settled.filter(Boolean).length;
}

/**
 * Publishes that rises no longer count, or count again. The state is stored last, once the event is queued or noted as a
 * dead letter: a run that is interrupted before publishes the change once more.
 */
async function followRule(env: Env, config: Config, comparison: Comparison, minute: number): Promise<RuleState["state"]> {
  const known = await readRuleState(env.DB);
  const { state, event } = nextRuleState(known, comparison, publishingVenues(config), minute);
  if (event !== null) {
    const outcome = await publishEvent(env, config, event);
    if (outcome.kind === "failed") await addDeadLetters(env.DB, "signal_events", [{ record: event.id, reason: outcome.reason }], minute);
  }
  if (JSON.stringify(known) !== JSON.stringify(state)) await writeRuleState(env.DB, state);
  return state.state;
}

/**
 * Completes a spike: it is decided once, added to the ledger and published.
 * @returns whether this run decided it
 */
async function settle(env: Env, config: Config, spike: OpenSpike, deps: DeepseekDependencies): Promise<boolean> {
  try {
    let record = await recordById(env.DB, spike.signal_id);
    const decided = record === null;
    record ??= await decideOnce(env, config, spike, deps);
    if (record === null) return false;
    if (decided) logSignal(record);
    // A signal that no queue took stays open: a later run publishes it under the same id, while it is news.
    if (await isPublished(env, config, record, deps.now())) await closeSpike(env.DB, spike.signal_id, deps.now());
    return decided;
  } catch (error) {
    // The other spikes continue; this one stays open for a later run.
    const message = messageOf(error);
    writeLog("error", { event: "signal_failed", signal_id: spike.signal_id, error: message });
    return false;
  }
}

function logSignal({ signal_id, symbol, window, action, confidence, reason_code, analyst, paper }: SignalRecord): void {
  writeLog("info", { event: "signal_decided", signal_id, symbol, window, action, confidence, reason_code, analyst, paper });
}

/** Whether nothing is left to publish of a decision. One that could not be published while it was news is given up. */
async function isPublished(env: Env, config: Config, record: SignalRecord, now: number): Promise<boolean> {
  if (isUndecided(record)) return true;
  const event = signalIssued(record);
  if (!isOldNews(record.created_time, now)) {
    const outcome = await publishEvent(env, config, event);
    // The stream has it once, however often this is repeated. Where the hub fails, the spike stays open as well.
    await hubOf(env, config).noteSignal(record);
    if (outcome.kind === "queued" || !outcome.final) return outcome.kind === "queued";
  }
  const reason = "it could not be published within two minutes of the decision";
  await addDeadLetters(env.DB, "signal_events", [{ record: event.id, reason }], now);
  return true;
}

/** Closes a spike that cannot be decided because its input cannot be read; those behind it continue. */
async function dropSpike(db: D1Database, id: string, now: number): Promise<void> {
  await addDeadLetters(db, "spikes", [{ record: id, reason: "its stored input is not valid JSON" }], now);
  await closeSpike(db, id, now);
}

/** Null where another run is deciding it. */
async function decideOnce(env: Env, config: Config, spike: OpenSpike, deps: DeepseekDependencies): Promise<SignalRecord | null> {
  const now = deps.now();
  const isTaken = await takeSpike(env.DB, spike.signal_id, now);
  const isAbandoned = spike.taken_time !== null && now - spike.taken_time >= ABANDONED_MS;
  if (!isTaken && !isAbandoned) return null;
  const { trained } = await installedRules(env.BUCKET, now);
  const rules = ruleVerdict(spike.input, trained);
  if (!isTaken) return appendSignal(env.DB, await decideNothing(env.DB, config, spike, rules, "interrupted", now));
  const isLate = isOldNews(spike.minute, now);
  return appendSignal(
    env.DB,
    await (isLate ? decideNothing(env.DB, config, spike, rules, "late", now) : decide(env.DB, config, spike, rules, deps)),
  );
}

/** Whether a spike is too late for a decision; its record is not published. */
function isUndecided({ reason_code: code }: SignalRecord): boolean {
  return code === "late" || code === "interrupted";
}
