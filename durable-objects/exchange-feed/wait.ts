/** A wait from a time on, which a clock that goes back does not lengthen. */
export class Wait {
  #from = 0;
  #ms = 0;

  start(now: number, ms: number): void {
    this.#from = now;
    this.#ms = ms;
  }

  remainingMs(now: number): number {
    this.#from = Math.min(this.#from, now);
    return Math.max(0, this.#from + this.#ms - now);
  }

  isOver(now: number): boolean {
    return this.remainingMs(now) === 0;
  }
}
