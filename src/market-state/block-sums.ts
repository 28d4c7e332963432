/** Sums over the pairs of one block, of ranks about their mean. */
export interface BlockSums {
  readonly pairs: number;
  readonly xy: number;
  readonly xx: number;
  readonly yy: number;
}

type Series = readonly (number | null)[];

/**
 * The sums that Spearman's correlation of a block is made of: both series are ranked among the pairs of the block, and ranks are
 * divided by their number, so that a block counts by its pairs whatever its length.
 * @param from first step of the block in `x`
 * @param lag steps from a value of `x` to the value of `y` that it is paired with
 * @returns null with fewer than `minPairs` pairs, or where one of the series does not change
 */
export function blockSums(x: Series, y: Series, from: number, length: number, lag: number, minPairs: number): BlockSums | null {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let step = from; step < from + length; step += 1) {
    const [one, other] = [x[step] ?? null, y[step + lag] ?? null];
    if (one === null || other === null) continue;
    xs.push(one);
    ys.push(other);
  }
  if (xs.length < minPairs) return null;
  const [rankX, rankY] = [centredRanks(xs), centredRanks(ys)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [index, rank] of rankX.entries()) {
    const other = rankY[index] ?? 0;
    xy += rank * other;
    xx += rank * rank;
    yy += other * other;
  }
  return xx === 0 || yy === 0 ? null : { pairs: xs.length, xy, xx, yy };
}

/** The ranks of values about their mean, divided by the number of values: from −½ to ½. Equal values share their mean rank. */
export function centredRanks(values: readonly number[]): readonly number[] {
  const n = values.length;
  const order = Array.from(values.keys()).toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = Array.from({ length: n }, () => 0);
  for (let first = 0; first < n;) {
    let end = first + 1;
    while (end < n && values[order[end] ?? 0] === values[order[first] ?? 0]) end += 1;
    const rank = ((first + end - 1) / 2 - (n - 1) / 2) / n;
    for (; first < end; first += 1) ranks[order[first] ?? 0] = rank;
  }
  return ranks;
}
