import { EPISODE_MS, episodeOf } from "../scoreboard/episode.ts";
import { DAY_MS } from "../windows/calendar.ts";
import type { Example } from "./example.ts";

export const FOLDS = 5;
/** Share of the episodes that come before the first fold. */
const FIRST_TRAINING_SHARE = 0.5;
/** Time between the last outcome that a model is trained on and the first decision that it is tested on, ms. */
export const EMBARGO_MS = DAY_MS;

/** A later part of the examples, and the earlier ones that a model for it may be trained on. */
export interface Fold {
  readonly training: readonly Example[];
  readonly test: readonly Example[];
}

/**
 * The second half of the episodes in five parts of time. Each is tested on a model of what was known a day before it: no
 * episode is on both sides, and no outcome on one side overlaps a decision on the other (López de Prado 2018, Advances in
 * Financial Machine Learning, chapter 7). No fold where there are fewer than 10 episodes.
 */
export function walkForward(examples: readonly Example[]): readonly Fold[] {
  const episodes = [...new Set(examples.map(({ minute }) => episodeOf(minute)))].toSorted((a, b) => a - b);
  if (episodes.length < 2 * FOLDS) return [];
  const first = Math.floor(FIRST_TRAINING_SHARE * episodes.length);
  const edge = (fold: number) => episodes[first + Math.floor((fold * (episodes.length - first)) / FOLDS)] ?? Infinity;
  return Array.from({ length: FOLDS }, (_, fold) => {
    const [from, to] = [edge(fold), edge(fold + 1)];
    return {
      training: examples.filter(({ knownTime }) => knownTime <= from * EPISODE_MS - EMBARGO_MS),
      test: examples.filter(({ minute }) => episodeOf(minute) >= from && episodeOf(minute) < to),
    };
  });
}
