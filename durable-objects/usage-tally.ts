import { OBJECT_GB, type PlanItemName } from "../src/cloudflare-plan.ts";

/** A longer time between two signs of life was sleep, which is not billed. */
const MAX_AWAKE_MS = 70_000;

/** Amounts of what Cloudflare bills, since they were last taken. */
export class UsageTally {
  #amounts = new Map<PlanItemName, number>();
  #takenTime: number | null = null;

  add(item: PlanItemName, amount = 1): void {
    if (amount > 0) this.#amounts.set(item, (this.#amounts.get(item) ?? 0) + amount);
  }

  /** The time between two signs of life of an object, which is awake meanwhile. */
  addAwake(ms: number): void {
    if (ms > 0 && ms <= MAX_AWAKE_MS) this.add("object_gb_s", (ms / 1_000) * OBJECT_GB);
  }

  /** The amounts so far, at most once in so many ms; null where there is nothing to store yet. */
  take(now: number, everyMs: number): ReadonlyMap<PlanItemName, number> | null {
    // A time in the future is that of a clock that went back since.
    this.#takenTime = Math.min(this.#takenTime ?? now, now);
    if (this.#amounts.size === 0 || now - this.#takenTime < everyMs) return null;
    const amounts = this.#amounts;
    this.#amounts = new Map();
    this.#takenTime = now;
    return amounts;
  }

  /** Takes amounts back that could not be stored. */
  putBack(amounts: ReadonlyMap<PlanItemName, number>): void {
    for (const [item, amount] of amounts) this.add(item, amount);
  }
}

/** The time in which an object that hibernates is billed: that in which at least one call is under way. */
export class AwakeMeter {
  readonly #tally: UsageTally;
  readonly #now: () => number;
  #running = 0;
  #since = 0;

  constructor(tally: UsageTally, now: () => number) {
    this.#tally = tally;
    this.#now = now;
  }

  /** Counts the time until a call ends; calls at once share it. */
  async during<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#running === 0) this.#since = this.#now();
    this.#running += 1;
    try {
      return await call();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#tally.addAwake(this.#now() - this.#since);
    }
  }
}

/** Of everything that runs in this isolate: requests, cron runs, steps of Workflows and objects. */
export const usageTally = new UsageTally();
