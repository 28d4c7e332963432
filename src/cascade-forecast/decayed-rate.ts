/** An exponentially weighted rate at uneven times (Roberts 1959, Technometrics 1), per second. */
export class DecayedRate {
  readonly #memoryMs: number;
  #rate = 0;
  #time = -Infinity;

  constructor(memoryMs: number) {
    this.#memoryMs = memoryMs;
  }

  /** Late values count as of the latest time, which changes little over the few seconds that they are late. */
  add(value: number, time: number): void {
    this.#rate = this.at(time) + value / (this.#memoryMs / 1_000);
    this.#time = Math.max(this.#time, time);
  }

  at(time: number): number {
    return this.#rate === 0 ? 0 : this.#rate * Math.exp(-Math.max(0, time - this.#time) / this.#memoryMs);
  }
}
