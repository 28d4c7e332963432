/** Sixteen blocks give 12,870 ways to choose half of them. */
const MAX_BLOCKS = 16;
/** Fewer observations in a block say nothing of its Sharpe ratio. */
const MIN_OBSERVATIONS = 4;

export interface OverfittingProbability {
  /** Share of the splits in which the best trial of one half is at or below the median of the other half. */
  readonly probability: number;
  readonly blocks: number;
  readonly splits: number;
  /** Share of the splits in which the best trial of one half loses in the other half. */
  readonly lossProbability: number;
}

interface BlockSums {
  readonly n: number;
  readonly sum: number;
  readonly squares: number;
}

/**
 * The probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado and
 * Zhu 2017): the observations are cut into an even number of blocks; for each choice of half of them, the trial with the
 * best Sharpe ratio in that half is ranked by its Sharpe ratio in the other half. Without skill the rank is anywhere, and
 * the probability near one half.
 * @param trials the returns of each trial over the same observations, in order of time
 * @param maxBlocks an even number
 * @returns null with fewer than two trials or too few observations for four blocks
 */
export function overfittingProbability(trials: readonly (readonly number[])[], maxBlocks = MAX_BLOCKS): OverfittingProbability | null {
  const observations = trials[0]?.length ?? 0;
  const blocks = Math.min(maxBlocks, 2 * Math.floor(observations / MIN_OBSERVATIONS / 2));
  if (trials.length < 2 || blocks < 4) return null;
  const sums = trials.map((returns) => blockSums(returns, blocks));
  let [splits, overfitted, lost] = [0, 0, 0];
  for (const chosen of halves(blocks)) {
    const inSample = sums.map((own) => sharpeOf(own, chosen, true));
    const best = inSample.reduce((index, value, other) => (value > (inSample[index] ?? -Infinity) ? other : index), 0);
    const outOfSample = sums.map((own) => sharpeOf(own, chosen, false));
    const own = outOfSample[best] ?? 0;
    // Equal ones share their ranks, so that trials that do not differ are at the median.
    const below = outOfSample.filter((value) => value < own).length;
    const equal = outOfSample.filter((value) => value === own).length;
    const rank = (below + (equal + 1) / 2) / (trials.length + 1);
    splits += 1;
    if (rank <= 0.5) overfitted += 1;
    if (own < 0) lost += 1;
  }
  return { probability: overfitted / splits, blocks, splits, lossProbability: lost / splits };
}

/** Blocks of as equal a length as possible; the first ones take what does not divide. */
function blockSums(returns: readonly number[], blocks: number): readonly BlockSums[] {
  return Array.from({ length: blocks }, (_, block) => {
    const part = returns.slice(Math.ceil((block * returns.length) / blocks), Math.ceil(((block + 1) * returns.length) / blocks));
    return {
      n: part.length,
      sum: part.reduce((sum, value) => sum + value, 0),
      squares: part.reduce((sum, value) => sum + value * value, 0),
    };
  });
}

/** All choices of half of the blocks, as bits. */
function halves(blocks: number): readonly number[] {
  return Array.from({ length: 2 ** blocks }, (_, bits) => bits).filter((bits) => bitsIn(bits) === blocks / 2);
}

function bitsIn(bits: number): number {
  let count = 0;
  for (let left = bits; left > 0; left &= left - 1) count += 1;
  return count;
}

/** The Sharpe ratio over the chosen blocks, or over the others; 0 where nothing varies. */
function sharpeOf(blocks: readonly BlockSums[], chosen: number, isChosen: boolean): number {
  let [n, sum, squares] = [0, 0, 0];
  for (let block = 0; block < blocks.length; block += 1) {
    const own = blocks[block];
    if (own === undefined || ((chosen >> block) & 1) !== (isChosen ? 1 : 0)) continue;
    n += own.n;
    sum += own.sum;
    squares += own.squares;
  }
  const mean = sum / n;
  const variance = squares / n - mean * mean;
  return variance > Number.EPSILON * squares ? mean / Math.sqrt(variance) : 0;
}
