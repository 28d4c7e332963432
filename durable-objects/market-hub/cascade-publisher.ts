import { MAX_WAIT_MS } from "../../src/backoff.ts";
import type { CascadeRecord, CascadeTransition } from "../../src/cascade/cascade-record.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import type { PublishOutcome } from "../../src/webhooks/event.ts";
import type { CascadeOutbox, Waiting } from "./cascade-outbox.ts";

/** A transition that could not be published for this long is given up. */
const PUBLISH_WITHIN_MS = 3_600_000;
const FIRST_WAIT_MS = 10_000;

export interface PublisherDependencies {
  /** Stores the latest record of each cascade. May throw: it is called again with the same records. */
  saveCascades(records: readonly CascadeRecord[]): Promise<void>;
  /** @param time when the transition was noticed, ms */
  publish(transition: CascadeTransition, time: number): Promise<PublishOutcome>;
  /** Notes a transition that is given up. May throw: the transition then stays in the outbox. */
  addDeadLetter(transition: CascadeTransition, time: number, reason: string): Promise<void>;
  now(): number;
}

/**
 * Stores and publishes what waits in the outbox. A transition that cannot be published waits, for longer each time,
 * and is given up after an hour. Later transitions of its cascade wait for it, so that a receiver sees no end before its
 * start; those of other cascades are published, and records are stored at once.
 */
export class CascadePublisher {
  readonly #outbox: CascadeOutbox;
  readonly #deps: PublisherDependencies;
  #running = false;

  constructor(outbox: CascadeOutbox, deps: PublisherDependencies) {
    this.#outbox = outbox;
    this.#deps = deps;
  }

  /** Never throws and never runs twice at once. What fails waits for a later run. */
  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let due = this.#due(); due.length > 0; due = this.#due()) {
        const unsaved = due.filter(({ saved }) => saved === 0);
        await this.#deps.saveCascades(unsaved.map(({ record }) => record));
        this.#outbox.markSaved(unsaved);
        const byCascade = Map.groupBy(due, ({ record }) => record.cascade_id);
        await Promise.all(Array.from(byCascade.values(), (waiting) => this.#publishAll(waiting)));
      }
    } catch (error) {
      writeLog("error", { event: "cascade_publish_failed", error: messageOf(error) });
    } finally {
      this.#running = false;
    }
  }

  #due(): readonly Waiting[] {
    return this.#outbox.due(this.#deps.now());
  }

  /** Takes entries of one cascade, in order. */
  async #publishAll(waiting: readonly Waiting[]): Promise<void> {
    let isPostponed = false;
    for (const one of waiting) {
      if (one.kind === null) this.#outbox.done(one.id);
      else if (!isPostponed && one.behind === 0) isPostponed = !(await this.#publish(one, one.kind));
    }
  }

  /** @returns false where the transition is postponed */
  async #publish({ id, time, record, tries }: Waiting, kind: CascadeTransition["kind"]): Promise<boolean> {
    const outcome = await this.#deps.publish({ kind, record }, time);
    const now = this.#deps.now();
    if (outcome.kind === "failed") {
      if (!outcome.final && now - time < PUBLISH_WITHIN_MS) {
        this.#outbox.postpone(id, now + Math.min(FIRST_WAIT_MS * 2 ** tries, MAX_WAIT_MS));
        return false;
      }
      await this.#deps.addDeadLetter({ kind, record }, time, outcome.reason);
    }
    this.#outbox.done(id);
    return true;
  }
}
