import type { ExchangeName } from "../liquidation.ts";
import { median } from "../scoreboard/scores.ts";
import type { BurstEntry } from "./burst-entry.ts";

/** Two venues over the bursts that both joined, however many others joined them too. */
export interface VenuePair {
  readonly exchange: ExchangeName;
  readonly other_exchange: ExchangeName;
  /** Number of bursts that both joined, while all venues compared were connected. */
  readonly shared_bursts: number;
  /** In how many of them `exchange` was before `other_exchange`; a tie counts for neither. */
  readonly first_count: number;
  /** In how many of them `other_exchange` was before `exchange`. */
  readonly other_first_count: number;
  /** Median of the first event of `exchange` minus that of `other_exchange`: negative where `exchange` mostly led. */
  readonly median_lag_ms: number;
  /** The sum of both feeds' resolutions. */
  readonly lag_resolution_ms: number;
}

/**
 * Compares every two venues that joined a burst together.
 * @param bursts the first event of each venue in each burst
 * @param names the venues compared, in the order in which pairs name them
 */
export function venuePairs(
  bursts: readonly (readonly BurstEntry[])[],
  names: readonly ExchangeName[],
  lagResolutionMs: (exchange: ExchangeName) => number,
): readonly VenuePair[] {
  const times = bursts.map((burst) => new Map(burst.map(({ exchange, first_time: time }) => [exchange, time])));
  return names.flatMap((exchange, index) =>
    names.slice(index + 1).flatMap((other): readonly VenuePair[] => {
      const lags = times.flatMap((burst) => {
        const [own, others] = [burst.get(exchange), burst.get(other)];
        return own === undefined || others === undefined ? [] : [own - others];
      });
      const lag = median(lags);
      if (lag === null) return [];
      return [
        {
          exchange,
          other_exchange: other,
          shared_bursts: lags.length,
          first_count: lags.filter((one) => one < 0).length,
          other_first_count: lags.filter((one) => one > 0).length,
          median_lag_ms: lag,
          lag_resolution_ms: lagResolutionMs(exchange) + lagResolutionMs(other),
        },
      ];
    }),
  );
}
