import type { CascadeForecasts } from "../../api/schema.ts";
import { countText, shareText } from "../../parts/format.ts";

type Live = NonNullable<CascadeForecasts["live"]>;

/** What the test and the live record have in common. */
interface Outcomes {
  readonly reliability: readonly Live["reliability"][number][];
  readonly lead_times: Live["lead_times"];
}

/** What came true of forecasts: those of the test, or those made live. */
export interface ForecastRecord {
  readonly name: "tested" | "live";
  readonly reliability: Outcomes["reliability"];
  readonly leads: string;
}

export interface ReliabilityRow {
  readonly range: string;
  /** Share that came true and number of forecasts, by record; null without one. */
  readonly shares: readonly (number | null)[];
  readonly counts: readonly number[];
}

export function testRecord({ test }: { readonly test: Outcomes }): ForecastRecord {
  return { name: "tested", reliability: test.reliability, leads: leadText("On the tested days", test.lead_times) };
}

export function liveRecord({ reliability, lead_times }: Outcomes): ForecastRecord {
  return { name: "live", reliability, leads: leadText("Live", lead_times) };
}

/** The bins that any record has forecasts in. */
export function reliabilityRows(records: readonly ForecastRecord[]): readonly ReliabilityRow[] {
  const bins = records[0]?.reliability ?? [];
  const rows = bins.map(({ from, to }, index) => ({
    range: `${shareText(from)} to ${shareText(to)}`,
    shares: records.map(({ reliability }) => reliability[index]?.followed_share ?? null),
    counts: records.map(({ reliability }) => reliability[index]?.forecasts ?? 0),
  }));
  return rows.filter(({ counts }) => counts.some((count) => count > 0));
}

function leadText(when: string, { cascades, led, p10_s, p50_s, p90_s }: Live["lead_times"]): string {
  if (cascades === 0) return `${when} no cascade came.`;
  const times =
    p10_s === null || p50_s === null || p90_s === null
      ? ""
      : `, by ${p50_s.toFixed(0)} s in the median (80 % between ${p10_s.toFixed(0)} and ${p90_s.toFixed(0)} s)`;
  return `${when} an alarm led ${countText(led)} of ${countText(cascades)} cascades${times}.`;
}
