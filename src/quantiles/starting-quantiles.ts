/** Pairs `[share, value]`, both ascending. */
export type QuantileTable = readonly (readonly [share: number, value: number])[];

export interface StartingQuantiles {
  /** Of minutes, USD/s. */
  readonly velocity: QuantileTable;
  /** The median at a liquidation, USD/s. */
  readonly eventVelocity: number;
  /** The median number of liquidations in the minute that ends with one. */
  readonly eventCount: number;
}

/**
 * Quantiles of one side of a symbol over the minutes of a week, over all venues, and medians over its liquidations, used
 * until 24 hours of own history exist. They are orders of magnitude, not measurements: those of minutes were set by hand in
 * 2026-11, those of liquidations are a simulated week's (`npm run simulate-market`).
 */
const BTC: StartingQuantiles = {
  velocity: [
    [0.5, 20],
    [0.75, 200],
    [0.9, 1_500],
    [0.95, 4_000],
    [0.99, 25_000],
    [0.999, 150_000],
    [1, 2_000_000],
  ],
  eventVelocity: 240,
  eventCount: 5,
};

/** Scale of USD by base asset, relative to Bitcoin; `*` for all others. */
const SIZES: Readonly<Record<string, number>> = { BTC: 1, ETH: 0.8, SOL: 0.25, "*": 0.05 };

export function startingQuantiles(symbol: string): StartingQuantiles {
  const size = SIZES[symbol] ?? SIZES["*"] ?? 1;
  const velocity = BTC.velocity.map(([share, value]) => [share, value * size] as const);
  return { velocity, eventVelocity: BTC.eventVelocity * size, eventCount: BTC.eventCount };
}

/** The value at a share, interpolated linearly between the points of the table. */
export function tableQuantile(table: QuantileTable, wanted: number): number {
  let [lowShare, lowValue] = [0, 0];
  for (const [share, bound] of table) {
    if (wanted <= share) return lowValue + ((bound - lowValue) * (wanted - lowShare)) / (share - lowShare);
    [lowShare, lowValue] = [share, bound];
  }
  return lowValue;
}
