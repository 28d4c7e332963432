import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../../src/windows/calendar.ts";

/** A length of the chart's candles, and how far back the chart reaches with it. */
export interface ChartStep {
  readonly name: string;
  readonly ms: number;
  readonly rangeMs: number;
  /** How the API serves it: mark prices as candles of `marks`, sums of `totals`; null for seconds, which come from single events. */
  readonly stored: { readonly marks: "1m" | "5m" | "15m" | "1h"; readonly totals: "1m" | "1h" } | null;
}

export const CHART_STEPS = [
  { name: "1s", ms: SECOND_MS, rangeMs: 6 * MINUTE_MS, stored: null },
  { name: "5s", ms: 5 * SECOND_MS, rangeMs: 30 * MINUTE_MS, stored: null },
  { name: "15s", ms: 15 * SECOND_MS, rangeMs: 60 * MINUTE_MS, stored: null },
  { name: "1m", ms: MINUTE_MS, rangeMs: 4 * HOUR_MS, stored: { marks: "1m", totals: "1m" } },
  { name: "5m", ms: 5 * MINUTE_MS, rangeMs: 12 * HOUR_MS, stored: { marks: "5m", totals: "1m" } },
  { name: "15m", ms: 15 * MINUTE_MS, rangeMs: 16 * HOUR_MS, stored: { marks: "15m", totals: "1m" } },
  { name: "1h", ms: HOUR_MS, rangeMs: 46 * HOUR_MS, stored: { marks: "1h", totals: "1h" } },
] as const satisfies readonly ChartStep[];

export function chartStepOf(name: string | null): ChartStep {
  return CHART_STEPS.find((step) => step.name === name) ?? CHART_STEPS[3];
}
