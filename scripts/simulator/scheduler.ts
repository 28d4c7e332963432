export type Clock = () => number;

/** A task gets the time it runs at, ms. */
export type Task = (now: number) => void;

interface Repeating {
  readonly intervalMs: number;
  readonly task: Task;
  due: number;
}

const TICK_MS = 10;

/** The clock of one venue, which may be ahead of the others or behind them. */
export class VenueTimer {
  /** Ahead by this much, ms; negative: behind. */
  skewMs = 0;
  readonly clock: Clock;
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.clock = () => scheduler.clock() + this.skewMs;
  }

  every(intervalMs: number, task: Task): void {
    this.#scheduler.every(intervalMs, (now) => task(now + this.skewMs));
  }
}

/**
 * All that the venues do by the clock, on one timer. Tasks run in the order they were registered; a run that was
 * missed is not made up for, as with a venue that skips a push under load.
 */
export class Scheduler {
  readonly clock: Clock;
  readonly #tasks: Repeating[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  every(intervalMs: number, task: Task): void {
    if (!(intervalMs > 0)) throw new RangeError("an interval must be above 0 ms");
    this.#tasks.push({ intervalMs, task, due: this.clock() + intervalMs });
  }

  /** Runs the tasks that are due; called by the timer, or by a test that owns the clock. */
  run(): void {
    const now = this.clock();
    for (const repeating of this.#tasks) {
      if (repeating.due > now) continue;
      repeating.due += repeating.intervalMs * (Math.floor((now - repeating.due) / repeating.intervalMs) + 1);
      repeating.task(now);
    }
  }

  start(): void {
    this.#timer ??= setInterval(() => this.run(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
