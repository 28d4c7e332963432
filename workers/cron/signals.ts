import type { Config } from "../../src/config.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { type RuleState, nextRuleState } from "../../src/signals/rule-state.ts";
import type { Comparison } from "../../src/windows/comparison.ts";
import { readRuleState, writeRuleState } from "../signals/rule-state-rows.ts";
import { minutesToRun } from "../../src/signals/catch-up.ts";
import type { DeepseekDependencies } from "../../src/signals/deepseek.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import { isOldNews } from "../../src/lateness.ts";
import { type SpikeDecision, judgeSpike, spikeSettings } from "../../src/signals/spike-rule.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { SymbolWindow } from "../../src/windows/symbol-window.ts";
import { windowOfMinutes, windowsWith } from "../../src/windows/window.ts";
import { signalIssued } from "../../src/webhooks/make-event.ts";
import { busiestSymbols } from "../d1/busiest-symbols.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { readWindows } from "../d1/window-reads.ts";
import type { Env } from "../env.ts";
import { appendSignal } from "../signals/append-signal.ts";
import { decide, decideNothing } from "../signals/decide.ts";
import { recordById } from "../signals/ledger-rows.ts";
import { readSignalInput } from "../signals/signal-inputs.ts";
import { type OpenSpike, closeSpike, earlierSpikes, lastRuleMinute, openSpikes, queueSpikes, takeSpike } from "../signals/spike-queue.ts";
import { publishEvent } from "../webhooks/publish-event.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

/**
 * A run that took a decision and has not recorded it after this time never will: the retries of the model end well
 * before.
 */
const ABANDONED_MS = 3 * MINUTE_MS;
export interface SignalsRecord {
  /** Number of minutes the spike rule was applied to. */
  readonly minutes: number;
  readonly spikes: number;
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
  const minutes = minutesToRun(await lastRuleMinute(env.DB), floorTo(scheduledTime, MINUTE_MS));
  let spikes = 0;
  let rowsRead = 1;
  let comparison: Comparison | null = null;
  for (const minute of minutes) {
    const judged = await judgeMinute(env.DB, config, minute, deps.now());
    spikes += judged.spikes;
    rowsRead += judged.rowsRead;
    comparison = judged.comparison;
  }
  const last = minutes.at(-1);
  const rule = comparison === null || last === undefined ? null : await followRule(env, config, comparison, last);
  const { open, unreadable } = await openSpikes(env.DB);
  for (const id of unreadable) await dropSpike(env.DB, id, deps.now());
  const settled = await Promise.all(open.map((spike) => settle(env, config, spike, deps)));
  return { minutes: minutes.length, spikes, decided: settled.filter(Boolean).length, rows_read: rowsRead, rule };
}

async function judgeMinute(
  db: D1Database,
  config: Config,
  minute: number,
  now: number,
): Promise<{ readonly spikes: number; readonly rowsRead: number; readonly comparison: Comparison | null }> {
  const compared = windowOfMinutes(config.LIQUIDATION_COMPARISON_WINDOW);
  const windows = windowsWith(compared);
  const symbols = await busiestSymbols(db, config, { start: minute - compared.lengthMs, end: minute });
  const read = await readWindows(db, config, symbols, windows, minute);
  const cooldownFrom = minute - config.LIQUIDATION_SIGNAL_COOLDOWN_MINUTES * MINUTE_MS;
  const earlier = await earlierSpikes(db, symbols, cooldownFrom, minute, now);
  let rowsRead = read.rowsRead;
  const inputs = [];
  const judged = read.symbolWindows.filter(({ window }) => window === compared.name);
  for (const symbolWindow of judged) {
    const decision = judgeSpike(symbolWindow, spikeSettings(config), earlier.get(symbolWindow.symbol) ?? null);
    logDecision(symbolWindow, decision);
    if (decision.outcome !== "spike") continue;
    const found = await readSignalInput(db, config, symbolWindow, decision, read);
    inputs.push(found.input);
    rowsRead += found.rowsRead;
  }
  await queueSpikes(db, minute, inputs);
  return { spikes: inputs.length, rowsRead, comparison: judged[0]?.comparison ?? null };
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

function logDecision(symbolWindow: SymbolWindow, decision: SpikeDecision): void {
  const { symbol, window, as_of_time: minute, uptime_share, previous_uptime_share } = symbolWindow;
  writeLog("info", { event: "spike_rule", minute, symbol, window, ...decision, uptime_share, previous_uptime_share });
}

/**
 * Completes a spike: it is decided once, added to the ledger and published.
 * @returns whether this run decided it
 */
async function settle(env: Env, config: Config, spike: OpenSpike, deps: DeepseekDependencies): Promise<boolean> {
  try {
    let record = await recordById(env.DB, spike.signal_id);
    const decided = record === null;
    record ??= await decideOnce(env.DB, config, spike, deps);
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
async function decideOnce(db: D1Database, config: Config, spike: OpenSpike, deps: DeepseekDependencies): Promise<SignalRecord | null> {
  const now = deps.now();
  if (await takeSpike(db, spike.signal_id, now)) {
    return appendSignal(
      db,
      await (isOldNews(spike.minute, now) ? decideNothing(db, config, spike, "late", now) : decide(db, config, spike, deps)),
    );
  }
  const abandoned = spike.taken_time !== null && now - spike.taken_time >= ABANDONED_MS;
  return abandoned ? appendSignal(db, await decideNothing(db, config, spike, "interrupted", now)) : null;
}

/** Whether a spike is too late for a decision; its record is not published. */
function isUndecided({ reason_code: code }: SignalRecord): boolean {
  return code === "late" || code === "interrupted";
}
