import {
  type Grade,
  type GradedAction,
  HEADLINE_HORIZON,
  HORIZON_NAMES,
  type Horizon,
  dueTime,
  entryMinute,
  gradeOf,
  matchedTrade,
  mayStillCome,
} from "../grades/grade.ts";
import { NOT_ASKED, ruleFields } from "../signals/decision-parts.ts";
import { type ChainHead, GENESIS } from "../signals/hash-chain.ts";
import { sealDecision, type SignalRecord } from "../signals/ledger.ts";
import { ruleVerdict } from "../signals/rule-model.ts";
import type { ServedRules } from "../signals/rule-model-file.ts";
import type { GradedDecision } from "../scoreboard/scoreboard.ts";
import { signalId } from "../signals/signal-id.ts";
import { type SignalInput, comparedWindow, dominantSide } from "../signals/signal-input.ts";
import { type PastForecast, calibrationOf } from "../scoreboard/calibration.ts";
import {
  type RecordKey,
  type RecordedDecision,
  type SettledRecord,
  UNSETTLED,
  recordName,
  settled,
  standingOf,
  tradesOf,
} from "../scoreboard/track-record.ts";
import type { PositionSide } from "../liquidation.ts";
import { SECOND_MS } from "../windows/calendar.ts";
import type { Judgement } from "./analyst.ts";
import { ENTRY_DELAYS_S } from "./entry-delays.ts";
import type { MarkPath, PathProblem } from "../grades/mark-path.ts";
import { hoursToDraw } from "../grades/random-times.ts";
import { type CostProblem, costProblem } from "../grades/trading-cost.ts";
import type { TakerFees } from "../grades/taker-fees.ts";
import type { MarkBook } from "./mark-book.ts";

/** The number of decisions that calibration is fitted on, as live. */
const MAX_FORECASTS = 1_000;

/** A record without its input, which takes about 20 kB. */
export type ReplayedSignal = Omit<SignalRecord, "statistics">;

/** The outcome of a signal over a horizon. */
export interface ReplayedGrade {
  readonly signal: ReplayedSignal;
  readonly horizon: Horizon;
  /** The side with the larger liquidations; null where neither dominated. */
  readonly side: PositionSide | null;
  readonly path: MarkPath | null;
  readonly grade: Grade | null;
  /** Why there is no path. */
  readonly problem: PathProblem | null;
  /** The part of the path's cost that is unknown, so that there is no net return. */
  readonly costProblem: CostProblem | null;
  /** The price at each of `ENTRY_DELAYS_S` after the decision; null where unknown, or at or after the exit. */
  readonly delayedEntries: readonly (number | null)[];
}

interface Due {
  readonly signal: ReplayedSignal;
  readonly graded: GradedAction;
  readonly horizon: Horizon;
  readonly time: number;
}

/** The record of an analyst, model and prompt. */
interface ReplayedRecord {
  readonly key: RecordKey;
  readonly settled: SettledRecord;
  /** BUY and SELL decisions that are not settled yet, in ledger order. */
  readonly open: readonly RecordedDecision[];
  /** The graded ones, newest first. */
  readonly forecasts: readonly (PastForecast & { readonly sequence: number })[];
}

/**
 * The ledger of a replay: decisions are calibrated by the analyst's past, chained, and graded after their horizons, as
 * live.
 */
export class ReplayedLedger {
  readonly #rules: ServedRules | null;
  readonly #signals: ReplayedSignal[] = [];
  readonly #grades: ReplayedGrade[] = [];
  #head: ChainHead = GENESIS;
  #due: readonly Due[] = [];
  readonly #records = new Map<string, ReplayedRecord>();

  /** @param rules the trained rule model beside the analyst; null where today's rules are */
  constructor(rules: ServedRules | null = null) {
    this.#rules = rules;
  }

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

  /** The records at the end, in the order in which they began. */
  get records(): readonly Pick<ReplayedRecord, "key" | "settled">[] {
    return [...this.#records.values()].map((record) => ({ key: record.key, settled: settled(record.settled, record.open) }));
  }

  /**
   * The graded decisions, for the scoreboard.
   * @param isLeftOut whether a grade does not count
   */
  scored(isLeftOut: (grade: ReplayedGrade) => boolean = () => false): readonly GradedDecision[] {
    return this.#grades.flatMap((one) => {
      const { signal, grade, horizon } = one;
      return grade === null || isLeftOut(one) ? [] : [{ ...signal, ...grade, horizon }];
    });
  }

  async add(input: SignalInput, { verdict, forecast = NOT_ASKED, ...judgement }: Judgement): Promise<ReplayedSignal> {
    const record = this.#recordOf(judgement);
    const { calibrate, ...standing } = standingOf(record.settled, this.#grades.length, calibrationOf(record.forecasts));
    const { long, short } = comparedWindow(input).sides;
    const { statistics: _input, ...signal } = await sealDecision(
      {
        ...verdict,
        ...judgement,
        signal_id: signalId(input),
        minute: input.minute,
        symbol: input.symbol,
        window: input.window,
        trigger: input.trigger.kind,
        calibrated_probability: verdict.action === "NOTHING" ? null : calibrate(verdict.confidence),
        ...standing,
        long_change_pct: long.change_pct,
        short_change_pct: short.change_pct,
        statistics: input,
        ...forecast,
        ...ruleFields(ruleVerdict(input, this.#rules)),
      },
      this.#head,
    );
    this.#head = { sequence: signal.sequence, hash: signal.hash };
    this.#signals.push(signal);
    for (const { key } of tradesOf(signal)) {
      const own = this.#recordOf(key);
      this.#write({ ...own, open: [...own.open, { ...signal, outcome: "pending" }] });
    }
    const graded = { ...signal, side: dominantSide(input)?.side ?? null };
    const due = HORIZON_NAMES.map((horizon) => ({ signal, graded, horizon, time: dueTime(signal, horizon) }));
    this.#due = [...this.#due, ...due];
    return signal;
  }

  /** Computes the grades that are due at the minute of a run; one with a mark that may still arrive waits. */
  grade(now: number, marks: MarkBook, fees: TakerFees): void {
    if (this.#due.every(({ time }) => time > now)) return;
    const due = this.#due.filter(({ time }) => time <= now).toSorted((a, b) => a.time - b.time || a.signal.sequence - b.signal.sequence);
    const waiting = due.filter((one) => !this.#give(one, now, marks, fees));
    this.#due = [...waiting, ...this.#due.filter(({ time }) => time > now)];
  }

  /** @returns whether the grade is settled */
  #give({ signal, graded, horizon, time }: Due, now: number, marks: MarkBook, fees: TakerFees): boolean {
    const { symbol } = signal;
    const { side } = graded;
    const path = marks.path(symbol, entryMinute(signal), horizon, now, fees);
    if (typeof path === "string") {
      if (mayStillCome(time, now)) return false;
      this.#grades.push({ signal, horizon, side, path: null, grade: null, problem: path, costProblem: null, delayedEntries: [] });
      this.#remember(signal, horizon, null);
      return true;
    }
    const matched = matchedTrade(graded, horizon, path);
    const hours = matched === null ? [] : marks.hours(symbol, path.exchange, hoursToDraw(matched));
    const grade = gradeOf(graded, horizon, path, hours);
    const delayedEntries = ENTRY_DELAYS_S.map((delay) => {
      const entryTime = signal.created_time + delay * SECOND_MS;
      return entryTime >= path.exitTime ? null : marks.priceAt(symbol, path.exchange, entryTime);
    });
    this.#grades.push({
      signal,
      horizon,
      side,
      path,
      grade,
      problem: null,
      costProblem: costProblem(path),
      delayedEntries,
    });
    this.#remember(signal, horizon, grade);
    return true;
  }

  /** Adds an outcome to the records that its decision counts in. */
  #remember(signal: ReplayedSignal, horizon: Horizon, grade: Grade | null): void {
    if (horizon !== HEADLINE_HORIZON) return;
    const { sequence } = signal;
    for (const { key, confidence, of } of tradesOf(signal)) {
      const net = (of === "rule" ? grade?.rule_net_return_bps : grade?.net_return_bps) ?? null;
      const record = this.#recordOf(key);
      const open = record.open.map((one) => (one.sequence === sequence ? { ...one, outcome: net ?? ("ungradable" as const) } : one));
      const forecasts = net === null ? record.forecasts : [{ sequence, confidence, hit: net > 0 }, ...record.forecasts];
      this.#write({ ...record, open, forecasts: forecasts.toSorted((a, b) => b.sequence - a.sequence).slice(0, MAX_FORECASTS) });
    }
  }

  #recordOf({ analyst, model, prompt_version }: RecordKey): ReplayedRecord {
    const key = { analyst, model, prompt_version };
    return this.#records.get(recordName(key)) ?? { key, settled: UNSETTLED, open: [], forecasts: [] };
  }

  /** Keeps a record, its open decisions without those that are settled. */
  #write(record: ReplayedRecord): void {
    const next = settled(record.settled, record.open);
    const open = record.open.filter(({ sequence }) => sequence > next.sequence);
    this.#records.set(recordName(record.key), { ...record, settled: next, open });
  }
}
