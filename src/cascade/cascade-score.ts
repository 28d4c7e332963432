/** The rank of a value in the past of its symbol and side, 0 to 1. */
export interface Ranks {
  velocity(usdPerSecond: number): number;
  cumUsd5m(usd: number): number;
}

export interface ScoreInput {
  readonly velocity: number;
  readonly cumUsd5m: number;
  readonly concurrentExchanges: number;
  /** Null where unknown; it then adds nothing, so that the score is never too high. */
  readonly depthShare: number | null;
}

/**
 * 0–100: 100 × (0.4 · rank(velocity) + 0.3 · rank(cum_usd_5m) + 0.2 · min(1, (concurrent_exchanges − 1)/3) + 0.1 ·
 * min(1, depth_share)). A heuristic of our own (data-model.md), not calibrated against outcomes.
 */
export function cascadeScore({ velocity, cumUsd5m, concurrentExchanges, depthShare }: ScoreInput, ranks: Ranks): number {
  const venues = Math.min(1, Math.max(0, concurrentExchanges - 1) / 3);
  const depth = Math.min(1, Math.max(0, depthShare ?? 0));
  return 100 * (0.4 * ranks.velocity(velocity) + 0.3 * ranks.cumUsd5m(cumUsd5m) + 0.2 * venues + 0.1 * depth);
}
