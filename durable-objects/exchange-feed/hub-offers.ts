import type { CrossVenueFields, Liquidation } from "../../src/liquidation.ts";
import type { Journal } from "./journal/journal.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Log } from "../../src/log.ts";

const MAX_PER_CALL = 250;
/**
 * Maximum number of events that wait while the hub does not respond. The oldest stay without fields, because the hub
 * would no longer use them.
 */
const MAX_WAITING = 20_000;
const PAUSE_AFTER_FAILURE_MS = 1_000;

export type Observe = (liquidations: readonly Liquidation[]) => Promise<readonly CrossVenueFields[]>;

interface Offer {
  readonly sequence: number;
  readonly liquidation: Liquidation;
}

/**
 * Sends journaled liquidations to the hub, one call at a time, and writes its answers into the journal. A failure of
 * the hub costs fields, never the event: a row is sealed without them after a while.
 */
export class HubOffers {
  readonly #journal: Journal;
  readonly #observe: Observe;
  readonly #log: Log;
  #waiting: Offer[] = [];
  #running = false;

  constructor(journal: Journal, observe: Observe, log: Log) {
    this.#journal = journal;
    this.#observe = observe;
    this.#log = log;
  }

  push(offer: Offer): void {
    this.#waiting.push(offer);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.splice(0, this.#waiting.length - MAX_WAITING);
    if (this.#running) return;
    this.#running = true;
    setTimeout(() => void this.#drain(), 0);
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const offers = this.#waiting.slice(0, MAX_PER_CALL);
      try {
        const fields = await this.#observe(offers.map((offer) => offer.liquidation));
        this.#journal.settle(
          offers.map(({ sequence, liquidation }, index) => ({ sequence, liquidation: { ...liquidation, ...fields[index] } })),
        );
        const answered = new Set(offers);
        this.#waiting = this.#waiting.filter((offer) => !answered.has(offer));
      } catch (error) {
        this.#log({ event: "hub_failed", waiting: this.#waiting.length, error: messageOf(error) });
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_FAILURE_MS));
      }
    }
    this.#running = false;
  }
}
