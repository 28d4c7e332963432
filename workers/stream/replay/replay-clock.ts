/** The clock of a replay: it begins at a time in the past and runs so many times faster. */
export class ReplayClock {
  readonly #from: number;
  readonly #speed: number;
  readonly #began: number;
  readonly #now: () => number;

  constructor(from: number, speed: number, now: () => number) {
    this.#from = from;
    this.#speed = speed;
    this.#began = now();
    this.#now = now;
  }

  /** What the clock shows, ms. */
  get time(): number {
    return this.#from + (this.#now() - this.#began) * this.#speed;
  }

  /** Whether it has caught up with the present, to a second. */
  get isPresent(): boolean {
    return this.time >= this.#now() - 1_000;
  }

  /** How long to wait until the clock shows a time, ms. */
  waitFor(time: number): number {
    return Math.max(0, (time - this.time) / this.#speed);
  }
}
