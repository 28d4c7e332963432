import type { PositionSide } from "../liquidation.ts";
import {
  type Grade,
  HEADLINE_HORIZON,
  HORIZON_NAMES,
  type Horizon,
  dueTime,
  entryMinute,
  gradeOf,
  mayStillCome,
  randomEntryMinute,
} from "../signals/grade.ts";
import { GENESIS, type LedgerHead, type SignalRecord, sealDecision } from "../signals/ledger.ts";
import { ruleVerdict } from "../signals/rule-model.ts";
import type { GradedDecision } from "../signals/scoreboard.ts";
import { signalId } from "../signals/signal-id.ts";
import { type SignalInput, comparedWindow, dominantSide } from "../signals/signal-input.ts";
import { type PastForecast, type Standing, standing } from "../signals/track-record.ts";
import type { Judgement } from "./analyst.ts";
import type { MarkBook, TimedPath } from "./mark-book.ts";

/** The number of decisions that calibration is fitted on, as live. */
const MAX_FORECASTS = 1_000;

/** A record without its input, which takes about 20 kB. */
export type ReplayedSignal = Omit<SignalRecord, "statistics">;

/** The outcome of a signal over a horizon: a grade, or the reason why there is none. */
export interface ReplayedGrade {
  readonly signal: ReplayedSignal;
  readonly horizon: Horizon;
  readonly path: TimedPath | null;
  readonly grade: Grade | null;
  readonly problem: "no_entry_mark" | "no_exit_mark" | null;
}

interface Due {
  readonly signal: ReplayedSignal;
  readonly side: PositionSide | null;
  readonly horizon: Horizon;
  readonly time: number;
}

/**
 * The ledger of a replay: decisions are calibrated by the analyst's past, chained, and graded after their horizons, as
 * live.
 */
export class ReplayedLedger {
  readonly #signals: ReplayedSignal[] = [];
  readonly #grades: ReplayedGrade[] = [];
  #head: LedgerHead = GENESIS;
  #due: readonly Due[] = [];
  /** Newest first. */
  #past: readonly (PastForecast & { readonly sequence: number })[] = [];

  get signals(): readonly ReplayedSignal[] {
    return this.#signals;
  }

  get grades(): readonly ReplayedGrade[] {
    return this.#grades;
  }

  /** Number of pending grades. */
  get waiting(): number {
    return this.#due.length;
  }

  get standing(): Standing {
    return standing(this.#past);
  }

  /** The graded decisions of one horizon, for the scoreboard. */
  scored(horizon: Horizon): readonly GradedDecision[] {
    return this.#grades.flatMap(({ signal, grade, horizon: own }) => {
      if (own !== horizon || grade === null) return [];
      const { action, confidence, calibrated_probability } = signal;
      return [{ ...grade, horizon, action, confidence, calibrated_probability }];
    });
  }

  async add(input: SignalInput, { verdict, ...judgement }: Judgement): Promise<ReplayedSignal> {
    const { paper, calibrate } = this.standing;
    const { long, short } = comparedWindow(input).sides;
    const { statistics: _input, ...signal } = await sealDecision(
      {
        ...verdict,
        ...judgement,
        signal_id: signalId(input.symbol, input.window, input.minute),
        minute: input.minute,
        symbol: input.symbol,
        window: input.window,
        calibrated_probability: verdict.action === "NOTHING" ? null : calibrate(verdict.confidence),
        paper,
        long_change_pct: long.change_pct,
        short_change_pct: short.change_pct,
        statistics: input,
        rule_action: ruleVerdict(input).action,
      },
      this.#head,
    );
    this.#head = { sequence: signal.sequence, hash: signal.hash };
    this.#signals.push(signal);
    const side = dominantSide(input)?.side ?? null;
    const due = HORIZON_NAMES.map((horizon) => ({ signal, side, horizon, time: dueTime(signal.created_time, horizon) }));
    this.#due = [...this.#due, ...due];
    return signal;
  }

  /** Computes the grades that are due at the minute of a run; one with a mark that may still arrive waits. */
  grade(now: number, marks: MarkBook): void {
    if (this.#due.every(({ time }) => time > now)) return;
    const due = this.#due.filter(({ time }) => time <= now).toSorted((a, b) => a.time - b.time || a.signal.sequence - b.signal.sequence);
    const waiting = due.filter((one) => !this.#give(one, now, marks));
    this.#due = [...waiting, ...this.#due.filter(({ time }) => time > now)];
  }

  /** @returns whether the grade is settled */
  #give({ signal, side, horizon, time }: Due, now: number, marks: MarkBook): boolean {
    const { symbol, action, created_time, hash } = signal;
    const path = marks.path(symbol, entryMinute(created_time), horizon, now);
    if (typeof path === "string") {
      if (mayStillCome(time, now)) return false;
      this.#grades.push({ signal, horizon, path: null, grade: null, problem: path });
      return true;
    }
    const random = marks.path(symbol, randomEntryMinute(created_time, horizon, hash), horizon, now);
    const grade = gradeOf(action, side, path, typeof random === "string" ? null : random);
    this.#grades.push({ signal, horizon, path, grade, problem: null });
    if (horizon === HEADLINE_HORIZON && grade.net_return_bps !== null) this.#remember(signal, grade.net_return_bps > 0);
    return true;
  }

  #remember({ sequence, confidence, calibrated_probability }: ReplayedSignal, hit: boolean): void {
    const past = [{ sequence, confidence, calibrated_probability, hit }, ...this.#past];
    this.#past = past.toSorted((a, b) => b.sequence - a.sequence).slice(0, MAX_FORECASTS);
  }
}
