export interface OpenInterest {
  /** Base units. */
  readonly quantity: number;
  readonly receivedTime: number;
}

/** The last seconds of an instrument's open interest, oldest first. */
export class OpenInterestHistory {
  #readings: OpenInterest[] = [];

  add(reading: OpenInterest): void {
    this.#readings.push(reading);
  }

  /** The last publication received at or before a time, ms; null where none is held. */
  before(time: number): OpenInterest | null {
    return this.#readings.findLast((reading) => reading.receivedTime <= time) ?? null;
  }

  forgetBefore(time: number): void {
    const kept = this.#readings.findIndex((reading) => reading.receivedTime >= time);
    this.#readings.splice(0, kept === -1 ? this.#readings.length : kept);
  }

  clear(): void {
    this.#readings = [];
  }
}
