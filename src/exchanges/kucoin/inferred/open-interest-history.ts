export interface OpenInterest {
  /** In base units. */
  readonly quantity: number;
  readonly receivedTime: number;
}

/** The open interest of an instrument over the last seconds, oldest first. */
export class OpenInterestHistory {
  #readings: OpenInterest[] = [];

  add(reading: OpenInterest): void {
    this.#readings.push(reading);
  }

  /** The last publication received at or before a time, ms; null where there is none. */
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
