import { MESSAGES_AT_ONCE, MESSAGES_PER_SECOND } from "./limits.ts";

/** How many more messages a client may send: 10 a second on average, 40 at once. */
export class MessageAllowance {
  #left = MESSAGES_AT_ONCE;
  #time = 0;

  /** Counts a message. @returns whether the client may send it */
  take(now: number): boolean {
    this.#left = Math.min(MESSAGES_AT_ONCE, this.#left + ((now - this.#time) * MESSAGES_PER_SECOND) / 1_000) - 1;
    this.#time = now;
    return this.#left >= 0;
  }
}

/** Why a client without an allowance is closed, with 4008. */
export const TOO_MANY_MESSAGES = `more than ${MESSAGES_PER_SECOND} messages a second`;
