/** Maximum relative error of every quantile. */
export const RELATIVE_ACCURACY = 0.02;

const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** Values below a tenth of a cent count as 0 and those above 10¹⁵ as 10¹⁵: at most 1,037 buckets. */
const MIN_VALUE = 1e-3;
const MAX_VALUE = 1e15;
/** Buckets by which the counts grow at an end, so that they seldom have to. */
const GROWTH = 16;

/** The compact JSON form: `[bucket, count]` for each non-empty bucket. */
export interface QuantileSketchJson {
  readonly zeros: number;
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
}

/**
 * Counts of non-negative values in buckets that are 4 % wide, so that quantiles have a relative error of at most 2 %
 * and sketches merge by addition, in any order and without loss: the DDSketch of Masson, Rim & Lee 2019 (VLDB 12).
 * The counts lie in one array from the lowest to the highest bucket, 4 bytes each, none while there are only zeros.
 */
export class QuantileSketch {
  #zeros = 0;
  #count = 0;
  /** Bucket of the first count. */
  #lowest = 0;
  #counts = NO_COUNTS;

  get count(): number {
    return this.#count;
  }

  /** Whether it has no value but zeros. */
  get isZero(): boolean {
    return this.#count === this.#zeros;
  }

  /** Adds a value; negative values and NaN are ignored. */
  add(value: number, times = 1): void {
    if (!(value >= 0)) return;
    this.#count += times;
    if (value < MIN_VALUE) this.#zeros += times;
    else this.#raise(bucketOf(value), times);
  }

  merge(other: QuantileSketch): void {
    this.#count += other.#count;
    this.#zeros += other.#zeros;
    for (const [bucket, count] of other.#filled()) this.#raise(bucket, count);
  }

  /** Removes values that were added or merged before. */
  subtract(other: QuantileSketch): void {
    this.#count -= other.#count;
    this.#zeros -= other.#zeros;
    for (const [bucket, count] of other.#filled()) this.#raise(bucket, -count);
    if (this.isZero) this.#counts = NO_COUNTS;
  }

  /**
   * Share of the values below this one; values in its own bucket are assumed to be spread evenly. Null without values.
   */
  rank(value: number): number | null {
    if (this.#count === 0) return null;
    if (!(value >= MIN_VALUE)) return 0;
    const own = bucketOf(value) - this.#lowest;
    let below = this.#zeros;
    const end = Math.min(own, this.#counts.length);
    for (let index = 0; index < end; index += 1) below += this.#counts[index] ?? 0;
    const inside = Math.min(1, Math.max(0, Math.log(value) / LOG_GAMMA - (own + this.#lowest - 1)));
    return (below + inside * (this.#counts[own] ?? 0)) / this.#count;
  }

  /** The value with this share of all values below it, 0 ≤ share ≤ 1; null without values. */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    const wanted = Math.max(0, Math.ceil(share * this.#count) - 1);
    let below = this.#zeros;
    if (wanted < below) return 0;
    let index = 0;
    for (; index < this.#counts.length - 1; index += 1) {
      below += this.#counts[index] ?? 0;
      if (wanted < below) break;
    }
    return (2 * GAMMA ** (this.#lowest + index)) / (GAMMA + 1);
  }

  toJSON(): QuantileSketchJson {
    return { zeros: this.#zeros, buckets: [...this.#filled()] };
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

  *#filled(): Generator<readonly [bucket: number, count: number]> {
    for (const [index, count] of this.#counts.entries()) if (count > 0) yield [this.#lowest + index, count];
  }

  #raise(bucket: number, by: number): void {
    if (bucket < this.#lowest || bucket >= this.#lowest + this.#counts.length) this.#reach(bucket);
    const index = bucket - this.#lowest;
    this.#counts[index] = (this.#counts[index] ?? 0) + by;
  }

  #reach(bucket: number): void {
    if (this.#counts.length === 0) {
      this.#lowest = bucket;
      this.#counts = new Uint32Array(1);
      return;
    }
    const end = this.#lowest + this.#counts.length;
    const lowest = bucket < this.#lowest ? bucket - GROWTH : this.#lowest;
    const counts = new Uint32Array((bucket < end ? end : bucket + GROWTH) - lowest);
    counts.set(this.#counts, this.#lowest - lowest);
    this.#lowest = lowest;
    this.#counts = counts;
  }
}

const NO_COUNTS = new Uint32Array(0);

/** Bucket i holds values above γ^(i−1) and up to γ^i. */
function bucketOf(value: number): number {
  return Math.ceil(Math.log(Math.min(value, MAX_VALUE)) / LOG_GAMMA);
}

function isSketchJson(json: unknown): json is QuantileSketchJson {
  if (typeof json !== "object" || json === null || !("zeros" in json) || !("buckets" in json)) return false;
  const { zeros, buckets } = json;
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && isBucket(pair[0]) && isCount(pair[1]);
  return isCount(zeros) && Array.isArray(buckets) && buckets.every(isPair);
}

function isBucket(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= bucketOf(MIN_VALUE) && Number(value) <= bucketOf(MAX_VALUE);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
