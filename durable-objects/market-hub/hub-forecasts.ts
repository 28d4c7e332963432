import type { CascadeMachine } from "../../src/cascade/cascade-machine.ts";
import type { CascadeTransition } from "../../src/cascade/cascade-record.ts";
import type { Flow } from "../../src/cascade/flow.ts";
import type { HubEvent } from "../../src/cascade/hub-event.ts";
import type { ForecastModelFile } from "../../src/cascade-forecast/forecast-model-file.ts";
import type { ForecastBaselines } from "../../src/cascade-forecast/forecast-state.ts";
import { type GradedDay, readGradedDay } from "../../src/cascade-forecast/graded-day.ts";
import { type CurrentForecasts, LiveForecasts } from "../../src/cascade-forecast/live-forecasts.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { ObjectMemory } from "../object-memory.ts";

/** Where the hub keeps what it graded. */
const MEMORY_KEY = "forecast_days";

export interface HubForecastsDependencies {
  readonly machine: CascadeMachine;
  readonly baselines: ForecastBaselines;
  readonly memory: ObjectMemory;
  isCovered(range: TimeRange): boolean;
  /** The installed model; null where none may forecast. */
  readModel(): Promise<ForecastModelFile | null>;
  /** Stores days, each in place of the one of before. May throw: they are stored again. */
  saveDays(days: readonly GradedDay[]): Promise<void>;
}

/** The hub's forecasts of cascades. A fault of theirs must not keep an answer from a feed. */
export class HubForecasts {
  readonly #deps: HubForecastsDependencies;
  readonly #live: LiveForecasts;
  #beatTime = 0;

  constructor(deps: HubForecastsDependencies) {
    this.#deps = deps;
    const { machine, baselines, memory, isCovered } = deps;
    const stored = memory.read(MEMORY_KEY);
    const days = Array.isArray(stored) ? stored.flatMap((one) => readGradedDay(one) ?? []) : [];
    this.#live = new LiveForecasts({ machine, baselines, isCovered, days });
  }

  observe(event: HubEvent, flow: Flow): void {
    this.#guarded(() => this.#live.observe(event, flow));
  }

  /** @param time when the transition was caused, ms */
  noteTransitions(transitions: readonly CascadeTransition[], time: number): void {
    this.#guarded(() => {
      for (const transition of transitions) this.#live.noteTransition(transition, time);
    });
  }

  /** The current forecasts of a base asset, or of all. */
  current(symbol: string | null, now: number): CurrentForecasts {
    return this.#live.current(symbol, now);
  }

  /** Reads the model, grades and stores, once a minute. */
  async beat(now: number): Promise<void> {
    if (Math.abs(now - this.#beatTime) < MINUTE_MS) return;
    this.#beatTime = now;
    this.#live.serve(await this.#deps.readModel());
    this.#live.advance(now);
    const days = this.#live.grades.takeChanges();
    if (days.length === 0) return;
    try {
      this.#deps.memory.write(MEMORY_KEY, this.#live.grades.days);
      await this.#deps.saveDays(days);
    } catch (error) {
      this.#live.grades.keepChanges(days);
      throw error;
    }
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      writeLog("error", { event: "forecast_failed", error: messageOf(error) });
    }
  }
}
