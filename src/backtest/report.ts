import type { Config } from "../config.ts";
import { type Horizon, HORIZON_NAMES } from "../grades/grade.ts";
import { BASELINES, type Baseline } from "../scoreboard/baselines.ts";
import { UNMUTED_AT } from "../scoreboard/muting.ts";
import { MIN_SHOWN, type ReturnScore } from "../scoreboard/return-score.ts";
import { type HorizonScore, scoreHorizons } from "../scoreboard/scoreboard.ts";
import type { Gap } from "../gap.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { DAY_MS, MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { Replay } from "./replay.ts";
import type { ReplayedDays } from "./replay-days.ts";
import type { PathProblem } from "../grades/mark-path.ts";
import type { CostProblem } from "../grades/trading-cost.ts";
import type { KnownGaps } from "./known-gaps.ts";
import type { ReplayedGrade, ReplayedLedger } from "./replayed-ledger.ts";
import { isCutByGap } from "./trade.ts";
import { type Table, fixed, isoMinute, number, percent } from "./report-text.ts";
import { MAX_BUSIEST_SYMBOLS } from "../windows/busiest-symbols.ts";

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

const STRATEGIES: Readonly<Record<Baseline, string>> = {
  nothing: "always NOTHING",
  coin: "coin",
  random: "random times",
  fade: "fade the flow",
  follow: "follow the flow",
  rule: "rule model",
};

/** One row per horizon and strategy: the analyst, and the baselines it has to beat. */
export function scoreTable(ledger: ReplayedLedger, gaps: KnownGaps): Table {
  const header = [
    "horizon",
    "strategy",
    "graded",
    "episodes",
    "effective n",
    "hit rate",
    "95 % interval",
    "mean net bps",
    "95 % interval",
    "median net bps",
    "analyst more, bps",
    "95 % interval",
    "p-value",
    "Brier",
    "Brier skill",
    "Brier, calibrated",
    "Brier skill, calibrated",
  ];
  const scores = scoreHorizons(ledger.scored((grade) => isCutByGap(grade, gaps)));
  return { header, rows: HORIZON_NAMES.flatMap((horizon) => horizonRows(horizon, scores[horizon])) };
}

function horizonRows(horizon: Horizon, score: HorizonScore): readonly (readonly string[])[] {
  const own = [
    fixed(score.adjusted_p_value, 3),
    fixed(score.brier_score, 4),
    fixed(score.brier_skill, 3),
    fixed(score.brier_score_calibrated, 4),
    fixed(score.brier_skill_calibrated, 3),
  ];
  return [
    [horizon, "analyst", ...returnCells(score), "", "", ...own],
    ...BASELINES.map((name) => {
      const { difference, ...returns } = score.baselines[name];
      const { mean_bps: more, low, high } = difference;
      return [
        horizon,
        STRATEGIES[name],
        ...returnCells(returns),
        fixed(more, 1),
        interval(low, high, (value) => fixed(value, 1)),
        ...own.map(() => ""),
      ];
    }),
  ];
}

function returnCells(score: ReturnScore): readonly string[] {
  const counts = [String(score.graded), String(score.n_episodes)];
  if (score.verdict === "insufficient") return [...counts, "", "insufficient", "", "", "", ""];
  return [
    ...counts,
    fixed(score.effective_n, 0),
    percent(score.hit_rate),
    interval(score.hit_rate_low, score.hit_rate_high, percent),
    fixed(score.mean_net_return_bps, 1),
    interval(score.mean_net_return_low, score.mean_net_return_high, (value) => fixed(value, 1)),
    fixed(score.median_net_return_bps, 1),
  ];
}

function interval(low: number | null, high: number | null, text: (value: number) => string): string {
  return low === null || high === null ? "" : `${text(low)} to ${text(high)}`;
}

/** Notes on the table: its cost, its omissions, and the track record. */
export function scoreNotes(ledger: ReplayedLedger, gaps: KnownGaps): readonly string[] {
  return [
    `Net of the cost of the venue (fee, spread and impact at 10,000 USD) and funding; a decision of which a part is unknown counts in no net figure. No figures with fewer than ${MIN_SHOWN} graded decisions, and no intervals where they span too few days. Fade and follow trade every spike, including those decided NOTHING.`,
    "1h is the registered horizon; the others are exploratory, and their p-values are corrected for their number by Holm's method.",
    ...lostLines(ledger, gaps),
    ...(ledger.waiting === 0 ? [] : [`Grades still pending at the end of the replay: ${ledger.waiting}`]),
    ...ledger.records.map(({ key, settled: { state } }) => {
      const name = [key.analyst, key.model, key.prompt_version].filter((part) => part !== null).join(" ");
      const paper = state.muted ? `paper until a wealth of ${UNMUTED_AT}` : "not paper";
      return `Track record of ${name} at the end: wealth ${state.wealth.toFixed(2)} after ${state.episodes} episodes, ${paper}`;
    }),
  ];
}

const PATH_PROBLEMS: Readonly<Record<PathProblem, string>> = {
  no_entry_mark: "no mark near the entry",
  few_samples: "fewer than 30 mark prices in the minutes of the entry",
  no_exit_mark: "no mark of the venue near the exit",
  bad_mark: "a price that is not above zero",
};

const COSTS: Readonly<Record<CostProblem, string>> = {
  unknown_fee: "no taker fee of the venue",
  unknown_spread: "no spread at either end",
  unknown_impact: "no volume, or fewer than 30 returns, in the hour before",
  unknown_funding: "a settlement of funding whose rate or time is unknown",
};

/** The exits that are lost and the costs that are unknown, by reason and horizon. */
function lostLines({ grades }: ReplayedLedger, gaps: KnownGaps): readonly string[] {
  const lost = grades.filter(({ problem }) => problem !== null);
  const unknownCost = grades.filter(({ costProblem }) => costProblem !== null);
  const cut = grades.filter((grade) => isCutByGap(grade, gaps));
  return [
    lost.length === 0
      ? "Decisions without a grade: none"
      : `Decisions without a grade: ${lost.length} of ${grades.length} exits (${percent(lost.length / grades.length)}) are lost for want of a mark`,
    ...reasonLines(PATH_PROBLEMS, lost),
    ...(unknownCost.length === 0
      ? []
      : [`Decisions without a net return: of ${unknownCost.length} of ${grades.length} exits a part of the cost is unknown`]),
    ...reasonLines(COSTS, unknownCost),
    ...(cut.length === 0 ? [] : [`Grades cut by a gap of their venue, not counted: ${byHorizon(cut)}`]),
  ];
}

function reasonLines(reasons: Readonly<Record<string, string>>, grades: readonly ReplayedGrade[]): readonly string[] {
  return Object.entries(reasons).flatMap(([problem, text]) => {
    const own = grades.filter((grade) => (grade.problem ?? grade.costProblem) === problem);
    return own.length === 0 ? [] : [`  ${text}: ${byHorizon(own)}`];
  });
}

function byHorizon(grades: readonly ReplayedGrade[]): string {
  return HORIZON_NAMES.flatMap((name) => {
    const count = grades.filter(({ horizon }) => horizon === name).length;
    return count === 0 ? [] : [`${name} ${count}`];
  }).join(", ");
}
