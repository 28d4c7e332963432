/**
 * A sum with compensated rounding errors (Neumaier 1974), like SQLite's `sum`: a value that is 1.5 times a base of
 * dollars and cents is then a rise of 50 % in both.
 */
export class ExactSum {
  #count = 0;
  #sum = 0;
  #rest = 0;

  add(value: number): void {
    this.#count += 1;
    this.#plus(value);
  }

  addAll(other: ExactSum): void {
    this.#count += other.#count;
    this.#plus(other.#sum);
    this.#rest += other.#rest;
  }

  /** Number of values. */
  get count(): number {
    return this.#count;
  }

  /** Null without values. */
  get value(): number | null {
    return this.#count === 0 ? null : this.#sum + this.#rest;
  }

  #plus(value: number): void {
    const sum = this.#sum + value;
    this.#rest += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }
}
