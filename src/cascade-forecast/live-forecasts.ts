import type { CascadeMachine } from "../cascade/cascade-machine.ts";
import type { CascadeTransition } from "../cascade/cascade-record.ts";
import type { Flow } from "../cascade/flow.ts";
import type { HubEvent } from "../cascade/hub-event.ts";
import type { PositionSide } from "../liquidation.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { FORECAST_FEATURES, writeFeatures } from "./forecast-features.ts";
import { ForecastGrades } from "./forecast-grades.ts";
import { FORECAST_HORIZON_MS, ForecastScorer } from "./forecast-model.ts";
import type { ForecastModelFile } from "./forecast-model-file.ts";
import { type ForecastBaselines, ForecastState } from "./forecast-state.ts";
import type { GradedDay } from "./graded-day.ts";
import { RecentCoverage } from "./recent-coverage.ts";
import { sideStates } from "./side-states.ts";

/** The probability that a cascade of a symbol and side becomes active within 5 minutes of its last liquidation. */
export interface SideForecast {
  readonly symbol: string;
  readonly position_side: PositionSide;
  readonly probability: number;
  /** Of the liquidation: as the venue dates it, and when it was received, ms. */
  readonly event_time: number;
  readonly time: number;
  /** Of the model. */
  readonly model_hash: string;
  /** Whether the probability reached the model's alarm. */
  readonly is_alarm: boolean;
}

/** A model, ready to be evaluated. */
interface Served {
  readonly model: ForecastModelFile;
  readonly scorer: ForecastScorer;
  /** It says nothing of base assets that it was not trained on. */
  readonly symbols: ReadonlySet<string>;
}

/** The forecasts that hold, and the sides that have none because a cascade of theirs runs. */
export interface CurrentForecasts {
  readonly forecasts: readonly SideForecast[];
  readonly running: readonly { readonly symbol: string; readonly position_side: PositionSide }[];
  /** False where too few venues were connected in the last 15 minutes: nothing is forecast then. */
  readonly is_covered: boolean;
}

export interface LiveForecastsDependencies {
  readonly machine: CascadeMachine;
  readonly baselines: ForecastBaselines;
  /** Whether enough venues were connected in a range, ms. */
  isCovered(range: TimeRange): boolean;
  /** What was graded before a restart. */
  readonly days: readonly GradedDay[];
}

/** The forecasts of the hub, made at each liquidation and graded five minutes later. Without a model it only remembers what features need. */
export class LiveForecasts {
  readonly grades: ForecastGrades;
  readonly #machine: CascadeMachine;
  readonly #state: ForecastState;
  readonly #features = new Float64Array(FORECAST_FEATURES.length);
  readonly #current = new Map<string, SideForecast>();
  /** The last cascade of each side: one that resumes has the same id again. */
  readonly #started = new Map<string, string>();
  readonly #coverage: RecentCoverage;
  #served: Served | null = null;

  constructor({ machine, baselines, isCovered, days }: LiveForecastsDependencies) {
    this.#machine = machine;
    this.#state = new ForecastState(baselines);
    this.grades = new ForecastGrades(isCovered, days);
    this.#coverage = new RecentCoverage(isCovered);
  }

  /** Forecasts by this model from now on; by none for null. Earlier forecasts of another are shown no more, and still graded. */
  serve(model: ForecastModelFile | null): void {
    if (model?.hash === this.#served?.model.hash) return;
    this.#served = model === null ? null : { model, scorer: new ForecastScorer(model), symbols: new Set(model.symbols) };
    this.#current.clear();
  }

  /** Takes in a new liquidation, after the cascade machine did. */
  observe(event: HubEvent, flow: Flow): void {
    const { symbol, position_side: side, event_time, received_time: time } = event;
    const states = sideStates(this.#machine, symbol, side);
    const input = this.#state.observe(event, flow, states);
    if (this.#served === null || !this.#served.symbols.has(symbol)) return;
    const key = `${symbol}|${side}`;
    if (states.isRunning || !this.#coverage.at(time)) {
      this.#current.delete(key);
      return;
    }
    writeFeatures(input, this.#features);
    const { model, scorer } = this.#served;
    const probability = scorer.probability(this.#features);
    const isAlarm = probability >= model.test.alarm_probability;
    this.#current.set(key, { symbol, position_side: side, probability, event_time, time, model_hash: model.hash, is_alarm: isAlarm });
    this.grades.add(symbol, side, { time, probability, modelHash: model.hash, isAlarm });
  }

  /** @param time of the liquidation that caused it, or of the beat, ms */
  noteTransition({ kind, record: { symbol, position_side: side, cascade_id: id } }: CascadeTransition, time: number): void {
    const key = `${symbol}|${side}`;
    if (kind !== "started" || this.#started.get(key) === id) return;
    this.#started.set(key, id);
    this.#state.started(symbol, side, time);
    this.#current.delete(key);
    if (this.#served?.symbols.has(symbol) === true) this.grades.started(symbol, side, time, this.#served.model.hash);
  }

  /** The forecasts whose five minutes are not over. @param symbol null for all */
  current(symbol: string | null, now: number): CurrentForecasts {
    const isWanted = (one: { readonly symbol: string }) => symbol === null || one.symbol === symbol;
    const isCovered = this.#coverage.at(now);
    const running = this.#machine.running().filter(({ state }) => state !== "building");
    return {
      is_covered: isCovered,
      forecasts: [...this.#current.values()].filter((one) => isCovered && isWanted(one) && one.time + FORECAST_HORIZON_MS > now),
      running: running.filter(isWanted).map(({ symbol: name, position_side }) => ({ symbol: name, position_side })),
    };
  }

  advance(now: number): void {
    this.grades.advance(now);
    this.#state.forget(now);
    for (const [key, { time }] of this.#current) if (time + FORECAST_HORIZON_MS <= now) this.#current.delete(key);
  }
}
