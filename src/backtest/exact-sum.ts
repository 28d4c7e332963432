/**
 * A sum with compensated rounding errors (Neumaier 1974), like SQLite's `sum`: a value that is 1.5 times a base of
 * dollars and cents is then a rise of 50 % in both.
 */
export class ExactSum {
  #sum = 0;
  #rest = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    this.#rest += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }

  addAll(other: ExactSum): void {
    this.add(other.#sum);
    this.#rest += other.#rest;
  }

  get value(): number {
    return this.#sum + this.#rest;
  }
}
