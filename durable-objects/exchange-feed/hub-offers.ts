import type { CrossVenueFields, Liquidation } from "../../src/liquidation.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Log } from "../../src/log.ts";

const MAX_PER_CALL = 250;
/** Maximum size of a call, 32 MiB: https://developers.cloudflare.com/workers/runtime-apis/rpc/ */
const MAX_BYTES_PER_CALL = 4 * 1024 * 1024;
/** More than a field adds to its text: its name and a number. */
const BYTES_PER_FIELD = 64;
/** Number of single failures after which the hub is asked about nothing, to show whether it fails or only this offer. */
const FAILURES_BEFORE_PROBE = 30;
/**
 * Maximum number of events that wait while the hub does not respond. The oldest stay without fields, because the hub
 * would no longer use them.
 */
const MAX_WAITING = 20_000;
const PAUSE_AFTER_FAILURE_MS = 1_000;

export type Observe = (liquidations: readonly Liquidation[]) => Promise<readonly CrossVenueFields[]>;

/** The methods of the journal that are used here. */
interface OfferJournal {
  settle(rows: readonly Offer[]): void;
}

/** Records that the hub is no longer asked about a liquidation, and the reason. */
type GiveUp = (liquidation: Liquidation, error: string) => void;

interface Offer {
  readonly sequence: number;
  readonly liquidation: Liquidation;
}

/**
 * Sends journaled liquidations to the hub, one call at a time, and writes its answers into the journal. A failure of
 * the hub costs fields, never the event: a row is sealed without them after a while. A call that fails is halved until
 * an offer stands alone. An offer that fails alone while the hub answers others is given up, so that it delays none; while
 * the hub answers nothing, none is.
 */
export class HubOffers {
  readonly #journal: OfferJournal;
  readonly #observe: Observe;
  readonly #log: Log;
  readonly #giveUp: GiveUp;
  #waiting: Offer[] = [];
  #running = false;
  #maxPerCall = MAX_PER_CALL;
  #answers = 0;
  /** Offers that failed alone: the number of failures, and the number of answered calls at the first one. */
  readonly #failedAlone = new Map<Offer, { readonly failures: number; readonly answers: number }>();

  constructor(journal: OfferJournal, observe: Observe, log: Log, giveUp: GiveUp) {
    this.#journal = journal;
    this.#observe = observe;
    this.#log = log;
    this.#giveUp = giveUp;
  }

  /** Time of receipt of the oldest liquidation that the hub has not answered, ms; null where there is none. */
  get oldestReceived(): number | null {
    return this.#waiting.reduce<number | null>((oldest, { liquidation: { received_time: time } }) => Math.min(oldest ?? time, time), null);
  }

  push(offer: Offer): void {
    this.#waiting.push(offer);
    if (this.#waiting.length > MAX_WAITING) this.#remove(new Set(this.#waiting.slice(0, this.#waiting.length - MAX_WAITING)));
    if (this.#running) return;
    this.#running = true;
    setTimeout(() => void this.#drain(), 0);
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const offers = this.#nextCall();
      try {
        const fields = await this.#observe(offers.map((offer) => offer.liquidation));
        this.#journal.settle(
          offers.map(({ sequence, liquidation }, index) => ({ sequence, liquidation: { ...liquidation, ...fields[index] } })),
        );
        this.#remove(new Set(offers));
        this.#answers += 1;
        this.#maxPerCall = Math.min(MAX_PER_CALL, this.#maxPerCall * 2);
      } catch (error) {
        this.#log({ event: "hub_failed", waiting: this.#waiting.length, offered: offers.length, error: messageOf(error) });
        await this.#fail(offers, messageOf(error));
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_FAILURE_MS));
      }
    }
    this.#running = false;
  }

  /** The oldest offers, as many as fit one call, and at least one. */
  #nextCall(): readonly Offer[] {
    let bytes = 0;
    const candidates = this.#waiting.slice(0, this.#maxPerCall);
    const tooMany = candidates.findIndex(({ liquidation }, index) => {
      bytes += bytesOf(liquidation);
      return bytes > MAX_BYTES_PER_CALL && index > 0;
    });
    return tooMany === -1 ? candidates : candidates.slice(0, tooMany);
  }

  async #fail(offers: readonly Offer[], error: string): Promise<void> {
    const [offer, ...others] = offers;
    if (offer === undefined) return;
    if (others.length > 0) {
      this.#maxPerCall = Math.ceil(offers.length / 2);
      return;
    }
    const before = this.#failedAlone.get(offer) ?? { failures: 0, answers: this.#answers };
    const failures = before.failures + 1;
    const isItsOwn = this.#answers > before.answers || (failures >= FAILURES_BEFORE_PROBE && (await this.#responds()));
    this.#remove(new Set(offers));
    if (isItsOwn) {
      this.#giveUp(offer.liquidation, error);
      return;
    }
    this.#failedAlone.set(offer, { ...before, failures });
    // Moved to the end, so that the offers behind it show whether the hub fails or only this offer.
    this.#waiting.push(offer);
  }

  async #responds(): Promise<boolean> {
    try {
      await this.#observe([]);
      return true;
    } catch {
      return false;
    }
  }

  #remove(offers: ReadonlySet<Offer>): void {
    this.#waiting = this.#waiting.filter((offer) => !offers.has(offer));
    for (const offer of offers) this.#failedAlone.delete(offer);
  }
}

/** A lower bound of a liquidation's size in a call, bytes: a text takes up to two bytes per character. */
function bytesOf(liquidation: Liquidation): number {
  return Object.values(liquidation).reduce<number>(
    (sum, value) => sum + BYTES_PER_FIELD + (typeof value === "string" ? 2 * value.length : 0),
    0,
  );
}
