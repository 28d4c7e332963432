import { flowUsd } from "../flow-usd.ts";
import type { Totals } from "../windows/totals.ts";
import { ExactSum } from "./exact-sum.ts";
import type { ReplayedEvent } from "./replayed-event.ts";

/** Running totals of the events of one venue and side. */
export class Tally {
  readonly usd = new ExactSum();
  readonly #mark = new ExactSum();
  readonly #quantity = new ExactSum();
  #events = 0;
  #maxUsd: number | null = null;

  add(event: ReplayedEvent): void {
    const { notional_mark_usd: mark, quantity } = event;
    const usd = flowUsd(event);
    this.#events += 1;
    if (usd !== null) {
      this.usd.add(usd);
      this.#maxUsd = Math.max(this.#maxUsd ?? usd, usd);
    }
    if (mark !== null) this.#mark.add(mark);
    if (quantity !== null) this.#quantity.add(quantity);
  }

  addAll(other: Tally): void {
    this.#events += other.#events;
    this.usd.addAll(other.usd);
    this.#mark.addAll(other.#mark);
    this.#quantity.addAll(other.#quantity);
    if (other.#maxUsd !== null) this.#maxUsd = Math.max(this.#maxUsd ?? other.#maxUsd, other.#maxUsd);
  }

  totals(): Totals {
    return {
      events: this.#events,
      events_without_usd: this.#events - this.usd.count,
      events_without_notional_mark: this.#events - this.#mark.count,
      usd: this.usd.value,
      notional_mark_usd: this.#mark.value,
      quantity: this.#quantity.value,
      max_usd: this.#maxUsd,
    };
  }
}
