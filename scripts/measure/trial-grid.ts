import { createRandom } from "../simulator/random.ts";

export interface TrialGrid {
  readonly seed: number;
  readonly trials: number;
  readonly episodes: number;
  /** Mean of the trial with an edge, in standard deviations of an episode; 0 for none. */
  readonly edge: number;
}

/** An episode has a trade with this probability, in each trial on its own. */
const TRADED = 0.6;
/** A return is drawn with a deviation that itself varies, so that its tails are heavy: its kurtosis is about 8. */
const TAIL = 0.65;
/** The part of its deviation that a trade shares with the other trials of its episode. */
const SHARED = 0.5;

/**
 * The returns of trials over the same episodes, as a grid over the parameters of a rule gives them: heavy tails, episodes
 * without a trade, and trials that resemble each other. One of them, at most, has an edge.
 */
export function trialGrid({ seed, trials, episodes, edge }: TrialGrid): readonly (readonly number[])[] {
  const random = createRandom(seed, "trials");
  const market = Array.from({ length: episodes }, () => random.normal());
  const winner = random.integer(trials);
  return Array.from({ length: trials }, (_, trial) =>
    market.map((shared) => {
      if (!random.chance(TRADED)) return 0;
      const own = SHARED * shared + Math.sqrt(1 - SHARED ** 2) * random.normal();
      return own * Math.exp(TAIL * random.normal() - TAIL ** 2) + (trial === winner ? edge / TRADED : 0);
    }),
  );
}
