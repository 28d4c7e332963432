/** What was known at a liquidation, and whether a cascade of its symbol and side followed. */
export interface ForecastRow {
  readonly symbol: string;
  readonly side: "long" | "short";
  /** Receipt of the liquidation, ms. */
  readonly time: number;
  /** In the order of `FORECAST_FEATURES`; NaN where unknown. */
  readonly features: Float64Array;
  /** When the cascade became active; null where none did within the horizon, ms. */
  readonly cascadeTime: number | null;
  /** How many like it the row stands for. */
  readonly weight: number;
}

/** A cascade that became active. */
export interface CascadeStart {
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly time: number;
}

export function isFollowed({ cascadeTime }: ForecastRow): boolean {
  return cascadeTime !== null;
}

/** Of a row's cascade: rows of one count once where cascades are counted. */
export function cascadeKey({ symbol, side, cascadeTime }: ForecastRow): string {
  return `${symbol}|${side}|${cascadeTime}`;
}

export function cascadeCount(rows: readonly ForecastRow[]): number {
  return new Set(rows.filter(isFollowed).map(cascadeKey)).size;
}
