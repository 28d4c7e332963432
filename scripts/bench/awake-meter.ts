import { AsyncLocalStorage } from "node:async_hooks";

/** The clock of a Worker stands still while code runs, so whatever an object does counts as at least this long, ms. */
const MIN_MS = 5;

/**
 * How long an object is awake that may hibernate: while something of it runs, or waits for an answer or a timer.
 * https://developers.cloudflare.com/durable-objects/platform/pricing/ : "Durable Objects that are idle and eligible for
 * hibernation are not billed for duration, even before the runtime has hibernated them."
 */
export class AwakeMeter {
  readonly #inside = new AsyncLocalStorage<true>();
  readonly #now: () => number;
  readonly #timers = new Map<unknown, () => void>();
  #running = 0;
  #since = 0;
  #ms = 0;

  /** Watches the timers that are set from now on. */
  constructor(now: () => number) {
    this.#now = now;
    const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
    globalThis.setTimeout = ((handler: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
      if (this.#inside.getStore() !== true) return set(handler, ms, ...given);
      const end = this.#begin();
      const timer = set(() => {
        this.#timers.delete(timer);
        try {
          handler(...given);
        } finally {
          end();
        }
      }, ms);
      this.#timers.set(timer, end);
      return timer;
    }) as typeof setTimeout;
    globalThis.clearTimeout = ((timer: Parameters<typeof clear>[0]) => {
      this.#timers.get(timer)?.();
      this.#timers.delete(timer);
      clear(timer);
    }) as typeof clearTimeout;
  }

  get ms(): number {
    return this.#ms + (this.#running === 0 ? 0 : this.#now() - this.#since);
  }

  /** Runs a call of the object. */
  async call<T>(run: () => T): Promise<Awaited<T>> {
    const end = this.#begin();
    try {
      return await this.#inside.run(true, run);
    } finally {
      end();
    }
  }

  /** What the object itself waits for, if it is that which asks. */
  waits(answer: unknown): void {
    if (this.#inside.getStore() !== true || !(answer instanceof Promise)) return;
    const end = this.#begin();
    answer.then(end, end);
  }

  #begin(): () => void {
    if (this.#running === 0) this.#since = this.#now();
    this.#running += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#running -= 1;
      if (this.#running === 0) this.#ms += Math.max(MIN_MS, this.#now() - this.#since);
    };
  }
}
