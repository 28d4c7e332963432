import { completeLiquidation } from "../../src/complete-liquidation.ts";
import type { Liquidation, MarketFields, VenueLiquidation } from "../../src/liquidation.ts";
import { type MarketContext, marketFields, withMarkPrice } from "../../src/market/market-context.ts";
import type { FeedCounters } from "./feed-counters.ts";
import type { HubOffers } from "./hub-offers.ts";
import { DEDUPE_MS } from "./journal/journal.ts";
import type { JournalWriter } from "./journal/journal-writer.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Log } from "../../src/log.ts";

interface Dependencies {
  readonly journal: Pick<JournalWriter, "append">;
  readonly counters: FeedCounters;
  readonly offers: HubOffers;
  readonly contexts: () => readonly MarketContext[];
  readonly log: Log;
}

/**
 * Accepts liquidations: it journals each with its market fields in the turn of the event loop in which it arrived, and
 * then passes it to the hub.
 */
export class Intake {
  readonly #deps: Dependencies;
  #gapBeforeMs = 0;
  #lastEventTime: number | null;

  constructor(deps: Dependencies, lastEventTime: number | null) {
    this.#deps = deps;
    this.#lastEventTime = lastEventTime;
  }

  /** Event time of the latest liquidation, ms. */
  get lastEventTime(): number | null {
    return this.#lastEventTime;
  }

  /** The next liquidation of the stream carries the length of the gap before it. */
  gapEnded(lengthMs: number): void {
    this.#gapBeforeMs += lengthMs;
  }

  /**
   * @param frame the text of the raw frame, to be journaled with it; null where another liquidation carries it
   * @returns whether it is new and was journaled
   * @throws what the storage said, where it refuses the liquidation
   */
  take(venue: VenueLiquidation, receivedTime: number, source: Liquidation["source"], frame: string | null): boolean {
    const { journal, counters, offers } = this.#deps;
    if (venue.event_time < receivedTime - DEDUPE_MS) {
      counters.raise("too_old");
      return false;
    }
    // Liquidations of a backfill belong to a past market.
    const { fields, priced } = source === "stream" ? this.#marketFields(venue, receivedTime) : { fields: {}, priced: venue };
    const gapBefore = source === "stream" ? this.#gapBeforeMs : 0;
    const liquidation = completeLiquidation(priced, { received_time: receivedTime, source, gap_before_ms: gapBefore, ...fields });
    const sequence = journal.append(liquidation, frame);
    if (sequence === null) {
      counters.raise("duplicates");
      return false;
    }
    if (source === "stream") this.#gapBeforeMs = 0;
    this.#lastEventTime = Math.max(this.#lastEventTime ?? 0, liquidation.event_time);
    counters.took(liquidation);
    offers.push({ sequence, liquidation });
    return true;
  }

  /** Enrichment must never cost an event: a failure is logged, and the fields stay unknown. */
  #marketFields(venue: VenueLiquidation, receivedTime: number): { priced: VenueLiquidation; fields: Partial<MarketFields> } {
    const contexts = this.#deps.contexts();
    try {
      const priced = withMarkPrice(venue, contexts, receivedTime);
      return { priced, fields: marketFields(contexts, priced, receivedTime) };
    } catch (error) {
      this.#deps.log({ event: "market_fields_failed", event_id: venue.event_id, error: messageOf(error) });
      return { priced: venue, fields: {} };
    }
  }
}
