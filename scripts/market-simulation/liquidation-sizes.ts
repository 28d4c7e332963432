import type { Random } from "../simulator/random.ts";
import type { MarketModel } from "./market-model.ts";

/** The standard normal quantile of 0.99. */
const Z99 = 2.326_347_874;

/** Draws sizes in USD: log-normal up to the 99th percentile, Pareto beyond it. */
export function sizeSampler({ size }: MarketModel, random: Random): () => number {
  const { median, p99, tailExponent, largest } = size;
  const deviation = Math.log(p99 / median) / Z99;
  return () => {
    if (random.chance(0.01)) return Math.min(largest, p99 * (1 - random.uniform()) ** (-1 / tailExponent));
    for (;;) {
      const usd = median * Math.exp(deviation * random.normal());
      if (usd <= p99) return usd;
    }
  };
}

/** A count of independent events with this mean, by inversion; the mean of a second is small. */
export function poisson(mean: number, random: Random): number {
  let count = 0;
  for (let left = random.exponential(1); left < mean && count < MAX_PER_SECOND; left += random.exponential(1)) count += 1;
  return count;
}

const MAX_PER_SECOND = 200;
