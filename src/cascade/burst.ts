import { BURST_PAUSE_MS } from "./second-block.ts";
import { type ByExchange, neverByExchange, type Tally } from "./tally.ts";

/** A burst followed back in time from its last event, until a pause. */
export class Burst {
  /** Times of its last and its first event, ms. */
  readonly last: number;
  start: number;
  isOver = false;
  /** Time of its first event; Infinity where there is none. */
  readonly firstByExchange: ByExchange;

  /** @param last time from which the last event lies at most a pause back */
  constructor(last: number, firstByExchange = neverByExchange()) {
    this.last = last;
    this.start = last;
    this.firstByExchange = firstByExchange;
  }

  /** Goes on with the events before, which hold no pause among them. */
  back(tally: Tally): void {
    this.#take(tally.last, tally.first, tally.firstByExchange);
  }

  /** Goes on with a burst that ended before; it belongs to this one where no pause lies between. */
  backTo(earlier: Burst): void {
    this.#take(earlier.last, earlier.start, earlier.firstByExchange);
  }

  #take(last: number, start: number, firstByExchange: ByExchange): void {
    this.isOver ||= this.start - last > BURST_PAUSE_MS;
    if (this.isOver) return;
    this.start = start;
    for (let exchange = 0; exchange < firstByExchange.length; exchange += 1) {
      const first = firstByExchange[exchange] ?? Infinity;
      if (first < (this.firstByExchange[exchange] ?? Infinity)) this.firstByExchange[exchange] = first;
    }
  }
}
