/** Pairs `[share, value]`, both ascending. */
export type QuantileTable = readonly (readonly [share: number, value: number])[];

export interface StartingQuantiles {
  /** USD/s. */
  readonly velocity: QuantileTable;
  /** USD. */
  readonly cumUsd5m: QuantileTable;
}

/**
 * Quantiles of one side of a symbol over the minutes of a week, over all venues, used until 24 hours of own history
 * exist. They are orders of magnitude set by hand in 2026-11, not measurements: scores based on them are marked
 * `heuristic`.
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
  cumUsd5m: [
    [0.5, 5_000],
    [0.75, 50_000],
    [0.9, 350_000],
    [0.95, 900_000],
    [0.99, 5_000_000],
    [0.999, 30_000_000],
    [1, 400_000_000],
  ],
};

/** Scale by base asset, relative to Bitcoin; `*` for all others. */
const SIZES: Readonly<Record<string, number>> = { BTC: 1, ETH: 0.8, SOL: 0.25, "*": 0.05 };

export function startingQuantiles(symbol: string): StartingQuantiles {
  const size = SIZES[symbol] ?? SIZES["*"] ?? 1;
  const scaled = (table: QuantileTable): QuantileTable => table.map(([share, value]) => [share, value * size]);
  return { velocity: scaled(BTC.velocity), cumUsd5m: scaled(BTC.cumUsd5m) };
}

/** Share of the table's values below this one, interpolated linearly between its points (the first one from 0). */
export function tableRank(table: QuantileTable, value: number): number {
  let [lowShare, lowValue] = [0, 0];
  for (const [share, bound] of table) {
    if (value < bound) return value <= lowValue ? lowShare : lowShare + ((share - lowShare) * (value - lowValue)) / (bound - lowValue);
    [lowShare, lowValue] = [share, bound];
  }
  return 1;
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
