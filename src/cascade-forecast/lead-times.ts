/** How long before cascades the probability had reached the alarm. */
export interface LeadTimes {
  /** Cascades, and how many of them an alarm of at most 5 minutes before led. */
  readonly cascades: number;
  readonly led: number;
  /** Quantiles of the time from the first of these alarms to the cascade, seconds; null where none was led. */
  readonly p10_s: number | null;
  readonly p50_s: number | null;
  readonly p90_s: number | null;
}

/** @param leadsMs of the cascades that an alarm led */
export function leadTimes(cascades: number, leadsMs: readonly number[]): LeadTimes {
  const sorted = leadsMs.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const lead = sorted[Math.floor(share * (sorted.length - 1))];
    return lead === undefined ? null : lead / 1_000;
  };
  return { cascades, led: sorted.length, p10_s: at(0.1), p50_s: at(0.5), p90_s: at(0.9) };
}
