import { FORECAST_HORIZON_MS } from "../cascade-forecast/forecast-model.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../windows/calendar.ts";
import type { ForecastRow } from "./forecast-row.ts";

export const FORECAST_FOLDS = 5;
/** Time between the last outcome that a model is trained on and the first forecast that it is tested on, ms. */
export const FORECAST_EMBARGO_MS = HOUR_MS;

/** Later days, and the earlier rows that a model for them may be trained on. Times in ms. */
export interface ForecastFoldRows {
  readonly from: number;
  readonly to: number;
  readonly training: readonly ForecastRow[];
  readonly test: readonly ForecastRow[];
}

/**
 * The second half of the days in five parts, or in as many as there are days. Each is tested on a model of what was known an
 * hour before it: no outcome on one side overlaps a forecast on the other (López de Prado 2018, Advances in Financial Machine
 * Learning, chapter 7). No fold with fewer than four days.
 */
export function walkForwardDays(rows: readonly ForecastRow[]): readonly ForecastFoldRows[] {
  const days = [...new Set(rows.map(({ time }) => floorTo(time, DAY_MS)))].toSorted((a, b) => a - b);
  if (days.length < 4) return [];
  const first = Math.ceil(days.length / 2);
  const folds = Math.min(FORECAST_FOLDS, days.length - first);
  const edge = (fold: number) =>
    fold === folds ? (days.at(-1) ?? 0) + DAY_MS : (days[first + Math.floor((fold * (days.length - first)) / folds)] ?? 0);
  return Array.from({ length: folds }, (_, fold) => {
    const [from, to] = [edge(fold), edge(fold + 1)];
    return {
      from,
      to,
      training: rows.filter(({ time }) => time + FORECAST_HORIZON_MS <= from - FORECAST_EMBARGO_MS),
      test: rows.filter(({ time }) => time >= from && time < to),
    };
  });
}
