/**
 * Cases in the order of their scores, highest first, so that the area can be computed again and again with other weights, as a
 * bootstrap does.
 */
export class RankedCases {
  readonly #order: Uint32Array;
  readonly #isPositive: Uint8Array;
  /** Whether the next case has the same score: equal scores count together. */
  readonly #isTied: Uint8Array;

  constructor(given: readonly number[], isPositive: readonly boolean[]) {
    const scores = Float64Array.from(given);
    this.#order = Uint32Array.from(scores.keys()).toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    this.#isPositive = Uint8Array.from(this.#order, (at) => Number(isPositive[at] === true));
    this.#isTied = Uint8Array.from(this.#order, (at, rank) => Number(scores[at] === scores[this.#order[rank + 1] ?? -1]));
  }

  /**
   * The area under the curve of precision over recall, as the average precision at the positives (Davis & Goadrich 2006). Equal
   * scores count together, so that their order does not matter. NaN without a positive.
   * @param weights in the order of the cases
   */
  prAuc(weights: Float64Array): number {
    let [found, seen, area, own] = [0, 0, 0, 0];
    for (let rank = 0; rank < this.#order.length; rank += 1) {
      const weight = weights[this.#order[rank] ?? 0] ?? 0;
      seen += weight;
      if (this.#isPositive[rank] === 1) own += weight;
      if (this.#isTied[rank] === 1 || own === 0) continue;
      found += own;
      area += own * (found / seen);
      own = 0;
    }
    return area / found;
  }
}

/** The area where every case counts once. */
export function prAuc(scores: readonly number[], isPositive: readonly boolean[]): number {
  return new RankedCases(scores, isPositive).prAuc(new Float64Array(scores.length).fill(1));
}
