import type { CurrentForecasts, SideForecast } from "../../src/cascade-forecast/live-forecasts.ts";

/** A forecast as the API shows it: the probability and how old it is, or the reason why there is none. */
export interface ShownForecast {
  readonly symbol: string;
  readonly position_side: SideForecast["position_side"];
  readonly probability: number | null;
  readonly withheld: string | null;
  readonly event_time: number | null;
  readonly age_ms: number | null;
  readonly is_alarm: boolean | null;
  readonly model_hash: string | null;
}

export function shownForecast(
  { symbol, position_side, probability, event_time, time, is_alarm, model_hash }: SideForecast,
  now: number,
): ShownForecast {
  return { symbol, position_side, probability, withheld: null, event_time, age_ms: Math.max(0, now - time), is_alarm, model_hash };
}

/** The highest of the forecasts that hold, highest first. */
export function highestForecasts({ forecasts }: CurrentForecasts, most: number, now: number): readonly ShownForecast[] {
  return forecasts
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, most)
    .map((one) => shownForecast(one, now));
}
