interface EstimateBarProps {
  readonly reported: number;
  /** Null where no estimate is published: the bar then ends with what was reported. */
  readonly estimated: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** The USD at the right end of the bars of a table. */
  readonly most: number;
}

/** What a venue reported, solid; what it is estimated to have left out, hatched; and the interval, as a whisker. The numbers stand beside it. */
export function EstimateBar({ reported, estimated, low, high, most }: EstimateBarProps) {
  const at = (usd: number) => `${(100 * Math.max(0, Math.min(usd, most))) / (most || 1)}%`;
  return (
    <span class="estimate-bar" aria-hidden="true">
      <span class="estimate-reported" style={{ width: at(reported) }} />
      {estimated === null ? null : (
        <span class="estimate-hidden fill-hatched" style={{ left: at(reported), width: at(estimated - reported) }} />
      )}
      {low === null || high === null ? null : <span class="estimate-whisker" style={{ left: at(low), width: at(high - low) }} />}
    </span>
  );
}
