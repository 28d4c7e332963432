import type { Liquidation } from "../api/schema.ts";

/**
 * The liquidations that the page holds, newest received last, each once. Old ones give way, so memory stays flat however long
 * the page is open.
 */
export class EventLog {
  readonly #max: number;
  #events: Liquidation[] = [];
  #ids = new Set<string>();
  #completeFrom = Number.NEGATIVE_INFINITY;

  constructor(max: number) {
    this.#max = max;
  }

  /** @returns false where the event is held already */
  add(event: Liquidation): boolean {
    if (!this.#take(event)) return false;
    this.#trim();
    return true;
  }

  /** Adds events that were missed, at their place by event time. @returns how many were new */
  merge(events: readonly Liquidation[]): number {
    const added = events.filter((event) => this.#take(event)).length;
    if (added === 0) return 0;
    // Sorted first, so that what gives way is the oldest and not what was held before.
    this.#events.sort((a, b) => a.event_time - b.event_time);
    this.#trim();
    return added;
  }

  /** Oldest first. It is the log's own list: read it at once, and do not keep it. */
  get events(): readonly Liquidation[] {
    return this.#events;
  }

  /** From this event time on, no event has given way, of any base asset; minus infinity where none has at all. */
  get completeFrom(): number {
    return this.#completeFrom;
  }

  #take(event: Liquidation): boolean {
    if (this.#ids.has(event.event_id)) return false;
    this.#ids.add(event.event_id);
    this.#events.push(event);
    return true;
  }

  #trim(): void {
    // In halves, so that an event does not move all others.
    if (this.#events.length <= this.#max * 1.5) return;
    const count = this.#events.length - this.#max;
    for (const { event_time: time } of this.#events.slice(0, count)) this.#completeFrom = Math.max(this.#completeFrom, time + 1);
    this.#events = this.#events.slice(count);
    this.#ids = new Set(this.#events.map(({ event_id: id }) => id));
  }
}
