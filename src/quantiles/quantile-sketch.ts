/** Every quantile given is within this share of a true one. */
export const RELATIVE_ACCURACY = 0.02;

const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** USD under a tenth of a cent count as nothing, those over 10¹⁵ as 10¹⁵: at most 1,037 buckets. */
const LEAST = 1e-3;
const MOST = 1e15;

/** Small as JSON: `[bucket, count]` for the buckets that have any. */
export interface QuantileSketchJson {
  readonly zeros: number;
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
}

/**
 * Counts of not negative values in buckets that each are 4 % wide, so that quantiles have a relative error of at most
 * 2 % and sketches merge by adding up, in any order, without a loss: the DDSketch of Masson, Rim & Lee 2019 (VLDB 12).
 */
export class QuantileSketch {
  #zeros = 0;
  #count = 0;
  readonly #buckets = new Map<number, number>();

  get count(): number {
    return this.#count;
  }

  /** Takes a value; one that is negative or no number is not counted. */
  add(value: number, times = 1): void {
    if (!(value >= 0)) return;
    this.#count += times;
    if (value < LEAST) this.#zeros += times;
    else this.#raise(bucketOf(value), times);
  }

  merge(other: QuantileSketch): void {
    this.#count += other.#count;
    this.#zeros += other.#zeros;
    for (const [bucket, count] of other.#buckets) this.#raise(bucket, count);
  }

  /**
   * Share of the values that lie below; within the value's own bucket they are taken to lie evenly. Null where there
   * are none.
   */
  rank(value: number): number | null {
    if (this.#count === 0) return null;
    if (!(value >= LEAST)) return 0;
    const own = bucketOf(value);
    let below = this.#zeros;
    for (const [bucket, count] of this.#buckets) {
      if (bucket < own) below += count;
      if (bucket === own) below += count * Math.min(1, Math.max(0, Math.log(value) / LOG_GAMMA - (own - 1)));
    }
    return below / this.#count;
  }

  /** The value under which a share of all lies, with 0 ≤ share ≤ 1; null where there are none. */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    const wanted = Math.max(0, Math.ceil(share * this.#count) - 1);
    let passed = this.#zeros;
    if (wanted < passed) return 0;
    const sorted = [...this.#buckets].toSorted((a, b) => a[0] - b[0]);
    for (const [bucket, count] of sorted) {
      passed += count;
      if (wanted < passed) return (2 * GAMMA ** bucket) / (GAMMA + 1);
    }
    return null;
  }

  toJSON(): QuantileSketchJson {
    return { zeros: this.#zeros, buckets: [...this.#buckets].toSorted((a, b) => a[0] - b[0]) };
  }

  /** @returns null where `json` is not what `toJSON` gives */
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

  #raise(bucket: number, by: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + by);
  }
}

/** Bucket i holds what lies over γ^(i−1) and up to γ^i. */
function bucketOf(value: number): number {
  return Math.ceil(Math.log(Math.min(value, MOST)) / LOG_GAMMA);
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
