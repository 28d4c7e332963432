/** Maximum relative error of every quantile. */
export const RELATIVE_ACCURACY = 0.02;

const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** Values below a tenth of a cent count as 0 and those above 10¹⁵ as 10¹⁵: at most 1,037 buckets. */
const MIN_VALUE = 1e-3;
const MAX_VALUE = 1e15;

/** The compact JSON form: `[bucket, count]` for each non-empty bucket. */
export interface QuantileSketchJson {
  readonly zeros: number;
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
}

/**
 * Counts of non-negative values in buckets that are 4 % wide, so that quantiles have a relative error of at most 2 %
 * and sketches merge by addition, in any order and without loss: the DDSketch of Masson, Rim & Lee 2019 (VLDB 12).
 */
export class QuantileSketch {
  #zeros = 0;
  #count = 0;
  readonly #buckets = new Map<number, number>();
  /** Sorted buckets and the count below each, computed on the first read after a change. */
  #order: Order | null = null;

  get count(): number {
    return this.#count;
  }

  /** Adds a value; negative values and NaN are ignored. */
  add(value: number, times = 1): void {
    if (!(value >= 0)) return;
    this.#count += times;
    this.#order = null;
    if (value < MIN_VALUE) this.#zeros += times;
    else this.#raise(bucketOf(value), times);
  }

  merge(other: QuantileSketch): void {
    this.#order = null;
    this.#count += other.#count;
    this.#zeros += other.#zeros;
    for (const [bucket, count] of other.#buckets) this.#raise(bucket, count);
  }

  /**
   * Share of the values below this one; values in its own bucket are assumed to be spread evenly. Null without values.
   */
  rank(value: number): number | null {
    if (this.#count === 0) return null;
    if (!(value >= MIN_VALUE)) return 0;
    const own = bucketOf(value);
    const { buckets, below } = this.#ordered();
    const index = firstAtLeast(buckets, own);
    const before = below[index] ?? this.#count;
    if (buckets[index] !== own) return before / this.#count;
    const inside = Math.min(1, Math.max(0, Math.log(value) / LOG_GAMMA - (own - 1)));
    return (before + inside * (this.#buckets.get(own) ?? 0)) / this.#count;
  }

  /** The value with this share of all values below it, 0 ≤ share ≤ 1; null without values. */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    const wanted = Math.max(0, Math.ceil(share * this.#count) - 1);
    if (wanted < this.#zeros) return 0;
    const { buckets, below } = this.#ordered();
    const bucket = buckets[firstAtLeast(below, wanted + 1) - 1] ?? 0;
    return (2 * GAMMA ** bucket) / (GAMMA + 1);
  }

  toJSON(): QuantileSketchJson {
    return { zeros: this.#zeros, buckets: [...this.#buckets].toSorted((a, b) => a[0] - b[0]) };
  }

  /** @returns null where `json` is not the output of `toJSON` */
  static fromJSON(json: unknown): QuantileSketch | null {
    if (!isSketchJson(json)) return null;
    const sketch = new QuantileSketch();
    sketch.#zeros = json.zeros;
    sketch.#count = json.zeros;
    for (const [bucket, count] of json.buckets) {
      sketch.#raise(bucket, count);
      sketch.#count += count;
    }
    return sketch;
  }

  #ordered(): Order {
    if (this.#order !== null) return this.#order;
    const buckets = [...this.#buckets.keys()].toSorted((a, b) => a - b);
    const below: number[] = [];
    let sum = this.#zeros;
    for (const bucket of buckets) {
      below.push(sum);
      sum += this.#buckets.get(bucket) ?? 0;
    }
    this.#order = { buckets, below };
    return this.#order;
  }

  #raise(bucket: number, by: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + by);
  }
}

interface Order {
  readonly buckets: readonly number[];
  /** Number of values below each bucket, including zeros. */
  readonly below: readonly number[];
}

function firstAtLeast(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bucket i holds values above γ^(i−1) and up to γ^i. */
function bucketOf(value: number): number {
  return Math.ceil(Math.log(Math.min(value, MAX_VALUE)) / LOG_GAMMA);
}

function isSketchJson(json: unknown): json is QuantileSketchJson {
  if (typeof json !== "object" || json === null || !("zeros" in json) || !("buckets" in json)) return false;
  const { zeros, buckets } = json;
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && Number.isInteger(pair[0]) && isCount(pair[1]);
  return isCount(zeros) && Array.isArray(buckets) && buckets.every(isPair);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
