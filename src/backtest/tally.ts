import { flowUsd } from "../flow-usd.ts";
import type { Totals } from "../windows/totals.ts";
import { ExactSum } from "./exact-sum.ts";
import type { ReplayedEvent } from "./replayed-event.ts";

/** Running totals of the events of one venue and side. */
export class Tally {
  #events = 0;
  #withUsd = 0;
  #withMark = 0;
  #withQuantity = 0;
  #maxUsd: number | null = null;
  readonly #usd = new ExactSum();
  readonly #mark = new ExactSum();
  readonly #quantity = new ExactSum();

  add(event: ReplayedEvent): void {
    const { notional_mark_usd: mark, quantity } = event;
    const usd = flowUsd(event);
    this.#events += 1;
    if (usd !== null) {
      this.#withUsd += 1;
      this.#usd.add(usd);
      this.#maxUsd = Math.max(this.#maxUsd ?? usd, usd);
    }
    if (mark !== null) {
      this.#withMark += 1;
      this.#mark.add(mark);
    }
    if (quantity !== null) {
      this.#withQuantity += 1;
      this.#quantity.add(quantity);
    }
  }

  addAll(other: Tally): void {
    this.#events += other.#events;
    this.#withUsd += other.#withUsd;
    this.#withMark += other.#withMark;
    this.#withQuantity += other.#withQuantity;
    this.#usd.addAll(other.#usd);
    this.#mark.addAll(other.#mark);
    this.#quantity.addAll(other.#quantity);
    if (other.#maxUsd !== null) this.#maxUsd = Math.max(this.#maxUsd ?? other.#maxUsd, other.#maxUsd);
  }

  get events(): number {
    return this.#events;
  }

  totals(): Totals {
    return {
      events: this.#events,
      events_without_usd: this.#events - this.#withUsd,
      events_without_notional_mark: this.#events - this.#withMark,
      usd: this.#withUsd === 0 ? null : this.#usd.value,
      notional_mark_usd: this.#withMark === 0 ? null : this.#mark.value,
      quantity: this.#withQuantity === 0 ? null : this.#quantity.value,
      max_usd: this.#maxUsd,
    };
  }
}
