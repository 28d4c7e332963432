export interface OpenInterest {
  /** In base units. */
  readonly quantity: number;
  readonly receivedTime: number;
}

/** The open interest of an instrument over the last seconds, oldest first. */
export class OpenInterestHistory {
  #messages: OpenInterest[] = [];

  add(message: OpenInterest): void {
    this.#messages.push(message);
  }

  /** The last publication received at or before a time, ms; null where there is none. */
  before(time: number): OpenInterest | null {
    return this.#messages.findLast((message) => message.receivedTime <= time) ?? null;
  }

  forgetBefore(time: number): void {
    const kept = this.#messages.findIndex((message) => message.receivedTime >= time);
    this.#messages.splice(0, kept === -1 ? this.#messages.length : kept);
  }

  clear(): void {
    this.#messages = [];
  }
}
