import { CRON_STOPPED_MS, type PartOutage, nextOutage } from "../../src/operations.ts";
import { operationsDegraded, operationsRecovered } from "../../src/webhooks/make-event.ts";
import type { PublishOutcome, WebhookEvent } from "../../src/webhooks/event.ts";

const KEY = "cron_watch";

interface Watch {
  /** When the last run of the cron reported, ms. */
  readonly lastTime: number;
  readonly outage: PartOutage | null;
}

interface Dependencies {
  readonly memory: {
    read(key: string): unknown;
    write(key: string, value: unknown): void;
  };
  readonly publish: (event: WebhookEvent) => Promise<PublishOutcome>;
  readonly now: () => number;
}

/**
 * Notices that the cron stopped, which nothing that the cron starts could: each run reports here. Before the first report
 * there is nothing to miss, since a new trigger takes up to 15 minutes.
 */
export class CronWatch {
  readonly #deps: Dependencies;
  #watch: Watch | null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#watch = (deps.memory.read(KEY) as Watch | undefined) ?? null;
  }

  /** A run of the cron reports. */
  async ran(): Promise<void> {
    await this.#look(this.#deps.now(), null);
  }

  /** Called every few seconds. */
  async check(): Promise<void> {
    if (this.#watch === null) return;
    const silence = this.#deps.now() - this.#watch.lastTime;
    if (silence >= CRON_STOPPED_MS) await this.#look(this.#watch.lastTime, "the jobs of the minute did not run");
  }

  async #look(lastTime: number, error: string | null): Promise<void> {
    const { memory, now, publish } = this.#deps;
    const known = this.#watch?.outage ?? null;
    const { outage, change } = nextOutage(known, { part: "cron", error, lastTime }, now(), CRON_STOPPED_MS);
    this.#watch = { lastTime, outage: change === null ? outage : known };
    if (change !== null) {
      const event =
        change === "degraded"
          ? operationsDegraded({ part: "cron", since: outage?.since ?? lastTime, error: error ?? "" }, now())
          : operationsRecovered({ part: "cron", since: known?.since ?? lastTime, recovered_time: now() }, now());
      const published = await publish(event);
      // What could not be queued is tried again with the next look.
      if (published.kind === "failed" && !published.final) return;
      this.#watch = { lastTime, outage };
    }
    memory.write(KEY, this.#watch);
  }
}
