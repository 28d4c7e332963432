import type { Config } from "../config.ts";
import { type Horizon, HORIZON_NAMES } from "../signals/grade.ts";
import { type HorizonScore, MIN_SHOWN, type ReturnScore, scoreHorizon } from "../signals/scoreboard.ts";
import type { Gap } from "../gap.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { DAY_MS, MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { Replay } from "./replay.ts";
import type { ReplayedDays } from "./replay-days.ts";
import type { ReplayedLedger } from "./replayed-ledger.ts";
import { MAX_BUSIEST_SYMBOLS } from "../windows/busiest-symbols.ts";

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface ReplayReport {
  readonly config: Config;
  readonly judged: TimeRange;
  readonly analyst: string;
  readonly marks: string;
  readonly replay: Replay;
  readonly days: ReplayedDays;
  readonly gaps: readonly Gap[];
}

/** The header of the report: what was replayed, what is missing, and what was decided. */
export function summaryLines({ config, judged, analyst, marks, replay, days, gaps }: ReplayReport): readonly string[] {
  const { counts, ledger, unanswered } = replay;
  const symbols =
    config.LIQUIDATION_SYMBOLS === "*" ? `the ${MAX_BUSIEST_SYMBOLS} busiest symbols` : [...config.LIQUIDATION_SYMBOLS].join(", ");
  const { spike, quiet, cooling_down: cooling } = counts.outcomes;
  const actions = ["BUY", "SELL", "NOTHING"].map((name) => `${ledger.signals.filter(({ action }) => action === name).length} ${name}`);
  return [
    `Backtest of ${symbols} from ${isoMinute(judged.start)} to ${isoMinute(judged.end)}, analyst ${analyst}`,
    `Rule: window of ${config.LIQUIDATION_COMPARISON_WINDOW} min, rise of ${100 * config.LIQUIDATION_THRESHOLD} % or 99th percentile, ` +
      `at least ${number(config.LIQUIDATION_SPIKE_FLOOR_USD)} USD, cool-down ${config.LIQUIDATION_SIGNAL_COOLDOWN_MINUTES} min`,
    `Events: ${number(counts.in_range)} in the range, ${number(counts.events)} with history and grading; ` +
      `${number(counts.repeated)} repeated and ${number(counts.too_old)} too old to be stored, both omitted`,
    `Marks: ${marks}`,
    days.historyDays < days.historyDaysWanted
      ? `History: ${days.historyDays} of the ${days.historyDaysWanted} days that windows and percentiles need`
      : `History: complete, ${days.historyDaysWanted} days`,
    days.missing.length === 0
      ? "Missing days: none"
      : `Missing days: ${days.missing.map((day) => new Date(day).toISOString().slice(0, 10)).join(", ")} (nothing stored; treated as not connected)`,
    ...gapLines(gaps, judged, days.missing),
    `Minutes judged: ${number(spike + quiet + cooling)} (one per symbol and minute): ${number(spike)} spikes, ` +
      `${number(cooling)} in a cool-down, ${number(quiet)} quiet`,
    `Decisions: ${number(ledger.signals.length)}: ${actions.join(", ")}`,
    ...(unanswered.length === 0
      ? []
      : [`Spikes without a decision in the recorded ledger: ${unanswered.length}, such as ${unanswered.slice(0, 3).join(", ")}`]),
  ];
}

/** The time each venue was not connected in the range, without the missing days. */
function gapLines(gaps: readonly Gap[], judged: TimeRange, missing: readonly number[]): readonly string[] {
  const own = gaps.filter(({ from_time, to_time }) => !(missing.includes(from_time) && to_time === from_time + DAY_MS));
  const lines = EXCHANGES.flatMap((exchange) => {
    const parts = own.filter((gap) => gap.exchange === exchange);
    if (parts.length === 0) return [];
    const lengths = parts.map(({ from_time, to_time }) => Math.min(to_time ?? judged.end, judged.end) - Math.max(from_time, judged.start));
    const minutes = lengths.reduce((sum, length) => sum + length, 0) / MINUTE_MS;
    return [`${exchange} ${parts.length} (${minutes.toFixed(1)} min)`];
  });
  return [lines.length === 0 ? "Gaps in the range: none in the files" : `Gaps in the range: ${lines.join(", ")}`];
}

/** One row per horizon and strategy: the analyst, and the four baselines it has to beat. */
export function scoreTable(ledger: ReplayedLedger): Table {
  const header = ["horizon", "strategy", "graded", "hit rate", "95 % interval", "mean net bps", "median net bps", "Brier", "Brier skill"];
  return { header, rows: HORIZON_NAMES.flatMap((horizon) => horizonRows(horizon, scoreHorizon(ledger.scored(horizon)))) };
}

function horizonRows(horizon: Horizon, score: HorizonScore): readonly (readonly string[])[] {
  const row = (strategy: string, returns: ReturnScore, brier: readonly string[] = ["", ""]) => {
    const {
      graded,
      hit_rate: hit,
      hit_rate_low: low,
      hit_rate_high: high,
      mean_net_return_bps: mean,
      median_net_return_bps: median,
    } = returns;
    const interval = low === null || high === null ? "" : `${percent(low)}–${percent(high)}`;
    const shown =
      returns.verdict === "sufficient" ? [percent(hit), interval, fixed(mean, 1), fixed(median, 1)] : ["insufficient", "", "", ""];
    return [horizon, strategy, String(graded), ...shown, ...brier];
  };
  const { nothing, random, fade, follow } = score.baselines;
  return [
    row("analyst", score, [fixed(score.brier_score, 4), fixed(score.brier_skill, 3)]),
    row("always NOTHING", nothing),
    row("random times", random),
    row("fade the flow", fade),
    row("follow the flow", follow),
  ];
}

/** Notes on the table: its cost, its omissions, and the track record. */
export function scoreNotes(ledger: ReplayedLedger): readonly string[] {
  const problems = ledger.grades.filter(({ problem }) => problem !== null);
  const ungraded = HORIZON_NAMES.flatMap((name) => {
    const count = problems.filter(({ horizon }) => horizon === name).length;
    return count === 0 ? [] : [`${name} ${count}`];
  });
  const { paper, brierSkill } = ledger.standing;
  return [
    `Net of 10 bps of cost; no figures with fewer than ${MIN_SHOWN} graded decisions. Fade and follow trade every spike, including those decided NOTHING.`,
    ungraded.length === 0
      ? "Decisions without a grade: none"
      : `Decisions without a grade, because a mark price is missing: ${ungraded.join(", ")}`,
    ...(ledger.waiting === 0 ? [] : [`Grades still pending at the end of the replay: ${ledger.waiting}`]),
    `Track record at the end: ${paper ? "paper" : "not paper"}, Brier skill over the last 100 graded decisions ${fixed(brierSkill, 3) || "unknown"}`,
  ];
}

function percent(share: number | null): string {
  return share === null ? "" : `${(100 * share).toFixed(1)}%`;
}

function fixed(value: number | null, digits: number): string {
  return value === null ? "" : value.toFixed(digits);
}

function isoMinute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16)}Z`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
