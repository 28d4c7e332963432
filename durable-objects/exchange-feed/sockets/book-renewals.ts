import { Wait } from "../wait.ts";

/** Time for a venue to send the snapshot; it doubles with each attempt in a row. */
const FIRST_WAIT_MS = 15_000;
/** OKX allows 480 requests an hour, and a renewal takes two. */
const MAX_WAIT_MS = 600_000;

interface Attempt {
  readonly number: number;
  readonly time: number;
  readonly wait: Wait;
}

/**
 * How the broken books of a socket are mended: by a new subscription to the topic, and where that did not help, by a new
 * session. A book that keeps breaking is mended less and less often.
 */
export class BookRenewals {
  readonly #attempts = new Map<string, Attempt>();

  /** @returns what to renew now for the book of a contract; null while the last attempt may still help */
  next(contract: string, now: number): "topic" | "session" | null {
    const last = this.#attempts.get(contract);
    if (last?.wait.isOver(now) === false) return null;
    const isInRow = last !== undefined && now - last.time < 2 * MAX_WAIT_MS;
    const number = isInRow ? last.number + 1 : 1;
    const wait = new Wait();
    wait.start(now, Math.min(FIRST_WAIT_MS * 2 ** (number - 1), MAX_WAIT_MS));
    this.#attempts.set(contract, { number, time: now, wait });
    return number % 2 === 1 ? "topic" : "session";
  }
}
