import { episodeOf } from "../scoreboard/episode.ts";

/** A graded spike that has a forced flow to fade. */
export interface Example {
  readonly symbol: string;
  /** The minute of the decision, ms. */
  readonly minute: number;
  /** When its outcome was known: the end of the horizon, ms. */
  readonly knownTime: number;
  /** In the order of `RULE_FEATURES`. */
  readonly features: readonly (number | null)[];
  /** Return of fading the forced flow over the headline horizon, before cost and after it, bps. */
  readonly grossBps: number;
  readonly netBps: number;
}

/** In the order of time, those of a minute by symbol: sums over them are then the same to the last bit. */
export function inOrder(examples: readonly Example[]): readonly Example[] {
  return examples.toSorted((a, b) => a.minute - b.minute || (a.symbol < b.symbol ? -1 : 1));
}

/** Each example with its weight: an episode counts once, whatever the number of its decisions. */
export function weighByEpisode(examples: readonly Example[]): readonly (Example & { readonly weight: number })[] {
  const sizes = new Map<number, number>();
  for (const { minute } of examples) sizes.set(episodeOf(minute), (sizes.get(episodeOf(minute)) ?? 0) + 1);
  return examples.map((example) => ({ ...example, weight: 1 / (sizes.get(episodeOf(example.minute)) ?? 1) }));
}

/** The number of different episodes. */
export function episodeCount(examples: readonly Example[]): number {
  return new Set(examples.map(({ minute }) => episodeOf(minute))).size;
}
