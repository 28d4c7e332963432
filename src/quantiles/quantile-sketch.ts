/** Relative accuracy of a quantile: the answer lies within 2 % of the true one. */
export const SKETCH_ACCURACY = 0.02;
const GAMMA = (1 + SKETCH_ACCURACY) / (1 - SKETCH_ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** What is smaller counts as zero: a hundredth of a cent, in USD as in USD/s. */
const LEAST = 1e-4;
/** What is larger counts as this. */
const MOST = 1e12;

/** As stored: bucket number and count in turn, by rising number, without empty buckets. */
export interface SketchJson {
  readonly accuracy: number;
  readonly zeros: number;
  readonly buckets: readonly number[];
}

/**
 * Counts of non-negative numbers in buckets whose bounds grow by the same ratio: DDSketch (Masson, Rim & Lee 2019,
 * "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 12). Bucket i holds
 * (γ^(i−1), γ^i], γ = (1 + a)/(1 − a), so that one number in it is within a = 2 % of all. Merging adds counts: the
 * sketch of a week is exactly that of its hours merged. At most 922 buckets; an hour of minutes is stored in under 500 bytes.
 */
export class QuantileSketch {
  /** `#counts[k]` is that of bucket `#first + k`. */
  #counts: number[] = [];
  #first = 0;
  #zeros = 0;
  #count = 0;

  /** Observations. */
  get count(): number {
    return this.#count;
  }

  /**
   * @param value what is negative or no number is passed over
   * @param times how often it was observed: quiet stretches are `add(0, minutes)`
   */
  add(value: number, times = 1): void {
    if (!(value >= 0) || !(times > 0)) return;
    this.#count += times;
    if (value < LEAST) this.#zeros += times;
    else this.#addTo(bucketOf(value), times);
  }

  merge(other: QuantileSketch): void {
    this.#count += other.#count;
    this.#zeros += other.#zeros;
    for (const [place, count] of other.#counts.entries()) if (count > 0) this.#addTo(other.#first + place, count);
  }

  /**
   * The share of the observations below `value`, 0 to 1; within `value`'s own bucket they are taken as evenly spread.
   * It lies between the true shares below value/γ and below value·γ (4 % either way). Null of no observations.
   */
  rank(value: number): number | null {
    if (this.#count === 0) return null;
    if (!(value >= LEAST)) return value > 0 ? this.#zeros / this.#count : 0;
    const bucket = bucketOf(value);
    const own = bucket - this.#first;
    let below = this.#zeros;
    for (let place = 0; place < own && place < this.#counts.length; place += 1) below += this.#counts[place] ?? 0;
    const lower = GAMMA ** (bucket - 1);
    const part = Math.min(1, Math.max(0, (value - lower) / (lower * (GAMMA - 1))));
    return (below + part * (this.#counts[own] ?? 0)) / this.#count;
  }

  /** The value at place q · (count − 1) of the sorted observations, within 2 %. Null of no observations. */
  quantile(q: number): number | null {
    if (this.#count === 0) return null;
    const place = Math.min(1, Math.max(0, q)) * (this.#count - 1);
    let passed = this.#zeros;
    if (place < passed) return 0;
    for (const [index, count] of this.#counts.entries()) {
      passed += count;
      if (place < passed) return valueOf(this.#first + index);
    }
    return valueOf(this.#first + this.#counts.length - 1);
  }

  toJSON(): SketchJson {
    const buckets = this.#counts.flatMap((count, place) => (count > 0 ? [this.#first + place, count] : []));
    return { accuracy: SKETCH_ACCURACY, zeros: this.#zeros, buckets };
  }

  /** @returns null where this is no stored sketch, or one of another accuracy: its buckets have other bounds */
  static fromJson(json: unknown): QuantileSketch | null {
    if (!isSketchJson(json)) return null;
    const sketch = new QuantileSketch();
    if (json.zeros > 0) sketch.add(0, json.zeros);
    for (let at = 0; at + 1 < json.buckets.length; at += 2) {
      const [bucket = 0, count = 0] = json.buckets.slice(at, at + 2);
      sketch.#count += count;
      sketch.#addTo(bucket, count);
    }
    return sketch;
  }

  #addTo(bucket: number, times: number): void {
    if (this.#counts.length === 0) this.#first = bucket;
    while (bucket < this.#first) {
      this.#counts.unshift(0);
      this.#first -= 1;
    }
    const place = bucket - this.#first;
    while (this.#counts.length <= place) this.#counts.push(0);
    this.#counts[place] = (this.#counts[place] ?? 0) + times;
  }
}

const LOWEST_BUCKET = bucketOf(LEAST);
const HIGHEST_BUCKET = bucketOf(MOST);

function bucketOf(value: number): number {
  return Math.ceil(Math.log(Math.min(value, MOST)) / LOG_GAMMA);
}

/** The number within 2 % of both bounds of the bucket. */
function valueOf(bucket: number): number {
  return (2 * GAMMA ** bucket) / (GAMMA + 1);
}

function isSketchJson(json: unknown): json is SketchJson {
  if (typeof json !== "object" || json === null || !("accuracy" in json && "zeros" in json && "buckets" in json)) return false;
  const { accuracy, zeros, buckets } = json;
  if (accuracy !== SKETCH_ACCURACY || !isCount(zeros) || !Array.isArray(buckets) || buckets.length % 2 === 1) return false;
  return buckets.every((part, at) => (at % 2 === 0 ? isBucket(part) : isCount(part)));
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

function isBucket(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= LOWEST_BUCKET && value <= HIGHEST_BUCKET;
}
