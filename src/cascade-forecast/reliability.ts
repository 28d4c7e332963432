/** Edges of the bins of probability, finer where forecasts are rare. */
export const RELIABILITY_EDGES = [0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1] as const;

/** Forecasts of about the same probability, and how many of them a cascade followed. */
export interface ReliabilityBin {
  /** From this probability on, below `to`. */
  readonly from: number;
  readonly to: number;
  readonly forecasts: number;
  /** Null without a forecast. */
  readonly mean_probability: number | null;
  /** Share of them that a cascade followed within the horizon; null without a forecast. */
  readonly followed_share: number | null;
}

/** Sums of a bin; weights where a part of the forecasts stands for all. */
export interface BinSums {
  readonly forecasts: number;
  readonly probability: number;
  readonly followed: number;
}

export const EMPTY_BINS: readonly BinSums[] = RELIABILITY_EDGES.slice(1).map(() => ({ forecasts: 0, probability: 0, followed: 0 }));

export function binOf(probability: number): number {
  let bin = 0;
  while (bin < RELIABILITY_EDGES.length - 2 && probability >= (RELIABILITY_EDGES[bin + 1] ?? 1)) bin += 1;
  return bin;
}

export function addBins(a: readonly BinSums[], b: readonly BinSums[]): readonly BinSums[] {
  return EMPTY_BINS.map((_, index) => {
    const [one, other] = [a[index], b[index]];
    return {
      forecasts: (one?.forecasts ?? 0) + (other?.forecasts ?? 0),
      probability: (one?.probability ?? 0) + (other?.probability ?? 0),
      followed: (one?.followed ?? 0) + (other?.followed ?? 0),
    };
  });
}

export function reliabilityOf(bins: readonly BinSums[]): readonly ReliabilityBin[] {
  return bins.map(({ forecasts, probability, followed }, index) => ({
    from: RELIABILITY_EDGES[index] ?? 0,
    to: RELIABILITY_EDGES[index + 1] ?? 1,
    forecasts: Math.round(forecasts),
    mean_probability: forecasts > 0 ? probability / forecasts : null,
    followed_share: forecasts > 0 ? followed / forecasts : null,
  }));
}
