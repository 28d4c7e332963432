import type { PositionSide } from "../liquidation.ts";
import { DAY_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { FORECAST_HORIZON_MS, FORECAST_SPACING_MS } from "./forecast-model.ts";
import { type GradedDay, newGradedDay } from "./graded-day.ts";
import { binOf } from "./reliability.ts";

/** In a day's row; more are counted. */
const MAX_ALARMS = 100;
/** Days that are over are kept until they are certainly stored. */
const KEPT_MS = 2 * DAY_MS;

/** A forecast whose outcome is not known yet. */
export interface OpenForecast {
  readonly time: number;
  readonly probability: number;
  readonly modelHash: string;
  readonly isAlarm: boolean;
}

/**
 * Grades forecasts as the training does: at most one in ten seconds of a symbol and side, followed where a cascade of it becomes
 * active within five minutes. Those that wait for their outcome are lost in a restart, whatever it would have been.
 */
export class ForecastGrades {
  readonly #isCovered: (range: TimeRange) => boolean;
  readonly #open = new Map<string, readonly OpenForecast[]>();
  readonly #days = new Map<string, GradedDay>();
  #changed = new Set<string>();

  /** @param isCovered whether enough venues were connected in a range, for a cascade in it to be seen */
  constructor(isCovered: (range: TimeRange) => boolean, days: readonly GradedDay[] = []) {
    this.#isCovered = isCovered;
    for (const day of days) this.#days.set(keyOf(day.day, day.model_hash), day);
  }

  /** The days in memory. */
  get days(): readonly GradedDay[] {
    return [...this.#days.values()];
  }

  add(symbol: string, side: PositionSide, forecast: OpenForecast): void {
    const key = `${symbol}|${side}`;
    this.#close(key, forecast.time);
    const open = this.#open.get(key) ?? [];
    if (forecast.time - (open.at(-1)?.time ?? -Infinity) >= FORECAST_SPACING_MS) this.#open.set(key, [...open, forecast]);
  }

  /** A cascade became active. */
  started(symbol: string, side: PositionSide, time: number, modelHash: string): void {
    const key = `${symbol}|${side}`;
    this.#close(key, time);
    const open = (this.#open.get(key) ?? []).filter((one) => one.time < time);
    this.#open.delete(key);
    const alarm = open.find(({ isAlarm }) => isAlarm);
    for (const one of open) this.#grade(key, one, time, one === alarm);
    this.#change(floorTo(time, DAY_MS), modelHash, (day) => ({
      ...day,
      cascades: day.cascades + 1,
      leads_ms: alarm === undefined ? day.leads_ms : [...day.leads_ms, time - alarm.time],
    }));
  }

  /** Grades the forecasts whose horizon is over; forgets old days. */
  advance(now: number): void {
    for (const key of this.#open.keys()) this.#close(key, now);
    for (const [key, { day }] of this.#days) if (day < now - KEPT_MS && !this.#changed.has(key)) this.#days.delete(key);
  }

  /** The days that changed since the last call. */
  takeChanges(): readonly GradedDay[] {
    const days = [...this.#changed].flatMap((key) => this.#days.get(key) ?? []);
    this.#changed = new Set();
    return days;
  }

  /** Days that could not be stored change again. */
  keepChanges(days: readonly GradedDay[]): void {
    for (const { day, model_hash } of days) this.#changed.add(keyOf(day, model_hash));
  }

  #close(key: string, now: number): void {
    const open = this.#open.get(key) ?? [];
    const over = open.filter(({ time }) => time + FORECAST_HORIZON_MS < now);
    if (over.length === 0) return;
    if (over.length === open.length) this.#open.delete(key);
    else this.#open.set(key, open.slice(over.length));
    const alarm = over.find(({ isAlarm }) => isAlarm);
    for (const one of over) this.#grade(key, one, null, one === alarm);
  }

  #grade(key: string, { time, probability, modelHash, isAlarm }: OpenForecast, cascadeTime: number | null, isFirst: boolean): void {
    const isKnown = this.#isCovered({ start: time, end: time + FORECAST_HORIZON_MS });
    const [symbol = "", side] = key.split("|");
    const graded = {
      symbol,
      position_side: side === "short" ? ("short" as const) : ("long" as const),
      time,
      probability,
      cascade_time: cascadeTime,
    };
    this.#change(floorTo(time, DAY_MS), modelHash, (day) => {
      if (!isKnown) return { ...day, not_covered: day.not_covered + 1 };
      const bins = day.bins.with(binOf(probability), addTo(day.bins[binOf(probability)], probability, cascadeTime !== null));
      if (!isAlarm || !isFirst) return { ...day, bins };
      if (day.alarms.length >= MAX_ALARMS) return { ...day, bins, alarms_not_listed: day.alarms_not_listed + 1 };
      return { ...day, bins, alarms: [...day.alarms, graded] };
    });
  }

  #change(day: number, modelHash: string, change: (day: GradedDay) => GradedDay): void {
    const key = keyOf(day, modelHash);
    this.#days.set(key, change(this.#days.get(key) ?? newGradedDay(day, modelHash)));
    this.#changed.add(key);
  }
}

function addTo(bin: GradedDay["bins"][number] | undefined, probability: number, isFollowed: boolean): GradedDay["bins"][number] {
  const { forecasts = 0, probability: sum = 0, followed = 0 } = bin ?? {};
  return { forecasts: forecasts + 1, probability: sum + probability, followed: followed + Number(isFollowed) };
}

function keyOf(day: number, modelHash: string): string {
  return `${day}|${modelHash}`;
}
