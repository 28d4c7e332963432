import { seededRandom } from "../../seeded-random.ts";

/** Enough for two digits of a 95 % interval. */
const DRAWS = 2_000;
/** With fewer episodes the interval is narrower than it says. */
const MIN_EPISODES = 10;

/**
 * The 95 % interval of the mean of trades, drawn by episode (percentile bootstrap of clusters): trades of one episode stay
 * together, because they are not independent.
 * @param episodes the returns of the trades of each episode that has one
 * @returns null with fewer than 10 episodes
 */
export function meanInterval(
  episodes: readonly (readonly number[])[],
  seed: number,
): { readonly low: number; readonly high: number } | null {
  if (episodes.length < MIN_EPISODES) return null;
  const clusters = episodes.map((own) => ({ sum: own.reduce((sum, value) => sum + value, 0), count: own.length }));
  const random = seededRandom(seed);
  const means = Array.from({ length: DRAWS }, () => {
    let [sum, count] = [0, 0];
    for (let draw = 0; draw < clusters.length; draw += 1) {
      const cluster = clusters[Math.floor(random() * clusters.length)];
      sum += cluster?.sum ?? 0;
      count += cluster?.count ?? 0;
    }
    return sum / count;
  }).toSorted((a, b) => a - b);
  return { low: means[Math.floor(0.025 * DRAWS)] ?? 0, high: means[Math.ceil(0.975 * DRAWS) - 1] ?? 0 };
}
